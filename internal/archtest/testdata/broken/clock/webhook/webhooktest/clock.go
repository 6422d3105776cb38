package webhooktest

import "time"

var now = time.Now()
