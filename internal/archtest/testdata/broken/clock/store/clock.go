package store

import "time"

var now = time.Now()
