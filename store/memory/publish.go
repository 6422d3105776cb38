package memory

import (
	"context"
	"slices"
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
		r := newRecord(e.Run, s.seq, now)
		s.byID[r.run.ID] = r
		s.order = append(s.order, r)
		if e.Lease > 0 {
			s.lease(r, now, e.Lease)
		} else {
			s.wait(r, now, e.Delay)
		}
		created = append(created, s.shown(r, now))
	}
	return created, nil
}

// newRecord takes of a planned run what never changes.
func newRecord(planned runs.Run, seq int64, now time.Time) *record {
	run := planned
	run.Seq, run.CreatedAt, run.Warnings = seq, now, slices.Clone(planned.Warnings)
	run.Held, run.HeldUntil, run.Fence, run.Tries, run.Replays, run.Attempts = "", time.Time{}, 0, 0, 0, nil
	return &record{run: run}
}

// lease gives r to a worker until the lease passes.
func (s *Store) lease(r *record, now time.Time, lease time.Duration) {
	r.run.Fence++
	r.run.Tries++
	r.run.Status = runs.Running
	r.run.StatusAt = now
	r.run.Due = now.Add(lease.Truncate(time.Microsecond))
	s.due.add(r)
}

// wait makes r due after a time, or held when it is due at once and its lane is held.
func (s *Store) wait(r *record, now time.Time, after time.Duration) {
	r.run.Status = runs.Scheduled
	r.run.StatusAt = now
	r.run.Due = now.Add(after.Truncate(time.Microsecond))
	r.out = false
	if l := s.lane(r.run.Automation); l.hold != "" && after <= 0 {
		l.held.add(r)
		return
	}
	s.due.add(r)
}

// shown returns the run as people see it, without attempts: running while a lease lasts.
func (s *Store) shown(r *record, now time.Time) runs.Run {
	run := r.run
	run.Warnings, run.Attempts = slices.Clone(run.Warnings), nil
	if run.Status == runs.Running && !run.Due.After(now) {
		run.Status = runs.Scheduled
	}
	l := s.lanes[run.Automation]
	switch {
	case l == nil || run.Status != runs.Scheduled:
	case r.pile == &l.held && l.hold == "":
		run.Held = runs.HoldBusy
	case r.pile == &l.held, l.hold == runs.HoldDisabled:
		run.Held = l.hold
		if l.hold != runs.HoldDisabled && l.until.After(now) {
			run.HeldUntil = l.until
		}
	}
	return run
}
