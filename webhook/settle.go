package webhook

import (
	"context"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

const (
	maxSettle     = 1000
	commitTimeout = 30 * time.Second
)

// settle writes outcomes to the store until done is closed and none is left: each transaction takes what came in while the
// one before it ran. While the store fails it tries again, so workers that have nowhere to put an outcome wait; once
// patience ends it gives up, and the runs come round with their leases.
func (d *Dispatcher) settle(patience context.Context, done <-chan struct{}) {
	batch := make([]store.Outcome, 0, maxSettle)
	var left leftovers
	for {
		select {
		case o := <-d.outcomes:
			batch = d.gather(append(batch[:0], o))
			left.keep(d.settleBatch(patience, batch))
		case <-left.again:
			left.keep(d.settleBatch(patience, left.take()))
		case <-done:
			for batch = d.gather(left.take()); len(batch) > 0; batch = d.gather(batch[:0]) {
				d.settleBatch(patience, batch)
			}
			return
		}
	}
}

// leftovers are outcomes that a part of the store could not take. They wait aside, so that those of other parts do not wait
// for them. Of more than maxLeft the oldest are given up: their runs come round with their leases.
type leftovers struct {
	outcomes []store.Outcome
	again    <-chan time.Time // nil while there are none
}

const (
	maxLeft   = 10_000
	leftPause = time.Second
)

func (l *leftovers) keep(more []store.Outcome) {
	if len(more) == 0 {
		return
	}
	l.outcomes = append(l.outcomes, more...)
	l.outcomes = l.outcomes[max(0, len(l.outcomes)-maxLeft):]
	if l.again == nil {
		l.again = time.After(leftPause)
	}
}

func (l *leftovers) take() []store.Outcome {
	all := l.outcomes
	l.outcomes, l.again = nil, nil
	return all
}

// gather adds the outcomes that are there already.
func (d *Dispatcher) gather(batch []store.Outcome) []store.Outcome {
	for len(batch) < maxSettle {
		select {
		case o := <-d.outcomes:
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// settleBatch writes outcomes, and then those of the runs that their verdicts keep from being sent. It returns what the store
// has left.
func (d *Dispatcher) settleBatch(patience context.Context, batch []store.Outcome) (left []store.Outcome) {
	for len(batch) > 0 {
		d.rule(batch)
		s, ok := d.write(patience, batch)
		if !ok {
			return left
		}
		left = append(left, s.Left...)
		if s.Stale > 0 {
			d.options.Log.Warn("late outcomes ignored", "runs", s.Stale)
		}
		if soonest(batch) < d.options.Poll || d.letsOn(batch) {
			d.Wake()
		}
		batch = d.heed(patience, batch, s)
	}
	return left
}

// write writes outcomes, again and again while the store fails; false when patience ended before it did.
func (d *Dispatcher) write(patience context.Context, batch []store.Outcome) (store.Settled, bool) {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		s, err := d.settleOnce(context.WithoutCancel(patience), batch)
		if err == nil {
			return s, true
		}
		d.options.Log.Error("settle failed", "error", err)
		select {
		case <-patience.Done():
			return store.Settled{}, false
		case <-time.After(pause):
		}
	}
}

func (d *Dispatcher) settleOnce(ctx context.Context, batch []store.Outcome) (store.Settled, error) {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	return d.store.Settle(ctx, batch)
}

// letsOn tells whether a batch ends runs that others of their automations wait for.
func (d *Dispatcher) letsOn(batch []store.Outcome) bool {
	config := d.config.current.Load()
	return slices.ContainsFunc(batch, func(o store.Outcome) bool {
		return o.Status.Ended() && config.byID[o.Automation].Limits.Ordered
	})
}

// soonest returns the shortest wait for another try in a batch, or an hour.
func soonest(batch []store.Outcome) time.Duration {
	wait := time.Hour
	for _, res := range batch {
		if res.Status == runs.Scheduled {
			wait = min(wait, res.After)
		}
	}
	return wait
}
