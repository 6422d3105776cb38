package notify

import "time"

var began = time.Now()
