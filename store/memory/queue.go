package memory

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Claim implements [store.Queue].
func (s *Store) Claim(ctx context.Context, l store.Lease) (store.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return store.Claimed{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	var got []*record
	for len(got) < l.Max && s.due.Len() > 0 && !s.due.first().run.Due.After(now) {
		r := s.due.first()
		r.drop()
		got = append(got, r)
	}
	slices.SortFunc(got, func(a, b *record) int { return cmp.Compare(a.run.Seq, b.run.Seq) })
	c := store.Claimed{Next: time.Hour}
	for _, r := range got {
		s.lease(r, now, l.For)
		c.Runs = append(c.Runs, r.shown(now))
	}
	if s.due.Len() > 0 {
		c.Next = min(c.Next, max(0, s.due.first().run.Due.Sub(now)))
	}
	for id, lane := range s.lanes {
		if lane.hold == runs.HoldBusy {
			c.Held = append(c.Held, id)
		}
	}
	slices.Sort(c.Held)
	return c, nil
}

// Settle implements [store.Queue].
func (s *Store) Settle(ctx context.Context, results []runs.Result) (stale int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	for _, res := range results {
		r, ok := s.byID[res.ID]
		if !ok || r.run.Status != runs.Running || r.run.Fence != res.Fence {
			stale++
			continue
		}
		s.settle(r, res, now)
	}
	return stale, nil
}

func (s *Store) settle(r *record, res runs.Result, now time.Time) {
	if res.Health != nil {
		s.lane(r.run.Automation).health = *res.Health
	}
	if res.Attempt == nil {
		r.run.Tries--
	} else {
		a := copied(*res.Attempt)
		a.N = len(r.run.Attempts) + 1
		r.run.Attempts = append(r.run.Attempts, a)
	}
	if !res.Status.Ended() {
		s.wait(r, now, res.After)
		return
	}
	r.drop()
	r.run.Status, r.run.StatusAt, r.run.Due = res.Status, now, time.Time{}
}

// copied returns an attempt that shares nothing with a.
func copied(a runs.Attempt) runs.Attempt {
	a.Body = bytes.Clone(a.Body)
	a.Header = maps.Clone(a.Header)
	for name, values := range a.Header {
		a.Header[name] = slices.Clone(values)
	}
	return a
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
		if f.Hold != "" {
			s.hold(f.Automation, f.Hold, now)
			continue
		}
		s.release(s.lane(f.Automation), f.Release)
	}
	return nil
}

func (s *Store) hold(automation string, why runs.Hold, now time.Time) {
	l := s.lane(automation)
	l.hold = why
	for _, r := range l.held.items {
		r.run.Held = why
	}
	for _, r := range slices.Clone(s.due.items) {
		if r.run.Automation == automation && r.shown(now).Status != runs.Running {
			r.run.Status, r.run.Held = runs.Scheduled, why
			l.held.add(r)
		}
	}
}

func (s *Store) release(l *lane, n int) {
	for ; n > 0 && l.held.Len() > 0; n-- {
		r := l.held.first()
		r.run.Held = ""
		s.due.add(r)
	}
	if l.held.Len() == 0 {
		l.hold = ""
	}
}
