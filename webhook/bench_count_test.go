package webhook_test

import (
	"context"
	"sync/atomic"

	"github.com/tenterhook/tenterhook/store"
)

// counting is a store that tells when as many runs have ended as were wanted.
type counting struct {
	store.Store
	ended atomic.Int64
	want  int64
	done  chan struct{}
}

func (c *counting) Settle(ctx context.Context, outcomes []store.Outcome) (store.Settled, error) {
	s, err := c.Store.Settle(ctx, outcomes)
	n := int64(0)
	for _, r := range outcomes {
		if r.Status.Ended() {
			n++
		}
	}
	if now := c.ended.Add(n); now >= c.want && now-n < c.want {
		close(c.done)
	}
	return s, err
}
