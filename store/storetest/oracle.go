package storetest

import (
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// oracle is a store in its plainest form: what a real one does is compared with it step by step.
type oracle struct {
	now    time.Time
	runs   []*oracleRun // by age
	holds  map[string]runs.Hold
	health map[string]runs.Health
}

type oracleRun struct {
	runs.Run
	leased bool
}

func (r *oracleRun) running(now time.Time) bool { return r.leased && r.Due.After(now) }

func (o *oracle) find(id string) *oracleRun {
	i := slices.IndexFunc(o.runs, func(r *oracleRun) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return o.runs[i]
}

// shown returns the run as people see it.
func (o *oracle) shown(r *oracleRun) runs.Run {
	run := r.Run
	if !run.Status.Ended() {
		run.Status = runs.Scheduled
		if r.running(o.now) {
			run.Status = runs.Running
		}
	}
	return run
}

func (o *oracle) publish(list []store.Entry) (created []string) {
	for _, e := range list {
		if o.find(e.Run.ID) != nil {
			continue
		}
		r := &oracleRun{Run: born(e, o.now), leased: e.Lease > 0}
		if !r.leased {
			r.Held = o.holds[r.Automation]
		}
		o.runs = append(o.runs, r)
		created = append(created, r.ID)
	}
	return created
}

// due returns the runs that may be claimed.
func (o *oracle) due() (due []*oracleRun) {
	for _, r := range o.runs {
		if !r.Status.Ended() && r.Held == "" && !r.Due.After(o.now) {
			due = append(due, r)
		}
	}
	return due
}

// next returns the time until the next run is due.
func (o *oracle) next() time.Duration {
	next := time.Hour
	for _, r := range o.runs {
		if !r.Status.Ended() && r.Held == "" {
			next = min(next, max(0, r.Due.Sub(o.now)))
		}
	}
	return next
}

func (o *oracle) claim(r *oracleRun) {
	r.leased, r.StatusAt, r.Due = true, o.now, o.now.Add(lease)
	r.Fence++
	r.Tries++
}

func (o *oracle) settle(results []runs.Result) (stale int) {
	for _, res := range results {
		r := o.find(res.ID)
		if r == nil || !r.leased || r.Fence != res.Fence {
			stale++
			continue
		}
		if res.Health != nil {
			o.health[r.Automation] = *res.Health
		}
		if res.Attempt == nil {
			r.Tries--
		} else {
			a := *res.Attempt
			a.N = len(r.Attempts) + 1
			r.Attempts = append(r.Attempts, a)
		}
		if res.Status.Ended() {
			r.Status, r.StatusAt, r.Due, r.leased = res.Status, o.now, time.Time{}, false
		} else {
			o.wait(r, res.After)
		}
	}
	return stale
}

func (o *oracle) wait(r *oracleRun, after time.Duration) {
	r.leased, r.Status, r.StatusAt, r.Due, r.Held = false, runs.Scheduled, o.now, o.now.Add(after), o.holds[r.Automation]
}

func (o *oracle) flow(f store.Flow) {
	if f.Hold != "" {
		o.holds[f.Automation] = f.Hold
	}
	left := 0
	for _, r := range o.runs {
		switch {
		case r.Automation != f.Automation || r.Status.Ended():
		case f.Hold != "" && !r.running(o.now):
			r.Held, r.leased = f.Hold, false
		case f.Hold == "" && r.Held != "" && f.Release > 0:
			f.Release--
			r.Held = ""
		case r.Held != "":
			left++
		}
	}
	if f.Hold == "" && left == 0 {
		delete(o.holds, f.Automation)
	}
}

func (o *oracle) forget(automation string) {
	o.flow(store.Flow{Automation: automation, Release: len(o.runs)})
	delete(o.health, automation)
}

func (o *oracle) replay(f runs.Filter, after int64, max int) (out store.Replayed) {
	out = store.Replayed{Last: after, Done: true}
	for _, r := range o.runs {
		switch shown := o.shown(r); {
		case r.Seq <= after || !selects(f, shown):
			continue
		case out.Runs+len(out.Running) == max:
			out.Done = false
			return out
		case shown.Status == runs.Running:
			out.Running = append(out.Running, r.ID)
		default:
			out.Runs++
			r.Replays++
			r.Tries = 0
			o.wait(r, 0)
		}
		out.Last = r.Seq
	}
	return out
}

func (o *oracle) prune(age time.Duration, max int) (n int) {
	o.runs = slices.DeleteFunc(o.runs, func(r *oracleRun) bool {
		gone := n < max && r.Status.Ended() && r.CreatedAt.Before(o.now.Add(-age))
		if gone {
			n++
		}
		return gone
	})
	return n
}
