package route

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Claim implements [store.Queue]. Of each shard it takes a fair share, and what others leave of theirs.
func (s *Store) Claim(ctx context.Context, l store.Lease) (store.Claimed, error) {
	var mu sync.Mutex
	var got []runs.Run
	held := map[string]store.Lane{}
	next, notices := map[*shard]time.Duration{}, map[*shard]time.Duration{}
	marks := make([]string, len(s.shards)) // of one that does not answer it stays unknown, so that changes are asked for
	err := s.share(ctx, l.Max, func(ctx context.Context, each *shard, share int) (n int, more bool, err error) {
		c, err := each.Claim(ctx, store.Lease{Max: share, For: l.For})
		if err != nil {
			return 0, false, err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, r := range c.Runs {
			r.Seq = each.out(r.Seq)
			got = append(got, r)
		}
		for _, lane := range c.Held {
			held[lane.Automation] = lane
			s.homes.learn(lane.Automation, each)
		}
		next[each], notices[each], marks[each.place] = c.Next, c.Notices, read(c.Mark)
		return len(c.Runs), c.Next == 0, nil
	})
	if err != nil {
		return store.Claimed{}, fmt.Errorf("claim runs: %w", err)
	}
	slices.SortFunc(got, func(a, b runs.Run) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Seq, b.Seq)) })
	c := store.Claimed{Runs: got, Next: soonest(next), Held: slices.Collect(maps.Values(held)), Mark: packMarks(marks), Notices: soonest(notices)}
	slices.SortFunc(c.Held, func(a, b store.Lane) int { return cmp.Compare(a.Automation, b.Automation) })
	return c, nil
}

func soonest(next map[*shard]time.Duration) time.Duration {
	wait := time.Hour
	for _, each := range next {
		wait = min(wait, each)
	}
	return wait
}

// share has all shards that answer asked for up to max things together: in equal shares at first, then those that may have more
// for what is left. Take returns how many things it got and whether there may be more.
func (s *Store) share(ctx context.Context, max int, take func(ctx context.Context, each *shard, share int) (n int, more bool, err error)) error {
	var mu sync.Mutex
	from := s.answering()
	turn := int(s.turn.Add(1) % uint64(len(s.shards)))
	for first := true; first || max > 0 && len(from) > 0; first = false {
		shares := map[*shard]int{}
		for i, each := range from {
			shares[each] = max / len(from)
			if max > 0 && (i+turn)%len(from) < max%len(from) {
				shares[each]++
			}
		}
		var rest []*shard
		left := max
		err := s.ask(ctx, from, func(ctx context.Context, each *shard) error {
			n, more, err := take(ctx, each, shares[each])
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			left -= n
			if more && n == shares[each] {
				rest = append(rest, each)
			}
			return nil
		})
		switch {
		case err != nil && first:
			return err
		case err != nil: // what was taken is the caller's, who asks again
			return nil
		}
		if max, from = left, rest; max <= 0 {
			return nil
		}
	}
	return nil
}
