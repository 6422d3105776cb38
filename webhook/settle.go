package webhook

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

const (
	maxSettle     = 1000
	commitTimeout = 30 * time.Second
)

// outcome is a result on its way to the store.
type outcome struct {
	runs.Result
	automation string // of the run; only needed with a Health
}

// settle writes outcomes to the store until done is closed and none is left: each transaction takes what came in while the
// one before it ran. While the store fails it tries again, so workers that have nowhere to put an outcome wait; once
// patience ends it gives up, and the runs come round with their leases.
func (d *Dispatcher) settle(patience context.Context, done <-chan struct{}) {
	batch := make([]runs.Result, 0, maxSettle)
	for {
		select {
		case o := <-d.outcomes:
			batch = d.gather(append(batch[:0], d.result(o)))
			d.settleBatch(patience, batch)
		case <-done:
			for batch = d.gather(batch[:0]); len(batch) > 0; batch = d.gather(batch[:0]) {
				d.settleBatch(patience, batch)
			}
			return
		}
	}
}

// gather adds the outcomes that are there already.
func (d *Dispatcher) gather(batch []runs.Result) []runs.Result {
	for len(batch) < maxSettle {
		select {
		case o := <-d.outcomes:
			batch = append(batch, d.result(o))
		default:
			return batch
		}
	}
	return batch
}

// result returns what to write of an outcome. Outcomes do not come in the order in which they were judged, so where health
// changed it is written as it is now: then the last write is right.
func (d *Dispatcher) result(o outcome) runs.Result {
	if o.Health != nil {
		now := d.health.of(o.automation)
		o.Health = &now
	}
	return o.Result
}

func (d *Dispatcher) settleBatch(patience context.Context, batch []runs.Result) {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		stale, err := d.settleOnce(context.WithoutCancel(patience), batch)
		if err == nil {
			if stale > 0 {
				d.options.Log.Warn("late outcomes ignored", "runs", stale)
			}
			break
		}
		d.options.Log.Error("settle failed", "error", err)
		select {
		case <-patience.Done():
			return
		case <-time.After(pause):
		}
	}
	if soonest(batch) < d.options.Poll {
		d.Wake()
	}
}

func (d *Dispatcher) settleOnce(ctx context.Context, batch []runs.Result) (stale int, err error) {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	return d.store.Settle(ctx, batch)
}

// soonest returns the shortest wait for another try in a batch, or an hour.
func soonest(batch []runs.Result) time.Duration {
	wait := time.Hour
	for _, res := range batch {
		if res.Status == runs.Scheduled {
			wait = min(wait, res.After)
		}
	}
	return wait
}
