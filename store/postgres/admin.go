package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Replay implements [store.Admin]. It selects runs without a lock, and asks of them alone once more under theirs.
func (s *Store) Replay(ctx context.Context, f runs.Filter, after int64, max int) (out store.Replayed, err error) {
	err = s.call(ctx, "replay runs", func(ctx context.Context) error {
		seqs, done, err := s.oldest(ctx, f, after, max)
		out = store.Replayed{Last: after, Done: done}
		if err != nil || len(seqs) == 0 {
			return err
		}
		out.Last = seqs[len(seqs)-1]
		_, err = rows(ctx, s, s.pool, "replay", func(row pgx.Rows) (struct{}, error) {
			var id string
			var running bool
			err := row.Scan(&id, &running)
			if running {
				out.Running = append(out.Running, id)
			} else {
				out.Runs++
			}
			return struct{}{}, err
		}, append(s.filterArgs(f), seqs)...)
		return err
	})
	if err != nil {
		return store.Replayed{}, err
	}
	return out, nil
}

// oldest returns the sequence numbers of up to max runs that f selects, oldest first from one on, and whether there are
// no more.
func (s *Store) oldest(ctx context.Context, f runs.Filter, after int64, most int) (seqs []int64, done bool, err error) {
	most = max(0, most)
	args := append(s.filterArgs(f), after, oneMore(most)) // to know whether this step is the last
	seqs, err = rows(ctx, s, s.pool, scoped("oldest", sqlstore.Scope(f)), readOne[int64], args...)
	done = len(seqs) <= most
	return seqs[:min(len(seqs), most)], done, err
}
