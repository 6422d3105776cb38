package notify

import "time"

func late(since time.Time) bool { return time.Since(since) > time.Hour || time.Now().After(since) }
