package webhook

import _ "modernc.org/sqlite"
