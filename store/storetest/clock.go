package storetest

import (
	"sync"
	"time"
)

// begin is when every proof begins: not on a full second, and late on a 28th of February in a zone that is not UTC.
var begin = time.Date(2026, 2, 28, 23, 59, 59, 123456000, time.FixedZone("", 3600))

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
