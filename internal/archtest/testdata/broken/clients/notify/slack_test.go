package notify

import "net/http"

var client = http.DefaultClient
