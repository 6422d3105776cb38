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
// and every Options.Poll; that look is all that an idle process asks of the store.
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
		d.wake.await(ctx, min(next, d.options.Poll))
	}
}

// claimOnce claims as many runs as there is room for and returns how long nothing more is due.
func (d *Dispatcher) claimOnce(ctx context.Context) (next time.Duration, err error) {
	d.giveBack(d.lanes.late(2 * leaseMargin))
	room := d.lanes.claim(maxClaim)
	defer d.lanes.claimed()
	if room == 0 {
		return d.options.Poll, nil // a worker that makes room wakes it
	}
	until := time.Now().Add(d.options.Lease)
	c, err := d.store.Claim(ctx, store.Lease{Max: room, For: d.options.Lease})
	if err != nil {
		return 0, err
	}
	if c.Notices <= 0 {
		d.notices.wake()
	}
	unread := d.config.catchUp(ctx, c.Mark) // and then what is known has to do: the runs are here
	d.lanes.hold(c.Held)
	jobs := make([]job, len(c.Runs))
	for i, r := range c.Runs {
		jobs[i] = job{run: r, until: until}
	}
	if err := d.hold(ctx, d.lanes.add(jobs, false)); err != nil {
		return 0, err
	}
	if unread != nil {
		return 0, unread
	}
	wait, err := d.release(ctx, c.Held)
	return min(c.Next, wait), err
}

// hold takes the runs of lanes that are full out of the queue, so that they do not stand before the runs of others, and
// gives back those that were claimed in vain, also when ctx ends meanwhile, or the store can do only that.
func (d *Dispatcher) hold(ctx context.Context, over []job) error {
	if len(over) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	seen := map[string]bool{}
	var flows []store.Flow
	for _, j := range over {
		if id := j.run.Automation; !seen[id] {
			seen[id] = true
			flows = append(flows, store.Flow{Automation: id, Hold: runs.HoldBusy})
		}
	}
	d.options.Log.Debug("runs held", "automations", len(flows))
	held := d.store.Flow(ctx, flows)
	_, back := d.store.Settle(ctx, backs(over))
	return errors.Join(held, back)
}

// release lets runs out of held lanes that may go on, whichever process held them, and returns how long no more of them
// may.
func (d *Dispatcher) release(ctx context.Context, held []store.Lane) (wait time.Duration, err error) {
	wait = time.Hour
	var flows []store.Flow
	config := d.config.current.Load()
	for _, l := range held {
		if l.Wait > 0 {
			wait = min(wait, l.Wait)
			continue
		}
		n, pause := d.lanes.release(l, config.byID[l.Automation].Limits, d.options.Lease)
		if n > 0 {
			flows = append(flows, store.Flow{Automation: l.Automation, Release: n, Pause: pause})
		}
	}
	if len(flows) == 0 {
		return wait, nil
	}
	return 0, d.store.Flow(ctx, flows)
}
