package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// PutKeys implements [store.Keys].
func (s *Store) PutKeys(ctx context.Context, keys []store.Key) ([]store.Key, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out, next := make([]store.Key, len(keys)), maps.Clone(s.keys)
	for i, k := range keys {
		if a := s.autos[k.Automation]; a.doc == nil || a.account != k.Account {
			return nil, fmt.Errorf("add key %q: automation %q: %w in account %q", k.ID, k.Automation, store.ErrNotFound, k.Account)
		}
		if taken(next, k) {
			return nil, fmt.Errorf("add key %q: %w: its id or hash is there already: draw another", k.ID, store.ErrConflict)
		}
		k.CreatedAt, k.UsedAt, k.TestedAt, k.Test = s.clock(), time.Time{}, time.Time{}, nil
		if !k.EndsAt.IsZero() {
			k.EndsAt = k.EndsAt.UTC().Truncate(time.Microsecond)
		}
		next[k.ID], out[i] = owned(k), s.read(k)
	}
	s.keys = next
	return out, nil
}

// taken tells whether the id or hash of a key is there.
func taken(keys map[string]store.Key, k store.Key) bool {
	_, there := keys[k.ID]
	for _, other := range keys {
		there = there || bytes.Equal(other.Hash, k.Hash)
	}
	return there
}

// owned returns a key that shares nothing with k.
func owned(k store.Key) store.Key {
	k.Hash, k.Test = bytes.Clone(k.Hash), bytes.Clone(k.Test)
	return k
}

// read returns a key as it is now, sharing nothing with k.
func (s *Store) read(k store.Key) store.Key {
	k = owned(k)
	k.Ended = !k.EndsAt.IsZero() && !s.clock().Before(k.EndsAt)
	return k
}

// Keys implements [store.Keys].
func (s *Store) Keys(ctx context.Context, account, automation string) (list []store.Key, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keys {
		if k.Account == account && k.Automation == automation {
			list = append(list, s.read(k))
		}
	}
	slices.SortFunc(list, func(a, b store.Key) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// MarkKeys implements [store.Keys].
func (s *Store) MarkKeys(ctx context.Context, marks []store.KeyMark) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	for _, m := range marks {
		k, ok := s.keys[m.ID]
		if !ok || k.Account != m.Account {
			continue
		}
		if m.Used {
			k.UsedAt = now
		}
		if m.End != nil {
			if end := now.Add(m.End.Truncate(time.Microsecond)); k.EndsAt.IsZero() || end.Before(k.EndsAt) {
				k.EndsAt = end
			}
		}
		if len(m.Test) > 0 {
			k.Test, k.TestedAt = bytes.Clone(m.Test), now
		} else if m.Test != nil {
			k.Test, k.TestedAt = nil, time.Time{}
		}
		s.keys[m.ID] = k
	}
	return nil
}
