package route

import (
	"context"
	"fmt"
	"sync"

	"github.com/tenterhook/tenterhook/store"
)

// Settle implements [store.Queue]. It leaves the outcomes of runs whose shard does not answer; when none does, it fails.
func (s *Store) Settle(ctx context.Context, outcomes []store.Outcome) (done store.Settled, err error) {
	parts := map[*shard][]int{}
	for i, o := range outcomes {
		owner := s.owner(o.Seq)
		parts[owner] = append(parts[owner], i)
	}
	var asked []*shard
	for _, each := range s.answering() {
		if len(parts[each]) > 0 {
			asked = append(asked, each)
		}
	}
	var mu sync.Mutex
	written := map[*shard]store.Settled{}
	err = s.ask(ctx, asked, func(ctx context.Context, each *shard) error {
		own := make([]store.Outcome, len(parts[each]))
		for n, i := range parts[each] {
			own[n] = outcomes[i]
			own[n].Seq = each.in(own[n].Seq)
		}
		settled, err := each.Settle(ctx, own)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		written[each] = settled
		return nil
	})
	if err != nil && (ctx.Err() != nil || len(s.answering()) == 0) {
		return done, fmt.Errorf("settle runs: %w", err)
	}
	for _, each := range asked {
		done.Stale += written[each].Stale
		done.Verdicts = append(done.Verdicts, written[each].Verdicts...)
	}
	for i, o := range outcomes {
		if _, ok := written[s.owner(o.Seq)]; !ok {
			done.Left = append(done.Left, outcomes[i])
		}
	}
	return done, nil
}
