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
	err = s.writes.tx(ctx, "claim runs", func(ctx context.Context) error {
		rows, err := s.stmts.write["claim"].QueryContext(ctx, now, l.For.Microseconds(), l.Max)
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
	err = s.writes.tx(ctx, "settle runs", func(ctx context.Context) error {
		stale = 0
		now := s.micros()
		for _, r := range results {
			moved, err := s.settle(ctx, r, now)
			if err != nil {
				return err
			}
			if !moved {
				stale++
			}
		}
		return nil
	})
	return stale, err
}

// settle writes one result; false when its lease does not hold any more. Row by row it is as fast as one statement for all
// of them, which would take them as JSON.
func (s *Store) settle(ctx context.Context, r runs.Result, now int64) (moved bool, err error) {
	status, due, unused := waiting, sql.NullInt64{}, 0
	switch r.Status {
	case runs.Succeeded:
		status = succeeded
	case runs.Failed:
		status = failed
	default:
		due = sql.NullInt64{Int64: now + r.After.Microseconds(), Valid: true}
	}
	if r.Attempt == nil {
		unused = 1
	}
	res, err := s.exec(ctx, "settle_run", r.Seq, r.ID, r.Fence, status, now, due, unused)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if r.Attempt != nil {
		doc, err := json.Marshal(r.Attempt)
		if err != nil {
			return false, err
		}
		if _, err := s.exec(ctx, "settle_attempt", r.Seq, r.Fence, string(doc)); err != nil {
			return false, err
		}
	}
	if r.Health != nil {
		doc, err := json.Marshal(r.Health)
		if err != nil {
			return false, err
		}
		if _, err := s.exec(ctx, "settle_health", r.Seq, string(doc)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Flow implements [store.Queue].
func (s *Store) Flow(ctx context.Context, flows []store.Flow) error {
	return s.writes.tx(ctx, "change flow", func(ctx context.Context) error {
		for _, f := range flows {
			if err := s.flow(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) flow(ctx context.Context, f store.Flow) error {
	if f.Hold != "" {
		if _, err := s.exec(ctx, "hold_lane", f.Automation, f.Hold); err != nil {
			return err
		}
		_, err := s.exec(ctx, "hold_runs", f.Automation, f.Hold, s.micros())
		return err
	}
	if _, err := s.exec(ctx, "release_runs", f.Automation, most(f.Release)); err != nil {
		return err
	}
	_, err := s.exec(ctx, "release_lane", f.Automation)
	return err
}
