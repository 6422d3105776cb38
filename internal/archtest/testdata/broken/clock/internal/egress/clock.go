package egress

import "time"

var now = time.Now()
