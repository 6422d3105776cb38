package webhook

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// rule has outcomes judged: all failures, and the last success of each automation, which is news where somebody saw it
// fail.
func (d *Dispatcher) rule(batch []store.Outcome) {
	config := d.config.current.Load()
	seen := map[string]bool{}
	for i := range batch {
		o := &batch[len(batch)-1-i]
		if o.Attempt == nil || o.Attempt.OK() && seen[o.Automation] || !config.enabled(o.Automation) {
			continue
		}
		seen[o.Automation] = seen[o.Automation] || o.Attempt.OK()
		rule := config.byID[o.Automation].DisableRule
		o.Rule = &rule
	}
}

// heed lets the verdicts on outcomes take effect in this process, and returns the outcomes of runs that it gives back.
func (d *Dispatcher) heed(ctx context.Context, batch []store.Outcome, verdicts []store.Verdict) (back []store.Outcome) {
	var held, judged []string
	disabled, told := false, false
	for _, o := range batch {
		if failed(o.Attempt) {
			judged = append(judged, o.Automation)
		}
	}
	for _, v := range verdicts {
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
	for _, j := range d.lanes.drain(held) {
		back = append(back, j.back())
	}
	d.lanes.judged(judged)
	if disabled {
		if _, err := d.config.refresh(ctx); err != nil {
			d.options.Log.Error("refresh failed", "error", err)
		}
	}
	if told {
		d.notices.wake()
	}
	return back
}
