package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// Accounts implements [store.Keeper].
func (s *Store) Accounts(ctx context.Context, after string, max int) ([]string, error) {
	if err := ctx.Err(); err != nil || max <= 0 {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]bool{}
	for _, r := range s.order {
		if r.run.Account > after {
			found[r.run.Account] = true
		}
	}
	all := slices.Sorted(maps.Keys(found))
	return all[:min(len(all), max)], nil
}

// Prune implements [store.Keeper].
func (s *Store) Prune(ctx context.Context, account string, age time.Duration, after int64, max int) (store.Pruned, error) {
	if err := ctx.Err(); err != nil {
		return store.Pruned{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.clock().Add(-age)
	out := store.Pruned{Last: after, Done: true}
	looked := 0
	gone := map[*record]bool{}
	for _, r := range s.order[s.place(after):] {
		if r.run.Account != account {
			continue
		}
		if !r.run.CreatedAt.Before(before) {
			break
		}
		if looked >= max {
			out.Done = false
			break
		}
		looked++
		out.Last = r.run.Seq
		if r.run.Status.Ended() {
			gone[r] = true
		}
	}
	out.Runs = len(gone)
	s.remove(gone)
	return out, nil
}

// PruneKeys implements [store.Keeper].
func (s *Store) PruneKeys(ctx context.Context, account string, automations []string, age time.Duration) (n int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.clock().Add(-age.Truncate(time.Microsecond))
	old := func(at time.Time) bool { return !at.IsZero() && at.Before(before) }
	for id, k := range s.keys {
		if k.Account != account || !slices.Contains(automations, k.Automation) {
			continue
		}
		switch {
		case old(k.EndsAt):
			delete(s.keys, id)
			n++
		case old(k.TestedAt):
			k.Test, k.TestedAt = nil, time.Time{}
			s.keys[id] = k
			n++
		}
	}
	return n, nil
}
