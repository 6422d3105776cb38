package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Claim implements [store.Queue]. It takes the write lock only when something is due.
func (s *Store) Claim(ctx context.Context, l store.Lease) (c store.Claimed, err error) {
	if c, err = s.look(ctx); err != nil {
		return store.Claimed{}, fmt.Errorf("claim runs: %w", err)
	}
	if c.Next == 0 && l.Max > 0 {
		got, err := s.lease(ctx, l)
		if err != nil {
			return store.Claimed{}, err
		}
		if c, err = s.look(ctx); err != nil {
			return store.Claimed{Runs: got}, nil // they are the caller's, who asks again at once
		}
		c.Runs = got
	}
	switch c.Held, err = s.heldLanes(ctx); {
	case err == nil:
		return c, nil
	case len(c.Runs) > 0:
		return store.Claimed{Runs: c.Runs}, nil
	}
	return store.Claimed{}, fmt.Errorf("claim runs: %w", err)
}

// look returns all of a claim but runs and lanes.
func (s *Store) look(ctx context.Context) (c store.Claimed, err error) {
	var due, notices sql.NullInt64
	var version int64
	err = s.stmts.read["look"].QueryRowContext(ctx).Scan(&due, &notices, &version)
	c.Next, c.Notices, c.Mark = s.until(due), s.until(notices), store.MarkAt(version)
	return c, err
}

// mostMet bounds the runs that one claim takes out of the queue beyond those that it met.
const mostMet = 1000

// lease claims due runs. Where it meets one of a held lane there are probably more, ahead of those that may go: they leave
// the queue with it.
func (s *Store) lease(ctx context.Context, l store.Lease) (got []runs.Run, err error) {
	err = s.writes.tx(ctx, "claim runs", func(ctx context.Context) error {
		now := s.micros()
		free, met, err := s.take(ctx, l, now)
		got = free
		if err != nil || met == 0 {
			return err
		}
		if _, err := s.exec(ctx, "hold_runs", now, met+mostMet); err != nil {
			return err
		}
		free, _, err = s.take(ctx, store.Lease{Max: l.Max - len(got), For: l.For}, now)
		got = append(got, free...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(got, func(a, b runs.Run) int { return cmp.Compare(a.Seq, b.Seq) })
	return got, nil
}

// take leases those that may go of the runs that are due first, and tells how many of held lanes were among them. Reading
// them and then writing is faster than an UPDATE that returns them.
func (s *Store) take(ctx context.Context, l store.Lease, now int64) (free []runs.Run, met int, err error) {
	rows, err := s.stmts.write["claim"].QueryContext(ctx, now, l.Max)
	found, err := collect(rows, err, func(rows *sql.Rows) (runs.Run, error) { return scanRun(rows, now) })
	if err != nil {
		return nil, 0, err
	}
	due := now + l.For.Microseconds()
	var seqs []int64
	for _, r := range found {
		if r.Held != "" {
			continue
		}
		r.Status, r.StatusAt, r.Due = runs.Running, sqlstore.Time(now), sqlstore.Time(due)
		r.Fence++
		r.Tries++
		free, seqs = append(free, r), append(seqs, r.Seq)
	}
	_, err = s.exec(ctx, "lease_runs", jsonNumbers(seqs), due, now)
	return free, len(found) - len(free), err
}

// next returns the time until a query says that something is due, at most an hour.
func (s *Store) next(ctx context.Context, query string) (time.Duration, error) {
	var due sql.NullInt64
	if err := s.stmts.read[query].QueryRowContext(ctx).Scan(&due); err != nil {
		return 0, err
	}
	return s.until(due), nil
}

// until returns how long after now a time is, at most an hour, as when there is none.
func (s *Store) until(due sql.NullInt64) time.Duration {
	if !due.Valid {
		return time.Hour
	}
	return min(time.Hour, max(0, time.Duration(due.Int64-s.micros())*time.Microsecond))
}

// Settle implements [store.Queue].
func (s *Store) Settle(ctx context.Context, outcomes []store.Outcome) (store.Settled, error) {
	var done store.Settled
	err := s.writes.tx(ctx, "settle runs", func(ctx context.Context) error {
		done = store.Settled{}
		now := s.micros()
		for _, o := range outcomes {
			moved, err := s.settle(ctx, o.Result, now)
			if err != nil {
				return err
			}
			if !moved {
				done.Stale++
				continue
			}
			if o.Rule == nil {
				continue
			}
			v, err := s.judge(ctx, o, now)
			if err != nil {
				return err
			}
			done.Verdicts = append(done.Verdicts, v)
		}
		return nil
	})
	if err != nil {
		return store.Settled{}, err
	}
	return done, nil
}

// settle writes one result; false when its lease does not hold any more. Row by row it is as fast as one statement for all
// of them, which would take them as JSON.
func (s *Store) settle(ctx context.Context, r runs.Result, now int64) (moved bool, err error) {
	var due any // NULL
	if !r.Status.Ended() {
		due = now + r.After.Microseconds()
	}
	res, err := s.stmts.direct["settle_run"].exec(ctx, int64(sqlstore.StatusOf(r.Status)), now, due, r.Attempt == nil, r.Seq, r.ID, r.Fence)
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
		if _, err := s.stmts.direct["settle_attempt"].exec(ctx, r.Seq, r.Fence, string(doc)); err != nil {
			return false, err
		}
	}
	return true, nil
}
