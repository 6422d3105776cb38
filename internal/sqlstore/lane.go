package sqlstore

import (
	"encoding/json"
	"slices"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Lane is the row of a lane; zero values are NULL. A store reads it, changes it by these methods and writes it back, while
// no other can.
type Lane struct {
	Automation string
	Gate, Hold runs.Hold
	Until      int64 // microseconds; nothing is let out before
	Head       int64 // sequence number of the run that was let out last
	Health     string
}

// ReadHealth reads a lane's health; what cannot be read begins anew.
func ReadHealth(doc string) (h automation.Health) {
	if doc == "" || json.Unmarshal([]byte(doc), &h) != nil {
		return automation.Health{}
	}
	return h
}

// SetHealth writes the health of l's automation into l.
func (l *Lane) SetHealth(h automation.Health) error {
	if h == (automation.Health{}) {
		l.Health = ""
		return nil
	}
	doc, err := json.Marshal(h)
	l.Health = string(doc)
	return err
}

// Take holds a lane as f says, at the time now.
func (l *Lane) Take(f store.Flow, now int64) {
	if f.Hold != runs.HoldBusy || l.Hold == "" {
		l.holdFor(f.Hold, now+f.Pause.Microseconds())
	}
}

// holdFor holds a lane until a time at least, unless it is held for something that only a save ends. What went out has taken
// of its rate: that is not given back.
func (l *Lane) holdFor(why runs.Hold, until int64) {
	if l.Hold == runs.HoldDisabled || l.Gate == runs.HoldOrdered {
		return
	}
	if l.Hold == runs.HoldRate {
		until = max(until, l.Until)
	}
	l.Hold, l.Until = why, until
}

// Disable holds a lane whose automation was just disabled.
func (l *Lane) Disable() { l.Hold = runs.HoldDisabled }

// Save makes l the lane of an automation that was just saved.
func (l *Lane) Save(a automation.Automation) error {
	l.Hold, l.Until, l.Gate = a.Hold(l.Hold), min(l.Until, a.UpdatedAt.Add(a.Limits.Debt()).UnixMicro()), a.Limits.Gate()
	return l.SetHealth(automation.Health{Told: ReadHealth(l.Health).Told})
}

// Releases tells whether the lane may let runs out now, as far as its hold says.
func (l *Lane) Releases(now int64) bool { return l.Hold != runs.HoldDisabled && l.Until <= now }

// Share returns how many runs f lets out of the lane, of an ordered one while none is out.
func (l *Lane) Share(f store.Flow) int {
	if l.Hold == runs.HoldOrdered {
		return max(0, min(f.Release, 1))
	}
	return max(0, f.Release)
}

// Released notes that these runs were let out by f.
func (l *Lane) Released(seqs []int64, f store.Flow, now int64) {
	if len(seqs) > 0 {
		l.Head = slices.Max(seqs)
		l.Until = now + int64(len(seqs))*f.Pause.Microseconds()
	}
}

// Reopens tells whether the lane's hold lasts as long as there is a backlog: then [Lane.Open] ends it once that is gone.
func (l *Lane) Reopens() bool {
	return l.Hold != l.Gate && l.Hold != runs.HoldDisabled && l.Hold != runs.HoldFailing
}

// Open ends a hold.
func (l *Lane) Open() { l.Hold = l.Gate }

// Judge draws from an outcome what it means for the lane, and tells whether the lane may now open if none waits. Disable
// disables the automation; false when it is already, or gone, or cannot be read.
func (l *Lane) Judge(o store.Outcome, now int64, disable func(automation.Verdict) (bool, error)) (v automation.Verdict, opens bool, err error) {
	before := ReadHealth(l.Health)
	v = o.Rule.Judge(before, o.Result)
	if v.Change == automation.Disabling {
		disabled, err := disable(v)
		switch {
		case err != nil:
			return v, false, err
		case disabled:
			l.Disable()
		default:
			v.Change, v.Health.Told = automation.NoChange, before.Told
		}
	}
	if err := l.SetHealth(v.Health); err != nil || v.Hold == "" {
		return v, false, err
	}
	l.holdFor(v.Hold, now+max(v.Pause, o.Every).Microseconds())
	return v, v.Pause <= 0 && l.Reopens(), nil
}

// Disabled returns a stored automation as an outcome's verdict disables it; false when it is disabled already, or cannot be
// read.
func Disabled(doc []byte, o store.Outcome, v automation.Verdict) (automation.Automation, bool) {
	a, err := automation.Unmarshal(doc)
	if err != nil || !a.Enabled() {
		return a, false
	}
	a.Disabled = &automation.Disabled{Reason: v.Reason, At: o.Attempt.At.Add(o.Attempt.Duration).UTC()}
	return a, true
}
