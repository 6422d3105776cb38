package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// heldLanes lists lanes that may let runs out, in turns when there are many: it goes on where it stopped the last time.
func (s *Store) heldLanes(ctx context.Context) (list []store.Lane, err error) {
	last := ""
	if turn := s.turn.Load(); turn != nil {
		last = *turn
	}
	found, err := s.heldAfter(ctx, last, store.MaxLanes)
	if err == nil && last != "" && len(found) < store.MaxLanes { // round again
		var first []heldLane
		first, err = s.heldAfter(ctx, "", store.MaxLanes-len(found))
		found = append(found, slices.DeleteFunc(first, func(l heldLane) bool { return l.Automation > last })...)
	}
	if err != nil {
		return nil, err
	}
	s.turn.Store(nil)
	if len(found) == store.MaxLanes {
		s.turn.Store(&found[store.MaxLanes-1].Automation)
	}
	for _, l := range found {
		if l.Hold != runs.HoldDisabled && !(l.Hold == runs.HoldOrdered && l.occupied) {
			list = append(list, l.Lane)
		}
	}
	return list, nil
}

// heldLane is a lane that has held runs.
type heldLane struct {
	store.Lane
	occupied bool // the run that it let out last is still under way
}

func (s *Store) heldAfter(ctx context.Context, last string, max int) ([]heldLane, error) {
	now := s.micros()
	rows, err := s.stmts.read["lanes_held"].QueryContext(ctx, last, max)
	return collect(rows, err, func(rows *sql.Rows) (l heldLane, err error) {
		var until int64
		err = rows.Scan(&l.Automation, &l.Hold, &until, &l.occupied)
		if l.Hold == "" { // it was forgotten: its runs are not
			l.Hold = runs.HoldBusy
		}
		l.Wait = time.Duration(until-now) * time.Microsecond
		if until <= now {
			l.Wait = 0
		}
		return l, err
	})
}
