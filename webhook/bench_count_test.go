package webhook_test

import (
	"context"
	"sync/atomic"

	"github.com/tenterhook/tenterhook/store"
)

// counting is a store that tells when as many runs have ended as were wanted, and how many are on their way.
type counting struct {
	store.Store
	ended atomic.Int64
	want  int64
	done  chan struct{}
	ahead chan struct{} // has one element for each event that was published and has not ended; nil: they are not counted
}

// enter waits until another event may be published.
func (c *counting) enter() {
	if c.ahead != nil {
		c.ahead <- struct{}{}
	}
}

func (c *counting) leave(n int64) {
	for ; c.ahead != nil && n > 0; n-- {
		<-c.ahead
	}
}

func (c *counting) Settle(ctx context.Context, outcomes []store.Outcome) (store.Settled, error) {
	s, err := c.Store.Settle(ctx, outcomes)
	n := int64(0)
	for _, r := range outcomes {
		if r.Status.Ended() {
			n++
		}
	}
	c.leave(n)
	if now := c.ended.Add(n); now >= c.want && now-n < c.want {
		close(c.done)
	}
	return s, err
}
