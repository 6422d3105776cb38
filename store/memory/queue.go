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
	took := s.take(l.Max, now)
	c := store.Claimed{Runs: make([]runs.Run, 0, len(took)), Next: time.Hour, Mark: store.MarkAt(s.version), Notices: s.nextNotice(now)}
	for _, r := range took {
		s.lease(r, now, l.For)
		c.Runs = append(c.Runs, s.shown(r, now))
	}
	if s.due.Len() > 0 {
		c.Next = min(c.Next, max(0, s.due.first().run.Due.Sub(now)))
	}
	c.Held = s.heldLanes(now)
	return c, nil
}

// take returns up to max runs that are due and may go, in order of creation, and holds those that it meets of held lanes.
func (s *Store) take(max int, now time.Time) (got []*record) {
	for len(got) < max && s.due.Len() > 0 && !s.due.first().run.Due.After(now) {
		r := s.due.first()
		l := s.lane(r.run.Automation)
		if l.hold == "" || r.out && l.hold != runs.HoldDisabled {
			r.drop()
			got = append(got, r)
			continue
		}
		r.run.Status, r.run.StatusAt, r.run.Due, r.out = runs.Scheduled, now, now, false
		l.held.add(r)
	}
	slices.SortFunc(got, func(a, b *record) int { return cmp.Compare(a.run.Seq, b.run.Seq) })
	return got
}

// Settle implements [store.Queue].
func (s *Store) Settle(ctx context.Context, outcomes []store.Outcome) (store.Settled, error) {
	if err := ctx.Err(); err != nil {
		return store.Settled{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	var done store.Settled
	for _, o := range outcomes {
		r, ok := s.byID[o.ID]
		if !ok || r.run.Seq != o.Seq || r.run.Status != runs.Running || r.run.Fence != o.Fence {
			done.Stale++
			continue
		}
		s.settle(r, o.Result, now)
		if o.Rule != nil {
			done.Verdicts = append(done.Verdicts, s.judge(o, now))
		}
	}
	return done, nil
}

func (s *Store) settle(r *record, res runs.Result, now time.Time) {
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
