package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// Accounts implements [store.Keeper].
func (s *Store) Accounts(ctx context.Context, after string, max int) ([]string, error) {
	rows, err := s.stmts.read["accounts"].QueryContext(ctx, after, most(max))
	found, err := collect(rows, err, readOne[string])
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return found, nil
}

// Prune implements [store.Keeper]. It takes the write lock only when there is something to remove.
func (s *Store) Prune(ctx context.Context, account string, age time.Duration, after int64, max int) (store.Pruned, error) {
	out, ended, err := s.old(ctx, account, s.micros()-age.Microseconds(), store.Pruned{Last: after}, max)
	if err != nil {
		return store.Pruned{}, fmt.Errorf("prune runs: %w", err)
	}
	if len(ended) == 0 {
		return out, nil
	}
	err = s.writes.tx(ctx, "prune runs", func(ctx context.Context) error {
		gone, err := s.remove(ctx, "prune_runs", ended)
		out.Runs = gone.Runs
		return err
	})
	if err != nil {
		return store.Pruned{}, err
	}
	return out, nil
}

// PruneKeys implements [store.Keeper]. It takes the write lock only when there is something to remove.
func (s *Store) PruneKeys(ctx context.Context, account string, automations []string, age time.Duration) (n int, err error) {
	args := []any{account, jsonList(automations), s.micros() - age.Microseconds()}
	var some bool
	if err := s.stmts.read["keys_old"].QueryRowContext(ctx, args...).Scan(&some); err != nil {
		return 0, fmt.Errorf("prune keys: %w", err)
	}
	if !some {
		return 0, nil
	}
	err = s.writes.tx(ctx, "prune keys", func(ctx context.Context) error {
		for _, name := range []string{"keys_prune", "keys_forget"} {
			res, err := s.exec(ctx, name, args...)
			if err != nil {
				return err
			}
			changed, err := res.RowsAffected()
			if err != nil {
				return err
			}
			n += int(changed)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// old looks at up to max runs of an account that were created before a time, and returns the ones that have ended.
func (s *Store) old(ctx context.Context, account string, before int64, from store.Pruned, max int) (_ store.Pruned, ended []int64, err error) {
	rows, err := s.stmts.read["prune_select"].QueryContext(ctx, account, from.Last, most(max)+1)
	if err != nil {
		return from, nil, err
	}
	defer rows.Close()
	for looked := 0; rows.Next(); looked++ {
		var seq, created int64
		var status int
		if err := rows.Scan(&seq, &status, &created); err != nil {
			return from, nil, err
		}
		if created >= before {
			break // and those after it are younger still
		}
		if looked >= max {
			return from, ended, nil
		}
		if from.Last = seq; status != sqlstore.Waiting {
			ended = append(ended, seq)
		}
	}
	from.Done = true
	return from, ended, rows.Err()
}
