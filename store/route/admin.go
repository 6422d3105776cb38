package route

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Replay implements [store.Admin]. Over all accounts it goes through one shard after the other.
func (s *Store) Replay(ctx context.Context, f runs.Filter, after int64, max int) (out store.Replayed, err error) {
	if f.Account != "" {
		own, err := s.shardOf(f.Account)
		if err != nil {
			return out, fmt.Errorf("replay runs: %w", err)
		}
		out, err = own.Replay(ctx, f, own.in(after), max)
		out.Last = s.last(own, after, out.Last)
		return out, err
	}
	out.Last = after
	first := s.owner(after).place
	for i, each := range s.shards[first:] {
		from := int64(0)
		if i == 0 {
			from = each.in(after)
		}
		step, err := each.Replay(ctx, f, from, max-out.Runs-len(out.Running))
		if err != nil {
			return store.Replayed{}, err
		}
		out.Runs, out.Running = out.Runs+step.Runs, append(out.Running, step.Running...)
		if step.Last > from {
			out.Last = each.out(step.Last)
		}
		if out.Done = step.Done; !out.Done {
			break
		}
	}
	return out, nil
}

// last returns how far a step came that began after a number of the router's.
func (s *Store) last(own *shard, after, last int64) int64 {
	if last == own.in(after) {
		return after
	}
	return own.out(last)
}

// Erase implements [store.Admin].
func (s *Store) Erase(ctx context.Context, e runs.Erasure, after int64, max int) (store.Erased, error) {
	own, err := s.shardOf(e.Account)
	if err != nil {
		return store.Erased{}, fmt.Errorf("erase runs: %w", err)
	}
	out, err := own.Erase(ctx, e, own.in(after), max)
	if err != nil {
		return store.Erased{}, err
	}
	out.Last = s.last(own, after, out.Last)
	return out, nil
}

// Prune implements [store.Keeper].
func (s *Store) Prune(ctx context.Context, account string, age time.Duration, after int64, max int) (store.Pruned, error) {
	own, err := s.shardOf(account)
	if err != nil {
		return store.Pruned{}, fmt.Errorf("prune runs: %w", err)
	}
	out, err := own.Prune(ctx, account, age, own.in(after), max)
	if err != nil {
		return store.Pruned{}, err
	}
	out.Last = s.last(own, after, out.Last)
	return out, nil
}

// PruneKeys implements [store.Keeper].
func (s *Store) PruneKeys(ctx context.Context, account string, automations []string, age time.Duration) (int, error) {
	own, err := s.shardOf(account)
	if err != nil {
		return 0, fmt.Errorf("prune keys: %w", err)
	}
	return own.PruneKeys(ctx, account, automations, age)
}

// Accounts implements [store.Keeper]. Those of a shard that does not answer are left out.
func (s *Store) Accounts(ctx context.Context, after string, most int) ([]string, error) {
	var mu sync.Mutex
	var all []string
	err := s.ask(ctx, s.answering(), func(ctx context.Context, each *shard) error {
		found, err := each.Accounts(ctx, after, most)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, found...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), max(0, most))], nil
}
