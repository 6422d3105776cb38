package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

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
	for _, r := range s.order[s.place(after):] {
		run := s.shown(r, now)
		if !selects(f, run) {
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

// place returns where in the order the runs after a sequence number begin.
func (s *Store) place(after int64) int {
	at, _ := slices.BinarySearchFunc(s.order, after, func(r *record, seq int64) int { return cmp.Compare(r.run.Seq, seq+1) })
	return at
}

// Erase implements [store.Admin].
func (s *Store) Erase(ctx context.Context, e runs.Erasure, after int64, max int) (store.Erased, error) {
	if err := errors.Join(ctx.Err(), e.Validate()); err != nil {
		return store.Erased{}, fmt.Errorf("erase runs: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := store.Erased{Last: after, Done: true}
	named, looked := e.Filter(), 0
	gone := map[*record]bool{}
	for _, r := range s.order[s.place(after):] {
		if !selects(named, r.run) {
			continue
		}
		if looked >= max {
			out.Done = false
			break
		}
		looked++
		out.Last = r.run.Seq
		if e.Covers(r.run) {
			gone[r] = true
			out.Attempts += len(r.run.Attempts)
		}
	}
	out.Runs, out.Messages = len(gone), s.remove(gone)
	return out, nil
}

// remove forgets runs, and returns how many messages no run has any more.
func (s *Store) remove(gone map[*record]bool) (messages int) {
	if len(gone) == 0 {
		return 0
	}
	left := map[bytesOf]bool{} // messages of the removed that no run has
	for r := range gone {
		r.drop()
		delete(s.byID, r.run.ID)
		if len(r.run.Message) == 0 {
			messages++
		} else {
			left[at(r.run.Message)] = true
		}
	}
	s.order = slices.DeleteFunc(s.order, func(r *record) bool {
		if !gone[r] && len(r.run.Message) > 0 {
			delete(left, at(r.run.Message))
		}
		return gone[r]
	})
	return messages + len(left)
}

// bytesOf tells messages apart by where they are: runs that share one were published with the very same bytes.
type bytesOf struct {
	first *byte
	n     int
}

func at(message []byte) bytesOf { return bytesOf{&message[0], len(message)} }
