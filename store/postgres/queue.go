package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Claim implements [store.Queue]. It writes only when something is due, or the leases of a process that is gone end, and where
// nothing is, and no lane is held, it is one statement.
func (s *Store) Claim(ctx context.Context, l store.Lease) (c store.Claimed, err error) {
	var v view
	look := func(ctx context.Context) (err error) { v, err = s.look(ctx); return err }
	if err = s.call(ctx, "claim runs", look); err != nil {
		return store.Claimed{}, err
	}
	ended, err := s.endLeases(ctx, s.owner.miss(v.gone), l.For)
	if err != nil {
		return store.Claimed{}, err
	}
	if ended {
		v.Next = 0
	}
	var got []runs.Run
	if v.Next == 0 && l.Max > 0 {
		if got, err = s.lease(ctx, l); err != nil {
			return store.Claimed{}, err
		}
		err = s.call(ctx, "claim runs", look)
	}
	c = v.Claimed
	c.Runs, c.Next = got, s.owner.next(c.Next)
	if err == nil && v.held {
		err = s.call(ctx, "claim runs", func(ctx context.Context) (err error) {
			c.Held, err = s.turn.Next(func(last string, max int) ([]sqlstore.HeldLane, error) { return s.heldAfter(ctx, last, max) })
			return err
		})
	}
	switch {
	case err == nil:
		return c, nil
	case len(c.Runs) > 0: // they are the caller's, who asks again at once
		return store.Claimed{Runs: c.Runs}, nil
	}
	return store.Claimed{}, err
}

// view is what a look found.
type view struct {
	store.Claimed         // all but runs and lanes
	held          bool    // whether there are held lanes
	gone          []int64 // sessions of other processes that are; nil: it did not ask
}

func (s *Store) look(ctx context.Context) (view, error) {
	return row(ctx, s, s.pool, "look", func(row pgx.Rows) (v view, err error) {
		var due, notices *int64
		var version int64
		err = row.Scan(&due, &notices, &v.held, &version, &v.gone)
		v.Next, v.Notices, v.Mark = until(due), until(notices), store.MarkAt(version)
		return v, err
	}, s.clock(), s.owner.asks(), s.owner.number)
}

// mostMet bounds the runs that one claim takes out of the queue beyond those that it met.
const mostMet = 1000

// lease claims due runs. Where it meets one of a held lane there are probably more, ahead of those that may go: they leave
// the queue with it.
func (s *Store) lease(ctx context.Context, l store.Lease) (got []runs.Run, err error) {
	err = s.inOrder(ctx, "claim runs", func(ctx context.Context, tx pgx.Tx) error {
		free, met, err := s.take(ctx, tx, l)
		got = free
		if err != nil || met == 0 {
			return err
		}
		if _, err := s.exec(ctx, tx, "hold_runs", s.clock(), met+mostMet); err != nil || len(got) == l.Max {
			return err
		}
		free, _, err = s.take(ctx, tx, store.Lease{Max: l.Max - len(got), For: l.For})
		got = append(got, free...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(got, func(a, b runs.Run) int { return cmp.Compare(a.Seq, b.Seq) })
	return got, nil
}

// take leases those that may go of the runs that are due first, and tells how many of held lanes were among them.
func (s *Store) take(ctx context.Context, tx pgx.Tx, l store.Lease) (free []runs.Run, met int, err error) {
	found, err := rows(ctx, s, tx, "claim", readRun, s.clock(), l.Max, l.For.Microseconds(), s.owner.number)
	n := len(found)
	free = slices.DeleteFunc(found, func(r runs.Run) bool { return r.Held != "" })
	return free, n - len(free), err
}

// next returns the time until a query says that something is due, at most an hour.
func (s *Store) next(ctx context.Context, query string) (time.Duration, error) {
	wait, err := row(ctx, s, s.pool, query, readOne[*int64], s.clock())
	return until(wait), err
}

// until returns a wait in microseconds, at most an hour, as when there is none.
func until(wait *int64) time.Duration {
	if wait == nil {
		return time.Hour
	}
	return min(time.Hour, max(0, time.Duration(*wait)*time.Microsecond))
}

func (s *Store) heldAfter(ctx context.Context, last string, max int) ([]sqlstore.HeldLane, error) {
	return rows(ctx, s, s.pool, "lanes_held", func(row pgx.Rows) (sqlstore.HeldLane, error) {
		var automation string
		var hold runs.Hold
		var pause int64
		var occupied bool
		err := row.Scan(&automation, &hold, &pause, &occupied)
		return sqlstore.Held(automation, hold, pause, occupied), err
	}, s.clock(), last, max)
}

// readRun reads the columns that claim, list and get share.
func readRun(row pgx.Rows) (runs.Run, error) { return scanRun(row) }

// scanRun reads a run, and what a statement adds to the columns of one.
func scanRun(row pgx.Rows, more ...any) (runs.Run, error) {
	var now int64
	var w sqlstore.Row
	err := row.Scan(append([]any{
		&now, &w.Seq, &w.ID, &w.Account, &w.Automation, &w.Action, &w.Event, &w.EventType, &w.URL, &w.Facts, &w.Created, &w.Status,
		&w.Changed, &w.Due, &w.Leased, &w.Held, &w.Hold, &w.Until, &w.Fence, &w.Tries, &w.Replays, &w.Message,
	}, more...)...)
	return w.At(now), err
}
