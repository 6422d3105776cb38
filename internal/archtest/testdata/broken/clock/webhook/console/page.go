package console

import "time"

var now func() time.Time = time.Now
