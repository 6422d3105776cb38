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
	var out store.Replayed
	err := s.writes.tx(ctx, "replay runs", func(ctx context.Context) error {
		out = store.Replayed{Last: after}
		now := s.micros()
		args := append(filterArgs(f, now), after, most(max)+1) // one more, to know whether this step is the last
		rows, err := s.stmts.write[scoped("replay_select", scopeOf(f))].QueryContext(ctx, args...)
		found, err := collect(rows, err, readCandidate)
		if err != nil {
			return err
		}
		var seqs []int64
		for _, r := range found[:min(len(found), most(max))] {
			out.Last = r.seq
			if r.running {
				out.Running = append(out.Running, r.id)
			} else {
				seqs = append(seqs, r.seq)
			}
		}
		out.Runs, out.Done = len(seqs), len(found) <= most(max)
		_, err = s.exec(ctx, "replay", jsonNumbers(seqs), now)
		return err
	})
	if err != nil {
		return store.Replayed{}, err
	}
	return out, nil
}

// candidate is a run that a replay looks at.
type candidate struct {
	seq     int64
	id      string
	running bool
}

func readCandidate(rows *sql.Rows) (c candidate, err error) {
	var running sql.NullBool
	err = rows.Scan(&c.seq, &c.id, &running)
	c.running = running.Bool
	return c, err
}

// most returns a limit for SQLite, to which a negative one is none.
func most(n int) int { return max(0, n) }

// Prune implements [store.Admin].
func (s *Store) Prune(ctx context.Context, age time.Duration, max int) (int, error) {
	var seqs, messages []int64
	err := s.writes.tx(ctx, "prune runs", func(ctx context.Context) error {
		rows, err := s.stmts.write["prune_select"].QueryContext(ctx, s.micros()-age.Microseconds(), most(max))
		messages = nil
		seqs, err = collect(rows, err, func(rows *sql.Rows) (seq int64, err error) {
			var message int64
			err = rows.Scan(&seq, &message)
			messages = append(messages, message)
			return seq, err
		})
		if err != nil || len(seqs) == 0 {
			return err
		}
		if _, err := s.exec(ctx, "prune_runs", jsonNumbers(seqs)); err != nil {
			return err
		}
		_, err = s.exec(ctx, "prune_messages", jsonNumbers(messages))
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
