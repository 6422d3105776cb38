package webhook

import (
	"context"
	"errors"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// judge draws the consequences of a result for its automation: its health, its being disabled, and what people are told.
// It disables before the result is settled, so that a crash in between repeats the attempt rather than forget the verdict.
func (d *Dispatcher) judge(ctx context.Context, r runs.Run, res *runs.Result) {
	a, ok := d.config.current.Load().byID[r.Automation]
	if !ok || !a.Enabled() {
		return
	}
	change, reason := d.health.judge(a, res)
	if change == automation.Disabling && reason != automation.ByGone && d.succeededElsewhere(ctx, a, res) {
		return
	}
	if change == automation.Disabling {
		done, err := d.disable(context.WithoutCancel(ctx), a.ID, automation.Disabled{Reason: reason, At: res.Attempt.At.UTC()})
		if err != nil {
			d.options.Log.Error("disable failed", "automation", a.ID, "error", err)
		}
		if !done {
			return
		}
	}
	if kind := kinds[change]; kind != "" {
		d.tell(notice(kind, a, r, res, reason))
	}
}

var kinds = map[automation.Change]notify.Kind{
	automation.Failing: notify.FirstFailure, automation.Disabling: notify.Disabled, automation.Recovered: notify.Recovered,
}

func notice(kind notify.Kind, a automation.Automation, r runs.Run, res *runs.Result, reason automation.Reason) notify.Notice {
	return notify.Notice{
		Kind: kind, Account: a.Account, Automation: a.ID, Name: a.Name, Recipients: a.Recipients, Run: r.ID,
		At: res.Attempt.At, Reason: reason,
		StatusCode: res.Attempt.StatusCode, Class: res.Attempt.Class, Detail: res.Attempt.Detail,
	}
}

// succeededElsewhere tells whether runs that were made since an automation seems to be failing have succeeded: another
// process sent them, and this one does not hear of it. If so, its health begins anew.
func (d *Dispatcher) succeededElsewhere(ctx context.Context, a automation.Automation, res *runs.Result) bool {
	f := runs.Filter{Account: a.Account, Automation: a.ID, Statuses: []runs.Status{runs.Succeeded}, From: d.health.of(a.ID).FailingSince}
	page, err := d.store.List(context.WithoutCancel(ctx), f, "", 1)
	if err != nil {
		d.options.Log.Error("verdict put off", "automation", a.ID, "error", err)
		return true // the next failure asks again
	}
	if len(page.Runs) == 0 {
		return false
	}
	d.health.reset(a.ID)
	res.Health = &runs.Health{}
	return true
}

// disable disables an automation and holds its runs; false when somebody else did, or it is gone.
func (d *Dispatcher) disable(ctx context.Context, id string, why automation.Disabled) (done bool, err error) {
	for {
		s, err := d.config.refresh(ctx)
		if err != nil {
			return false, err
		}
		a, ok := s.byID[id]
		if !ok || !a.Enabled() {
			return false, nil
		}
		a.Disabled = &why
		_, err = d.save(ctx, a)
		if !errors.Is(err, store.ErrConflict) {
			return err == nil, err
		}
	}
}

// tell queues a notice. Deliveries never wait for it: when too many are queued, it is logged and dropped.
func (d *Dispatcher) tell(n notify.Notice) {
	select {
	case d.notices <- n:
	default:
		d.options.Log.Error("notice dropped", "automation", n.Automation, "kind", string(n.Kind))
	}
}

// notify passes notices on until done is closed and none is left.
func (d *Dispatcher) notify(ctx context.Context, done <-chan struct{}) {
	for {
		select {
		case n := <-d.notices:
			d.pass(ctx, n)
		case <-done:
			for {
				select {
				case n := <-d.notices:
					d.pass(ctx, n)
				default:
					return
				}
			}
		}
	}
}

// pass gives a notice to the host's notifier, whose panic is no reason to stop delivering.
func (d *Dispatcher) pass(ctx context.Context, n notify.Notice) {
	defer func() {
		if p := recover(); p != nil {
			d.options.Log.Error("notifier panicked", "automation", n.Automation, "kind", string(n.Kind))
		}
	}()
	if err := d.options.Notifier.Notify(ctx, []notify.Notice{n}); err != nil {
		d.options.Log.Error("notify failed", "automation", n.Automation, "kind", string(n.Kind), "error", err)
	}
}
