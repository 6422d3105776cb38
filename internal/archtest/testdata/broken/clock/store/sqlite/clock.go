package sqlite

import "time"

var now = time.Now()
