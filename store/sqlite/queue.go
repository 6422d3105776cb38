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
	err = s.tx(ctx, "claim runs", func(tx *sql.Tx) error {
		rows, err := tx.StmtContext(ctx, s.stmts.write["claim"]).QueryContext(ctx, now, l.For.Microseconds(), l.Max)
		c.Runs, err = collect(rows, err, func(rows *sql.Rows) (runs.Run, error) { return scanRun(rows, now) })
		return err
	})
	if err != nil {
		return store.Claimed{}, err
	}
	slices.SortFunc(c.Runs, func(a, b runs.Run) int { return cmp.Compare(a.Seq, b.Seq) })
	if len(c.Runs) < l.Max {
		if c.Next, err = s.next(ctx); err != nil {
			return c, nil // what was claimed is the caller's; it asks again soon
		}
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
	doc, health, err := settlement(results)
	if err != nil {
		return 0, fmt.Errorf("settle runs: %w", err)
	}
	var moved int64
	err = s.tx(ctx, "settle runs", func(tx *sql.Tx) error {
		if _, err := s.exec(ctx, tx, "settle_attempts", doc); err != nil {
			return err
		}
		if health {
			if _, err := s.exec(ctx, tx, "settle_health", doc); err != nil {
				return err
			}
		}
		res, err := s.exec(ctx, tx, "settle_runs", doc, s.micros())
		if err != nil {
			return err
		}
		moved, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(results) - int(moved), nil
}

// settlement returns results as the one parameter of the settle queries: [[seq, id, fence, status, after, attempt, health], …].
func settlement(results []runs.Result) (doc []byte, health bool, err error) {
	rows := make([][7]any, len(results))
	for i, r := range results {
		status := waiting
		switch r.Status {
		case runs.Succeeded:
			status = succeeded
		case runs.Failed:
			status = failed
		}
		rows[i] = [7]any{r.Seq, r.ID, r.Fence, status, r.After.Microseconds()}
		if r.Attempt != nil {
			rows[i][5] = r.Attempt
		}
		if r.Health != nil {
			rows[i][6], health = r.Health, true
		}
	}
	doc, err = json.Marshal(rows)
	return doc, health, err
}

// Flow implements [store.Queue].
func (s *Store) Flow(ctx context.Context, flows []store.Flow) error {
	return s.tx(ctx, "change flow", func(tx *sql.Tx) error {
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
	if _, err := s.exec(ctx, tx, "release_runs", f.Automation, f.Release); err != nil {
		return err
	}
	_, err := s.exec(ctx, tx, "release_lane", f.Automation)
	return err
}
