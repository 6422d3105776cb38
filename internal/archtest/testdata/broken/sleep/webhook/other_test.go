package webhook

import "time"

var pause = func() { time.Sleep(time.Second) }
