package notify

import _ "github.com/wneessen/go-mail"
