package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

const (
	maxClaim   = 500
	firstPause = 100 * time.Millisecond // after an error of the store; doubles up to maxPause
	maxPause   = 5 * time.Second
)

// claim brings due runs from the store to the lanes until ctx ends. It looks when it was woken, when the next run is due,
// and every Options.Poll.
func (d *Dispatcher) claim(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		next, err := d.claimOnce(ctx)
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				d.options.Log.Error("claim failed", "error", err)
			}
			next, pause = pause, min(2*pause, maxPause)
		} else {
			pause = firstPause
		}
		d.await(ctx, min(next, d.options.Poll))
	}
}

// await returns after a time, or sooner when woken.
func (d *Dispatcher) await(ctx context.Context, wait time.Duration) {
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-d.wake:
	case <-timer.C:
	}
}

// claimOnce claims as many runs as there is room for and returns how long nothing more is due.
func (d *Dispatcher) claimOnce(ctx context.Context) (next time.Duration, err error) {
	if _, err := d.config.fresh(ctx); err != nil {
		return 0, err
	}
	room := min(maxClaim, d.lanes.room())
	if room == 0 {
		return d.options.Poll, nil // a worker that makes room wakes it
	}
	until := time.Now().Add(d.options.Lease)
	c, err := d.store.Claim(ctx, store.Lease{Max: room, For: d.options.Lease})
	if err != nil {
		return 0, err
	}
	d.lanes.hold(c.Held)
	var jobs, over []job
	for _, r := range c.Runs {
		if j := (job{run: r, until: until}); d.disabled(r.Automation) {
			over = append(over, j) // who disabled it died before it held its runs
		} else {
			jobs = append(jobs, j)
		}
	}
	if err := d.hold(ctx, append(over, d.lanes.add(jobs, false)...)); err != nil {
		return 0, err
	}
	released, err := d.release(ctx, c.Held)
	if released {
		return 0, err
	}
	return c.Next, err
}

// hold takes the runs of lanes that are full out of the queue, so that they do not stand before the runs of others, and
// gives back those that were claimed in vain. It holds them as busy even if their automation is disabled: what is known
// here may be old, and nobody would release them.
func (d *Dispatcher) hold(ctx context.Context, over []job) error {
	if len(over) == 0 {
		return nil
	}
	seen := map[string]bool{}
	var flows []store.Flow
	results := make([]runs.Result, len(over))
	for i, j := range over {
		results[i] = runs.GiveBack(j.run, 0)
		if id := j.run.Automation; !seen[id] {
			seen[id] = true
			flows = append(flows, store.Flow{Automation: id, Hold: runs.HoldBusy})
		}
	}
	if err := d.store.Flow(ctx, flows); err != nil {
		return err
	}
	d.options.Log.Debug("runs held", "automations", len(flows))
	_, err := d.store.Settle(ctx, results)
	return err
}

func (d *Dispatcher) disabled(automation string) bool {
	return d.config.current.Load().byID[automation].Disabled != nil
}

// release puts back runs of busy automations that have room again, whichever process held them.
func (d *Dispatcher) release(ctx context.Context, busy []string) (released bool, err error) {
	var flows []store.Flow
	for _, id := range busy {
		if d.disabled(id) {
			continue
		}
		if n := d.lanes.release(id); n > 0 {
			flows = append(flows, store.Flow{Automation: id, Release: n})
		}
	}
	if len(flows) == 0 {
		return false, nil
	}
	return true, d.store.Flow(ctx, flows)
}
