package storetest

import (
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// oracle is a store in its plainest form: what a real one does is compared with it step by step.
type oracle struct {
	now     time.Time
	runs    []*oracleRun // by age
	lanes   map[string]*oracleLane
	notices map[noticeKey]*oracleNotice
	keys    map[string]store.Key // by id
}

type oracleRun struct {
	runs.Run
	leased bool
	held   bool
	out    bool // of its lane, which lets it go though it is held
}

func (r *oracleRun) running(now time.Time) bool { return r.leased && r.Due.After(now) }

func (r *oracleRun) due(now time.Time) bool {
	return !r.Status.Ended() && !r.held && !r.Due.After(now)
}

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
	if l := o.lane(r.Automation); r.held {
		run.Held = l.hold
		if l.hold != runs.HoldDisabled && l.until.After(o.now) {
			run.HeldUntil = l.until
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
			o.wait(r, e.Delay)
		}
		o.runs = append(o.runs, r)
		created = append(created, r.ID)
	}
	return created
}

// due returns the runs that are due, those that a claim may give and those of held lanes that it can meet.
func (o *oracle) due() (free, blocked []*oracleRun) {
	for _, r := range o.runs {
		switch l := o.lane(r.Automation); {
		case !r.due(o.now):
		case l.hold == "" || r.out && l.hold != runs.HoldDisabled:
			free = append(free, r)
		default:
			blocked = append(blocked, r)
		}
	}
	return free, blocked
}

// next returns the time until the next run is due.
func (o *oracle) next() time.Duration {
	next := time.Hour
	for _, r := range o.runs {
		if !r.Status.Ended() && !r.held {
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

// settle writes outcomes and returns how many were stale, and what those with a rule meant.
func (o *oracle) settle(outcomes []store.Outcome) (stale int, verdicts []store.Verdict) {
	for _, each := range outcomes {
		r := o.find(each.ID)
		if r == nil || !r.leased || r.Seq != each.Seq || r.Fence != each.Fence {
			stale++
			continue
		}
		if each.Attempt == nil {
			r.Tries--
		} else {
			a := *each.Attempt
			a.N = len(r.Attempts) + 1
			r.Attempts = append(r.Attempts, a)
		}
		if each.Status.Ended() {
			r.Status, r.StatusAt, r.Due, r.leased, r.out = each.Status, o.now, time.Time{}, false, false
		} else {
			o.wait(r, each.After)
		}
		if each.Rule != nil {
			verdicts = append(verdicts, o.judge(each))
		}
	}
	return stale, verdicts
}

// wait makes a run due after a time, and held when that is now and its lane is held.
func (o *oracle) wait(r *oracleRun, after time.Duration) {
	r.leased, r.out, r.Status, r.StatusAt, r.Due = false, false, runs.Scheduled, o.now, o.now.Add(after)
	r.held = after <= 0 && o.lane(r.Automation).hold != ""
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

// step goes through up to max of an account's runs, oldest first from one on, for as long as another is wanted, and
// forgets those that go. It returns them, the last one looked at, and whether there are no more.
func (o *oracle) step(after int64, max int, wanted, goes func(*oracleRun) bool) (gone []*oracleRun, last int64, done bool) {
	last, done = after, true
	for _, r := range o.runs {
		if r.Seq <= after || !wanted(r) {
			continue
		}
		if max--; max < 0 {
			done = false
			break
		}
		if last = r.Seq; goes(r) {
			gone = append(gone, r)
		}
	}
	o.runs = slices.DeleteFunc(o.runs, func(r *oracleRun) bool { return slices.Contains(gone, r) })
	return gone, last, done
}

func (o *oracle) prune(account string, age time.Duration, after int64, max int) (out store.Pruned) {
	old := func(r *oracleRun) bool { return r.Account == account && r.CreatedAt.Before(o.now.Add(-age)) }
	gone, last, done := o.step(after, max, old, func(r *oracleRun) bool { return r.Status.Ended() })
	return store.Pruned{Runs: len(gone), Last: last, Done: done}
}

// erase leaves it open how many messages go, as a store need not share them.
func (o *oracle) erase(e runs.Erasure, after int64, max int) (out store.Erased) {
	named := func(r *oracleRun) bool { return selects(e.Filter(), r.Run) }
	gone, last, done := o.step(after, max, named, func(r *oracleRun) bool { return e.Covers(r.Run) })
	out = store.Erased{Runs: len(gone), Last: last, Done: done}
	for _, r := range gone {
		out.Attempts += len(r.Attempts)
	}
	return out
}
