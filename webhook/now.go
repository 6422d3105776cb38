package webhook

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// doNow makes a run that is leased to this call and does it, so that who asked for it can be told. Its life is that of any run: if
// this process dies, its lease ends and another does it; if the attempt fails, it is tried again. A run that exists already is
// left alone, and what became of it is the answer.
func (d *Dispatcher) doNow(ctx context.Context, planned runs.Run) error {
	created, err := d.store.Publish(ctx, []store.Entry{{Planned: automation.Planned{Run: planned}, Lease: d.options.Lease}})
	if err != nil {
		return fmt.Errorf("create run: %w", err)
	}
	if len(created) == 0 {
		return d.whatBecame(ctx, planned)
	}
	run := created[0]
	_, r, err := d.route(ctx, run)
	switch { // its lease ends, and it is looked for again
	case err != nil:
		return fmt.Errorf("do run %q: %w", run.ID, err)
	case r == nil:
		return fmt.Errorf("do run %q: its automation is not there now", run.ID)
	}
	ctx = context.WithoutCancel(ctx) // who asked may go away, and what was begun is finished
	attempt := r.attempt(ctx, nil, run)
	res := runs.Decide(run, attempt, r.retry)
	d.settleNow(ctx, store.Outcome{Result: res, Automation: run.Automation})
	if res.Status != runs.Succeeded {
		return notDone(attempt, res.Status)
	}
	return nil
}

// settleNow writes an outcome. If the store refuses, the run comes round with its lease.
func (d *Dispatcher) settleNow(ctx context.Context, o store.Outcome) {
	batch := []store.Outcome{o}
	d.rule(batch)
	s, err := d.settleOnce(ctx, batch)
	if err != nil {
		d.options.Log.Error("settle failed", "error", err)
		return
	}
	back := d.heed(ctx, nil, s)
	if len(back) > 0 {
		if _, err := d.settleOnce(ctx, back); err != nil {
			d.options.Log.Error("give back failed", "error", err)
		}
	}
	if o.Status == runs.Scheduled || len(back) > 0 {
		d.Wake()
	}
}

// whatBecame returns nil for a run that has succeeded, else how it stands.
func (d *Dispatcher) whatBecame(ctx context.Context, planned runs.Run) error {
	run, err := d.earlier(ctx, planned)
	switch {
	case err != nil:
		return err
	case run.Status == runs.Succeeded:
		return nil
	case len(run.Attempts) == 0 || run.Status == runs.Running:
		e := refuse(http.StatusConflict, "a request with the same id is being done: ask again")
		e.later = time.Second
		return e
	}
	return notDone(run.Attempts[len(run.Attempts)-1], run.Status)
}
