package webhook

import "time"

func pause() { time.Sleep(time.Second) }
