package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Replay implements [store.Admin]. It selects runs outside the write lock, and asks of them alone once more within it.
func (s *Store) Replay(ctx context.Context, f runs.Filter, after int64, max int) (store.Replayed, error) {
	seqs, done, err := s.oldest(ctx, f, after, max)
	if err != nil {
		return store.Replayed{}, fmt.Errorf("replay runs: %w", err)
	}
	if len(seqs) == 0 {
		return store.Replayed{Last: after, Done: done}, nil
	}
	var out store.Replayed
	err = s.writes.tx(ctx, "replay runs", func(ctx context.Context) (err error) {
		out, err = s.replay(ctx, f, seqs)
		return err
	})
	if err != nil {
		return store.Replayed{}, err
	}
	out.Last, out.Done = seqs[len(seqs)-1], done
	return out, nil
}

// oldest returns the sequence numbers of up to max runs that f selects, oldest first from one on, and whether there are
// no more.
func (s *Store) oldest(ctx context.Context, f runs.Filter, after int64, max int) (seqs []int64, done bool, err error) {
	args := append(filterArgs(f, s.micros()), after, most(max)+1) // one more, to know whether this step is the last
	rows, err := s.stmts.read[scoped("oldest", sqlstore.Scope(f))].QueryContext(ctx, args...)
	seqs, err = collect(rows, err, readOne[int64])
	done = len(seqs) <= most(max)
	return seqs[:min(len(seqs), most(max))], done, err
}

// replay makes those of some runs due that f still selects.
func (s *Store) replay(ctx context.Context, f runs.Filter, seqs []int64) (out store.Replayed, err error) {
	now := s.micros()
	rows, err := s.stmts.write["replay_check"].QueryContext(ctx, append(filterArgs(f, now), jsonNumbers(seqs))...)
	found, err := collect(rows, err, readCandidate)
	if err != nil {
		return out, err
	}
	var due []int64
	for _, r := range found {
		if r.running {
			out.Running = append(out.Running, r.id)
		} else {
			due = append(due, r.seq)
		}
	}
	out.Runs = len(due)
	_, err = s.exec(ctx, "replay", jsonNumbers(due), now)
	return out, err
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

func jsonNumbers(list []int64) string {
	if len(list) == 0 {
		return "[]"
	}
	doc, _ := json.Marshal(list) // numbers cannot fail
	return string(doc)
}
