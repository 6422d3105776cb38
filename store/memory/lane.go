package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// lane is what is known of one automation's deliveries.
type lane struct {
	gate   runs.Hold // what its limits hold it for while nothing else does
	hold   runs.Hold
	until  time.Time // nothing is let out before
	head   *record   // what was let out last
	held   pile      // by sequence number
	health automation.Health
}

func newLane() *lane {
	return &lane{held: pile{less: func(a, b *record) bool { return a.run.Seq < b.run.Seq }}}
}

// lane returns that of an automation.
func (s *Store) lane(automation string) *lane {
	l, ok := s.lanes[automation]
	if !ok {
		l = newLane()
		s.lanes[automation] = l
	}
	return l
}

// Flow implements [store.Queue].
func (s *Store) Flow(ctx context.Context, flows []store.Flow) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	for _, f := range flows {
		l := s.lane(f.Automation)
		switch {
		case f.Hold == "":
			s.release(l, f, now)
		case f.Hold != runs.HoldBusy || l.hold == "":
			l.holdFor(f.Hold, now.Add(f.Pause))
		}
	}
	return nil
}

// holdFor holds a lane until a time at least, unless it is held for something that only a save ends. What went out has taken
// of its rate: that is not given back.
func (l *lane) holdFor(why runs.Hold, until time.Time) {
	if l.hold == runs.HoldDisabled || l.gate == runs.HoldOrdered {
		return
	}
	if l.hold == runs.HoldRate {
		until = later(until, l.until)
	}
	l.hold, l.until = why, until.Truncate(time.Microsecond)
}

func (s *Store) release(l *lane, f store.Flow, now time.Time) {
	n := f.Release
	switch {
	case l.hold == runs.HoldDisabled || l.until.After(now):
		return
	case l.hold == runs.HoldOrdered && s.occupied(l):
		return
	case l.hold == runs.HoldOrdered:
		n = min(n, 1)
	}
	for ; n > 0 && l.held.Len() > 0; n-- {
		l.head = l.held.first()
		l.head.out = true
		s.due.add(l.head)
		l.until = later(l.until, now).Add(f.Pause).Truncate(time.Microsecond)
	}
	l.open()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// open ends a hold that lasts as long as there is a backlog, once that is gone.
func (l *lane) open() {
	if l.held.Len() == 0 && l.hold != runs.HoldDisabled && l.hold != runs.HoldFailing {
		l.hold = l.gate
	}
}

// occupied tells whether the run that a lane let out last is neither ended nor gone, nor held again.
func (s *Store) occupied(l *lane) bool {
	h := l.head
	return h != nil && s.byID[h.run.ID] == h && !h.run.Status.Ended() && h.pile != &l.held
}

// heldLanes lists those that may let runs out.
func (s *Store) heldLanes(now time.Time) (list []store.Lane) {
	for id, l := range s.lanes {
		if l.held.Len() == 0 || l.hold == runs.HoldDisabled || l.hold == runs.HoldOrdered && s.occupied(l) {
			continue
		}
		list = append(list, store.Lane{Automation: id, Hold: l.hold, Wait: max(0, l.until.Sub(now))})
	}
	slices.SortFunc(list, func(a, b store.Lane) int { return cmp.Compare(a.Automation, b.Automation) })
	return list
}
