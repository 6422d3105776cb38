package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// Accounts implements [store.Keeper].
func (s *Store) Accounts(ctx context.Context, after string, most int) (found []string, err error) {
	err = s.read(ctx, "list accounts", func(ctx context.Context) (err error) {
		found, err = rows(ctx, s, s.pool, "accounts", readOne[string], after, max(0, most))
		return err
	})
	return found, err
}

// Prune implements [store.Keeper].
func (s *Store) Prune(ctx context.Context, account string, age time.Duration, after int64, max int) (out store.Pruned, err error) {
	var ended []int64
	err = s.call(ctx, "prune runs", func(ctx context.Context) error {
		found, err := s.oldestOf(ctx, account, age, after, max)
		out, ended = old(found, after, max)
		return err
	})
	if err != nil {
		return store.Pruned{}, err
	}
	if len(ended) == 0 {
		return out, nil
	}
	gone, err := s.remove(ctx, "prune runs", "prune_runs", ended)
	if err != nil {
		return store.Pruned{}, err
	}
	out.Runs = gone.Runs
	return out, nil
}

// PruneKeys implements [store.Keeper].
func (s *Store) PruneKeys(ctx context.Context, account string, automations []string, age time.Duration) (n int, err error) {
	err = s.call(ctx, "prune keys", func(ctx context.Context) (err error) {
		n, err = row(ctx, s, s.pool, "keys_prune", readOne[int], s.clock(), searchable(account), texts(automations), age.Microseconds())
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// aged is a run that a prune looks at.
type aged struct {
	seq    int64
	status int
	old    bool
}

func (s *Store) oldestOf(ctx context.Context, account string, age time.Duration, after int64, most int) ([]aged, error) {
	return rows(ctx, s, s.pool, "prune_select", func(row pgx.Rows) (a aged, err error) {
		err = row.Scan(&a.seq, &a.status, &a.old)
		return a, err
	}, s.clock(), searchable(account), after, oneMore(max(0, most)), age.Microseconds())
}

// old returns which of up to max runs have ended, as far as they are old.
func old(found []aged, after int64, max int) (out store.Pruned, ended []int64) {
	out.Last = after
	for looked, a := range found {
		if !a.old {
			break // and those after it are younger still
		}
		if looked >= max {
			return out, ended
		}
		if out.Last = a.seq; a.status != sqlstore.Waiting {
			ended = append(ended, a.seq)
		}
	}
	out.Done = true
	return out, ended
}
