package sqlite

import (
	"context"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// judge writes what an outcome means for its automation, unless that is gone.
func (s *Store) judge(ctx context.Context, o store.Outcome, now int64) (store.Verdict, error) {
	var v automation.Verdict
	err := s.changeLane(ctx, o.Automation, func(l *lane) (err error) {
		var opens bool
		before := *l
		v, opens, err = l.Judge(o, now, func(v automation.Verdict) (bool, error) { return s.disable(ctx, o, v) })
		if err != nil || *l == before {
			return err
		}
		if old, err := s.stored(ctx, o.Automation); err != nil || !old.doc.Valid {
			*l, v = before, automation.Verdict{}
			return err
		}
		if opens {
			err = s.reopen(ctx, l)
		}
		return err
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
	a, ok := sqlstore.Disabled([]byte(old.doc.String), o, v)
	if !ok {
		return false, nil
	}
	a.ID, a.Account = o.Automation, old.account
	_, err = s.save(ctx, a, old)
	return err == nil, err
}
