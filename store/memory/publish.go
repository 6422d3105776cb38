package memory

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Publish implements [store.Publisher].
func (s *Store) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	created := make([]runs.Run, 0, len(entries))
	for _, e := range entries {
		if _, ok := s.byID[e.Run.ID]; ok {
			continue
		}
		s.seq++
		r := &record{run: e.Run}
		r.run.Seq, r.run.CreatedAt, r.run.Attempts = s.seq, now, nil
		s.byID[r.run.ID] = r
		s.order = append(s.order, r)
		if e.Lease > 0 {
			s.lease(r, now, e.Lease)
		} else {
			s.wait(r, now, e.Delay)
		}
		created = append(created, r.shown(now))
	}
	return created, nil
}

// lease gives r to a worker until the lease passes.
func (s *Store) lease(r *record, now time.Time, lease time.Duration) {
	r.leased = true
	r.run.Fence++
	r.run.Tries++
	r.run.StatusAt = now
	r.run.Due = now.Add(lease)
	s.due.add(r)
}

// wait makes r due after a time, or held where its automation is.
func (s *Store) wait(r *record, now time.Time, after time.Duration) {
	r.leased = false
	r.run.Status = runs.Scheduled
	r.run.StatusAt = now
	r.run.Due = now.Add(after)
	l := s.lane(r.run.Automation)
	r.run.Held = l.hold
	if l.hold != "" {
		l.held.add(r)
		return
	}
	s.due.add(r)
}

// shown returns the run as people see it: running while a lease lasts.
func (r *record) shown(now time.Time) runs.Run {
	run := r.run
	run.Attempts = nil
	if !run.Status.Ended() {
		run.Status = runs.Scheduled
		if r.leased && run.Due.After(now) {
			run.Status = runs.Running
		}
	}
	return run
}
