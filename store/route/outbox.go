package route

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// ClaimNotices implements [store.Outbox].
func (s *Store) ClaimNotices(ctx context.Context, l store.Lease) ([]store.Notice, time.Duration, error) {
	var mu sync.Mutex
	var due []store.Notice
	next := map[*shard]time.Duration{}
	err := s.share(ctx, l.Max, func(ctx context.Context, each *shard, share int) (int, bool, error) {
		found, wait, err := each.ClaimNotices(ctx, store.Lease{Max: share, For: l.For})
		if err != nil {
			return 0, false, err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, n := range found {
			n.Fence = each.out(n.Fence)
			due = append(due, n)
		}
		next[each] = wait
		return len(found), wait == 0, nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("claim notices: %w", err)
	}
	slices.SortFunc(due, func(a, b store.Notice) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Automation, b.Automation), cmp.Compare(a.Change, b.Change))
	})
	return due, soonest(next), nil
}

// SettleNotices implements [store.Outbox]. A notice's fence tells its shard.
func (s *Store) SettleNotices(ctx context.Context, told []store.Notice, quiet time.Duration) error {
	if len(told) == 0 {
		return ctx.Err()
	}
	parts := make([][]store.Notice, len(s.shards))
	for _, n := range told {
		owner := s.owner(n.Fence)
		n.Fence = owner.in(n.Fence)
		parts[owner.place] = append(parts[owner.place], n)
	}
	for i, part := range parts {
		if len(part) == 0 {
			continue
		}
		if err := s.shards[i].SettleNotices(ctx, part, quiet); err != nil {
			return err
		}
	}
	return nil
}
