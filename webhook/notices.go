package webhook

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/store"
)

const (
	maxNotices   = 10               // taken from the store at a time
	notifyWait   = time.Minute      // bounds one call of the notifier
	noticesLease = 15 * time.Minute // longer than maxNotices of them; also the wait before one that failed is tried again
	quiet        = time.Hour        // between two notices of the same about an automation (SPEC N1)
)

// bell wakes the one who waits for it.
type bell chan struct{} // holds one

func (b bell) wake() {
	select {
	case b <- struct{}{}:
	default: // it was rung already
	}
}

// await returns after a time, or sooner when the bell rings or ctx ends.
func (b bell) await(ctx context.Context, wait time.Duration) {
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-b:
	case <-timer.C:
	}
}

// notify passes notices from the store to the host's Notifier until ctx ends, beside delivery and never in its way.
func (d *Dispatcher) notify(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		next, err := d.notifyOnce(ctx)
		if err != nil {
			if ctx.Err() == nil {
				d.options.Log.Error("notices not read", "error", err)
			}
			next, pause = pause, min(2*pause, maxPause)
		} else {
			pause = firstPause
		}
		d.notices.await(ctx, next) // or until a look of the claimer tells of some
	}
}

// notifyOnce passes on what is due and returns how long nothing more is. What the notifier refuses, or whoever died
// meanwhile did not pass on, is due again when its lease ends.
func (d *Dispatcher) notifyOnce(ctx context.Context) (next time.Duration, err error) {
	due, next, err := d.store.ClaimNotices(ctx, store.Lease{Max: maxNotices, For: noticesLease})
	if err != nil {
		return 0, err
	}
	for _, n := range due {
		if err := d.pass(ctx, n); err != nil {
			d.options.Log.Error("notify failed", "automation", n.Automation, "change", string(n.Change), "error", withoutAddresses(err.Error()))
			continue
		}
		if err := d.store.SettleNotices(context.WithoutCancel(ctx), []store.Notice{n}, quiet); err != nil {
			return 0, err
		}
	}
	return next, nil
}

// pass gives a notice to the host's notifier, and waits for it, which is called once at a time, as long as ctx lasts. Of an
// automation that is gone nobody is told.
func (d *Dispatcher) pass(ctx context.Context, n store.Notice) error {
	s, err := d.config.refresh(ctx, "") // its name and recipients as they are now
	if err != nil {
		return err
	}
	a, ok := s.byID[n.Automation]
	if !ok {
		return s.complete()
	}
	bounded, cancel := context.WithTimeout(ctx, notifyWait)
	defer cancel()
	return within(ctx, func() error { return d.options.Notifier.Notify(bounded, []notify.Notice{notice(a, n)}) })
}

func notice(a automation.Automation, n store.Notice) notify.Notice {
	kinds := map[automation.Change]notify.Kind{
		automation.Failing: notify.FirstFailure, automation.Disabling: notify.Disabled, automation.Recovered: notify.Recovered,
	}
	return notify.Notice{
		Kind: kinds[n.Change], Account: a.Account, Automation: a.ID, Name: a.Name, Recipients: a.Recipients, Count: n.Count,
		Run: n.Run, At: n.At, Reason: n.Reason, StatusCode: n.StatusCode, Class: n.Class, Detail: n.Detail,
	}
}
