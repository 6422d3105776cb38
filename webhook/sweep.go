package webhook

import (
	"context"
	"time"
)

const (
	sweepEvery = time.Minute
	sweepStep  = 500 // runs removed in one transaction, so that deliveries get the store in between
)

// sweep removes what is past its retention until ctx ends.
func (d *Dispatcher) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		d.sweepOnce(ctx)
		d.lanes.trim()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (d *Dispatcher) sweepOnce(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := d.store.Prune(ctx, d.options.Retention, sweepStep)
		if err != nil && ctx.Err() == nil {
			d.options.Log.Error("prune failed", "error", err)
		}
		if err != nil || n < sweepStep {
			return
		}
	}
}
