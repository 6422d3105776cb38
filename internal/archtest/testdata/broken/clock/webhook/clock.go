package webhook

import "time"

var now = time.Now()
