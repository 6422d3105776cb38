package memory

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Replay implements [store.Admin].
func (s *Store) Replay(ctx context.Context, f runs.Filter, after int64, max int) (store.Replayed, error) {
	if err := ctx.Err(); err != nil {
		return store.Replayed{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	out := store.Replayed{Last: after, Done: true}
	for _, r := range s.order {
		run := r.shown(now)
		if run.Seq <= after || !selects(f, run) {
			continue
		}
		if out.Runs+len(out.Running) >= max {
			out.Done = false
			break
		}
		out.Last = run.Seq
		if run.Status == runs.Running {
			out.Running = append(out.Running, run.ID)
			continue
		}
		r.run.Tries = 0
		r.run.Replays++
		s.wait(r, now, 0)
		out.Runs++
	}
	return out, nil
}

// Prune implements [store.Admin].
func (s *Store) Prune(ctx context.Context, age time.Duration, max int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.clock().Add(-age)
	kept, gone := s.order[:0], 0
	for _, r := range s.order {
		if gone < max && r.run.Status.Ended() && r.run.CreatedAt.Before(before) {
			delete(s.byID, r.run.ID)
			gone++
			continue
		}
		kept = append(kept, r)
	}
	clear(s.order[len(kept):])
	s.order = kept
	return gone, nil
}
