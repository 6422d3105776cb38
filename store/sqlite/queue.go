package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Claim implements [store.Queue]. It takes the write lock only when something is due.
func (s *Store) Claim(ctx context.Context, l store.Lease) (store.Claimed, error) {
	c, err := s.waiting(ctx)
	if err != nil || c.Next > 0 || l.Max <= 0 {
		return c, err
	}
	now := s.micros()
	err = s.writes.tx(ctx, "claim runs", func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.StmtContext(ctx, s.stmts.write["claim"]).QueryContext(ctx, now, l.For.Microseconds(), l.Max)
		c.Runs, err = collect(rows, err, func(rows *sql.Rows) (runs.Run, error) { return scanRun(rows, now) })
		return err
	})
	if err != nil {
		return store.Claimed{}, err
	}
	slices.SortFunc(c.Runs, func(a, b runs.Run) int { return cmp.Compare(a.Seq, b.Seq) })
	if next, err := s.next(ctx); err == nil { // else it asks again at once: what was claimed is the caller's
		c.Next = next
	}
	return c, nil
}

func (s *Store) waiting(ctx context.Context) (c store.Claimed, err error) {
	if c.Next, err = s.next(ctx); err != nil {
		return c, fmt.Errorf("claim runs: %w", err)
	}
	rows, err := s.stmts.read["busy"].QueryContext(ctx, runs.HoldBusy)
	if c.Held, err = collect(rows, err, readText); err != nil {
		return c, fmt.Errorf("claim runs: %w", err)
	}
	return c, nil
}

// next returns the time until a run is due, at most an hour.
func (s *Store) next(ctx context.Context) (time.Duration, error) {
	var due sql.NullInt64
	if err := s.stmts.read["next"].QueryRowContext(ctx).Scan(&due); err != nil {
		return 0, err
	}
	if !due.Valid {
		return time.Hour, nil
	}
	return min(time.Hour, max(0, time.Duration(due.Int64-s.micros())*time.Microsecond)), nil
}

// Settle implements [store.Queue].
func (s *Store) Settle(ctx context.Context, results []runs.Result) (stale int, err error) {
	first := firsts(results)
	err = s.writes.tx(ctx, "settle runs", func(ctx context.Context, tx *sql.Tx) error {
		lanes, err := s.settleRuns(ctx, tx, first)
		if err != nil {
			return err
		}
		stale = len(results) - len(lanes)
		for _, r := range first {
			if lane, moved := lanes[lease{r.ID, r.Fence}]; moved {
				if err := s.settleFacts(ctx, tx, r, lane); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return stale, err
}

// lease names one lease of one run.
type lease struct {
	run   string
	fence int64
}

// firsts leaves out results of a lease that another one settles already: they come too late.
func firsts(results []runs.Result) []runs.Result {
	seen := make(map[lease]bool, len(results))
	first := make([]runs.Result, 0, len(results))
	for _, r := range results {
		if l := (lease{r.ID, r.Fence}); !seen[l] {
			seen[l] = true
			first = append(first, r)
		}
	}
	return first
}

// settleRuns moves the runs whose lease still holds and returns their automations.
func (s *Store) settleRuns(ctx context.Context, tx *sql.Tx, results []runs.Result) (map[lease]string, error) {
	rows, err := tx.StmtContext(ctx, s.stmts.write["settle_runs"]).QueryContext(ctx, settlement(results), s.micros())
	lanes := make(map[lease]string, len(results))
	_, err = collect(rows, err, func(rows *sql.Rows) (l lease, err error) {
		var lane string
		err = rows.Scan(&l.run, &l.fence, &lane)
		lanes[l] = lane
		return l, err
	})
	return lanes, err
}

// settlement returns results as the parameter of settle_runs: [[seq, id, fence, status, after, unused], …].
func settlement(results []runs.Result) string {
	doc := []byte{'['}
	for i, r := range results {
		if i > 0 {
			doc = append(doc, ',')
		}
		status, unused := waiting, 0
		switch r.Status {
		case runs.Succeeded:
			status = succeeded
		case runs.Failed:
			status = failed
		}
		if r.Attempt == nil {
			unused = 1
		}
		id, _ := json.Marshal(r.ID) // a string cannot fail
		doc = fmt.Appendf(doc, "[%d,%s,%d,%d,%d,%d]", r.Seq, id, r.Fence, status, r.After.Microseconds(), unused)
	}
	return string(append(doc, ']'))
}

// settleFacts writes what a result leaves behind beside its run.
func (s *Store) settleFacts(ctx context.Context, tx *sql.Tx, r runs.Result, lane string) error {
	if r.Attempt != nil {
		doc, err := json.Marshal(r.Attempt)
		if err != nil {
			return err
		}
		if _, err := s.exec(ctx, tx, "settle_attempt", r.Seq, r.Fence, string(doc)); err != nil {
			return err
		}
	}
	if r.Health != nil {
		doc, err := json.Marshal(r.Health)
		if err != nil {
			return err
		}
		if _, err := s.exec(ctx, tx, "settle_health", lane, string(doc)); err != nil {
			return err
		}
	}
	return nil
}

// Flow implements [store.Queue].
func (s *Store) Flow(ctx context.Context, flows []store.Flow) error {
	return s.writes.tx(ctx, "change flow", func(ctx context.Context, tx *sql.Tx) error {
		for _, f := range flows {
			if err := s.flow(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) flow(ctx context.Context, tx *sql.Tx, f store.Flow) error {
	if f.Hold != "" {
		if _, err := s.exec(ctx, tx, "hold_lane", f.Automation, f.Hold); err != nil {
			return err
		}
		_, err := s.exec(ctx, tx, "hold_runs", f.Automation, f.Hold, s.micros())
		return err
	}
	if _, err := s.exec(ctx, tx, "release_runs", f.Automation, most(f.Release)); err != nil {
		return err
	}
	_, err := s.exec(ctx, tx, "release_lane", f.Automation)
	return err
}
