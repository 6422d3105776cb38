package webhook

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// outcome returns what to write of a result: to be judged when it is news of its automation.
func (d *Dispatcher) outcome(r runs.Run, res runs.Result) store.Outcome {
	o := store.Outcome{Result: res, Automation: r.Automation}
	if res.Attempt == nil || res.Attempt.OK() && d.health.well(r.Automation, res.Attempt.At) {
		return o
	}
	if a, ok := d.config.current.Load().byID[r.Automation]; ok && a.Enabled() {
		rule := a.DisableRule
		o.Rule = &rule
	}
	return o
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
		d.health.set(v.Automation, v.Health)
		disabled = disabled || v.Reason != ""
		told = told || v.Change != automation.NoChange
		if v.Hold != "" {
			time.AfterFunc(v.Pause, d.Wake) // to let out what may go then
		}
		if v.Reason != "" || v.Hold != "" && v.Pause > 0 {
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
