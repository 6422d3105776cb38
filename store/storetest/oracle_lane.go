package storetest

import (
	"maps"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// oracleLane is what an oracle knows of an automation.
type oracleLane struct {
	gate, hold runs.Hold
	until      time.Time
	head       *oracleRun // let out last
	health     automation.Health
	saved      bool // the automation is there
	disabled   automation.Reason
}

func (o *oracle) lane(id string) *oracleLane {
	l, ok := o.lanes[id]
	if !ok {
		l = &oracleLane{}
		o.lanes[id] = l
	}
	return l
}

// of returns the held runs of a lane, oldest first.
func (o *oracle) of(id string) (held []*oracleRun) {
	for _, r := range o.runs {
		if r.held && r.Automation == id {
			held = append(held, r)
		}
	}
	return held
}

// occupied tells whether a run of an ordered lane is out.
func (o *oracle) occupied(l *oracleLane) bool {
	return l.hold == runs.HoldOrdered && l.head != nil && slices.Contains(o.runs, l.head) && !l.head.Status.Ended() && !l.head.held
}

// listed returns the lanes that may let runs out.
func (o *oracle) listed() (list []store.Lane) {
	for _, id := range slices.Sorted(maps.Keys(o.lanes)) {
		l := o.lanes[id]
		if len(o.of(id)) > 0 && l.hold != runs.HoldDisabled && !o.occupied(l) {
			list = append(list, store.Lane{Automation: id, Hold: l.hold, Wait: max(0, l.until.Sub(o.now))})
		}
	}
	return list
}

func (o *oracle) flow(f store.Flow) {
	l := o.lane(f.Automation)
	if f.Hold != "" {
		if f.Hold != runs.HoldBusy || l.hold == "" {
			o.hold(l, f.Hold, f.Pause)
		}
		return
	}
	if l.hold == runs.HoldDisabled || o.occupied(l) || l.until.After(o.now) {
		return
	}
	if l.hold == runs.HoldOrdered {
		f.Release = min(f.Release, 1)
	}
	for _, r := range o.of(f.Automation)[:min(max(0, f.Release), len(o.of(f.Automation)))] {
		r.held, r.out, l.head = false, true, r
		if l.until.Before(o.now) {
			l.until = o.now
		}
		l.until = l.until.Add(f.Pause)
	}
	o.open(l, f.Automation)
}

// open ends a hold that lasts as long as there is a backlog, once that is gone.
func (o *oracle) open(l *oracleLane, automation string) {
	if len(o.of(automation)) == 0 && l.hold != runs.HoldFailing && l.hold != runs.HoldDisabled {
		l.hold = l.gate
	}
}

func (o *oracle) hold(l *oracleLane, why runs.Hold, pause time.Duration) {
	if l.hold == runs.HoldDisabled || l.hold == runs.HoldOrdered {
		return
	}
	until := o.now.Add(pause)
	if l.hold == runs.HoldRate && l.until.After(until) {
		until = l.until
	}
	l.hold, l.until = why, until
}

// judge returns what an outcome meant, as it is written.
func (o *oracle) judge(each store.Outcome) store.Verdict {
	l := o.lane(each.Automation)
	v := each.Rule.Judge(l.health, each.Result)
	if v.Change == automation.Disabling {
		if l.disabled != "" || !l.saved {
			v.Change, v.Health.Told = automation.NoChange, l.health.Told
		} else {
			l.disabled, l.hold = v.Reason, runs.HoldDisabled
		}
	}
	l.health = v.Health
	if v.Hold != "" {
		o.hold(l, v.Hold, max(v.Pause, each.Every))
	}
	if v.Hold != "" && v.Pause == 0 {
		o.open(l, each.Automation)
	}
	if v.Change != automation.NoChange {
		o.note(v.Transition(each.Automation, each.Result))
	}
	return store.Verdict{Automation: each.Automation, Verdict: v}
}

// put saves an automation.
func (o *oracle) put(a automation.Automation) {
	l := o.lane(a.ID)
	l.saved, l.gate, l.hold, l.health, l.disabled = true, a.Limits.Gate(), a.Hold(l.hold), automation.Health{Told: l.health.Told}, ""
	if most := o.now.Add(a.Limits.Debt()); l.until.After(most) {
		l.until = most
	}
	if a.Disabled != nil {
		l.disabled = a.Disabled.Reason
	}
}

// forget lets all runs of a lane out and forgets it.
func (o *oracle) forget(id string) {
	for _, r := range o.of(id) {
		r.held = false
	}
	delete(o.lanes, id)
	maps.DeleteFunc(o.keys, func(_ string, k store.Key) bool { return k.Automation == id })
}

type noticeKey struct {
	automation string
	change     automation.Change
}

// oracleNotice is what people are to be told, due at a time; with a count of 0 it is quiet until then.
type oracleNotice struct {
	latest automation.Transition
	count  int
	due    time.Time
	fence  int64
}

func (o *oracle) note(t automation.Transition) {
	key := noticeKey{t.Automation, t.Change}
	n, ok := o.notices[key]
	if !ok {
		n = &oracleNotice{due: o.now}
		o.notices[key] = n
	}
	n.latest, n.count = t, n.count+1
	if n.count == 1 && n.due.Before(o.now) {
		n.due = o.now
	}
}
