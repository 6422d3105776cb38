package sqlite

import (
	"context"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// judge writes what an outcome means for its automation.
func (s *Store) judge(ctx context.Context, o store.Outcome, now int64) (store.Verdict, error) {
	var v automation.Verdict
	err := s.changeLane(ctx, o.Automation, func(l *lane) error {
		before := readHealth(l.health)
		v = o.Rule.Judge(before, o.Result)
		if v.Change == automation.Disabling {
			disabled, err := s.disable(ctx, o, v)
			switch {
			case err != nil:
				return err
			case disabled:
				l.hold, l.until = runs.HoldDisabled, 0
			default:
				v.Change, v.Health.Told = automation.NoChange, before.Told
			}
		}
		if err := l.setHealth(v.Health); err != nil {
			return err
		}
		if v.Hold == "" {
			return nil
		}
		l.holdFor(v.Hold, now+v.Pause.Microseconds())
		if v.Pause > 0 {
			return nil
		}
		return s.reopen(ctx, l)
	})
	if err == nil && v.Change != automation.NoChange {
		err = s.note(ctx, v.Transition(o.Automation, o.Result), now)
	}
	return store.Verdict{Automation: o.Automation, Verdict: v}, err
}

// disable disables an automation; false when it is already, or gone, or cannot be read.
func (s *Store) disable(ctx context.Context, o store.Outcome, v automation.Verdict) (bool, error) {
	old, err := s.stored(ctx, o.Automation)
	if err != nil || !old.doc.Valid {
		return false, err
	}
	a, err := automation.Unmarshal([]byte(old.doc.String))
	if err != nil || !a.Enabled() {
		return false, nil
	}
	a.ID, a.Account = o.Automation, old.account
	a.Disabled = &automation.Disabled{Reason: v.Reason, At: o.Attempt.At.Add(o.Attempt.Duration).UTC()}
	_, err = s.save(ctx, a, old)
	return err == nil, err
}
