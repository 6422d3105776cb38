package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Replay implements [store.Admin].
func (s *Store) Replay(ctx context.Context, f runs.Filter, after int64, max int) (store.Replayed, error) {
	out := store.Replayed{Last: after}
	err := s.tx(ctx, "replay runs", func(tx *sql.Tx) error {
		now := s.micros()
		args := append(filterArgs(f, now), after, max)
		rows, err := tx.StmtContext(ctx, s.stmts.write[scoped("replay_select", scopeOf(f))]).QueryContext(ctx, args...)
		var seqs []int64
		seen, err := collect(rows, err, func(rows *sql.Rows) (seq int64, err error) {
			var id string
			var running sql.NullBool
			err = rows.Scan(&seq, &id, &running)
			if running.Bool {
				out.Running = append(out.Running, id)
			} else {
				seqs = append(seqs, seq)
			}
			out.Last = seq
			return seq, err
		})
		if err != nil {
			return err
		}
		out.Runs, out.Done = len(seqs), len(seen) < max
		_, err = s.exec(ctx, tx, "replay", jsonNumbers(seqs), now)
		return err
	})
	if err != nil {
		return store.Replayed{}, err
	}
	return out, nil
}

// Prune implements [store.Admin].
func (s *Store) Prune(ctx context.Context, age time.Duration, max int) (int, error) {
	var seqs, messages []int64
	err := s.tx(ctx, "prune runs", func(tx *sql.Tx) error {
		rows, err := tx.StmtContext(ctx, s.stmts.write["prune_select"]).QueryContext(ctx, s.micros()-age.Microseconds(), max)
		seqs, err = collect(rows, err, func(rows *sql.Rows) (seq int64, err error) {
			var message int64
			err = rows.Scan(&seq, &message)
			messages = append(messages, message)
			return seq, err
		})
		if err != nil || len(seqs) == 0 {
			return err
		}
		if _, err := s.exec(ctx, tx, "prune_runs", jsonNumbers(seqs)); err != nil {
			return err
		}
		_, err = s.exec(ctx, tx, "prune_messages", jsonNumbers(messages))
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(seqs), nil
}

func jsonNumbers(list []int64) string {
	if len(list) == 0 {
		return "[]"
	}
	doc, _ := json.Marshal(list) // numbers cannot fail
	return string(doc)
}
