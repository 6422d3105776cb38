package webhook_test

import (
	"context"
	"sync/atomic"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// counting is a store that tells when as many runs have ended as were wanted.
type counting struct {
	store.Store
	ended atomic.Int64
	want  int64
	done  chan struct{}
}

func (c *counting) Settle(ctx context.Context, results []runs.Result) (int, error) {
	stale, err := c.Store.Settle(ctx, results)
	n := int64(0)
	for _, r := range results {
		if r.Status.Ended() {
			n++
		}
	}
	if now := c.ended.Add(n); now >= c.want && now-n < c.want {
		close(c.done)
	}
	return stale, err
}
