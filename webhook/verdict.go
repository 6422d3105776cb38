package webhook

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// rule has outcomes judged: all failures, and of each automation's successes the last, which is news where somebody saw it
// fail, and the last before each failure, which is then not one in a row with those before.
func (d *Dispatcher) rule(batch []store.Outcome) {
	config := d.config.current.Load()
	seen := map[string]bool{}
	for i := range batch {
		o := &batch[len(batch)-1-i]
		if o.Attempt == nil || o.Attempt.OK() && seen[o.Automation] || !config.enabled(o.Automation) {
			continue
		}
		seen[o.Automation] = o.Attempt.OK()
		a := config.byID[o.Automation]
		rule := a.DisableRule
		o.Rule, o.Every = &rule, a.Limits.Every()
	}
}

// heed lets what was settled take effect in this process, and returns the outcomes of runs that it gives back. After a late outcome
// that is all that wait here: where leases end with their process, as far as others can tell, they all did.
func (d *Dispatcher) heed(ctx context.Context, batch []store.Outcome, s store.Settled) []store.Outcome {
	var held, judged []string
	disabled, told := false, false
	for _, o := range batch {
		if failed(o.Attempt) {
			judged = append(judged, o.Automation)
		}
	}
	for _, v := range s.Verdicts {
		d.pauses.set(v.Automation, v.Health)
		disabled = disabled || v.Reason != ""
		told = told || v.Change != automation.NoChange
		if v.Hold != "" {
			time.AfterFunc(v.Pause, d.Wake) // to let out what may go then
		}
		if v.Reason != "" || d.paused(v.Automation) {
			held = append(held, v.Automation)
		}
	}
	left := d.lanes.drain(held)
	if s.Stale > 0 {
		left = append(left, d.lanes.recall()...)
	}
	d.lanes.judged(judged)
	if disabled {
		if _, err := d.config.read(ctx); err != nil {
			d.options.Log.Error("refresh failed", "error", err)
		}
	}
	if told {
		d.notices.wake()
	}
	return backs(left)
}
