package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// mode has each connection remember what a statement's parameters and columns are, but leaves nothing on the server: a
// prepared statement would be missing where a proxy gives a transaction another connection. Without one each execution is
// also planned for the parameters that it has, which the filters and batches gain by.
const mode = pgx.QueryExecModeCacheDescribe

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// tries is how often a call begins anew where that is known to be safe.
const tries = 10

// call does something within the store's bounds of time, and names it in its error. It begins anew where PostgreSQL has
// undone it for another's sake, or a connection was broken before it was used; so do must begin anew each time.
func (s *Store) call(ctx context.Context, what string, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	bounded, cancel := s.bounded(ctx)
	defer cancel()
	var err error
	for n := range tries {
		if err = do(bounded); err == nil {
			return nil
		}
		if readsOnly(err) {
			s.pool.Reset() // new connections go where the DSN says that one can write
		}
		if !undone(err) || !pause(ctx, n) {
			break
		}
	}
	switch {
	case s.life.Err() != nil:
		return fmt.Errorf("%s: %w: %w", what, errClosed, err)
	case ctx.Err() != nil && bounded.Err() != nil:
		return fmt.Errorf("%s: %w: %w", what, ctx.Err(), err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// grace is how long a call that was begun goes on when its context ends. Breaking it off would break the connection, and
// leave the caller without an answer to whether it was done, while nearly all are done within milliseconds.
const grace = time.Second

// bounded returns the context of a call: it ends with the store, with its timeout, or soon after the caller's.
func (s *Store) bounded(ctx context.Context) (context.Context, func()) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
	left := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	closed := context.AfterFunc(s.life, cancel)
	return bounded, func() { left(); closed(); cancel() }
}

// undone tells whether nothing of what failed was done, and doing it again may succeed.
func undone(err error) bool {
	var failed *pgconn.PgError
	if errors.As(err, &failed) {
		return failed.Code == serializationFailure || failed.Code == deadlockDetected || failed.Code == readOnly
	}
	return pgconn.SafeToRetry(err)
}

// readsOnly tells whether a server refused to write: it was the first of several, or waits to become it.
func readsOnly(err error) bool {
	var failed *pgconn.PgError
	return errors.As(err, &failed) && failed.Code == readOnly
}

// Error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	readOnly             = "25006"
	notInRepertoire      = "22021" // a NUL, or bytes that are no UTF-8
)

// pause waits a little, longer each time and not as long as others, and tells whether ctx goes on.
func pause(ctx context.Context, n int) bool {
	timer := time.NewTimer(rand.N(5 * time.Millisecond << min(n, 6)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// tx does something in a transaction.
func (s *Store) tx(ctx context.Context, what string, do func(context.Context, pgx.Tx) error) error {
	return s.begin(ctx, what, s.options("begin"), do)
}

// inOrder does something in a transaction whose statements take the first of many rows by an index.
func (s *Store) inOrder(ctx context.Context, what string, do func(context.Context, pgx.Tx) error) error {
	return s.begin(ctx, what, s.options("in_order"), do)
}

func (s *Store) options(begin string) pgx.TxOptions { return pgx.TxOptions{BeginQuery: s.text(begin)} }

func (s *Store) begin(ctx context.Context, what string, o pgx.TxOptions, do func(context.Context, pgx.Tx) error) error {
	return s.call(ctx, what, func(ctx context.Context) error {
		return pgx.BeginTxFunc(ctx, s.pool, o, func(tx pgx.Tx) error { return do(ctx, tx) })
	})
}

// rows runs a statement and reads all its rows with one function.
func rows[T any](ctx context.Context, s *Store, q querier, name string, read func(pgx.Rows) (T, error), args ...any) ([]T, error) {
	found, err := q.Query(ctx, s.text(name), append([]any{mode}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer found.Close()
	var all []T
	for found.Next() {
		one, err := read(found)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, one)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

func readOne[T any](row pgx.Rows) (one T, err error) {
	err = row.Scan(&one)
	return one, err
}

// row runs a statement that gives one row, and reads it.
func row[T any](ctx context.Context, s *Store, q querier, name string, read func(pgx.Rows) (T, error), args ...any) (one T, err error) {
	all, err := rows(ctx, s, q, name, read, args...)
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%s: %w", name, pgx.ErrNoRows)
	}
	if err != nil {
		return one, err
	}
	return all[0], nil
}

// exec runs a statement that gives no rows, and returns how many it changed.
func (s *Store) exec(ctx context.Context, q querier, name string, args ...any) (int, error) {
	tag, err := q.Exec(ctx, s.text(name), append([]any{mode}, args...)...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return int(tag.RowsAffected()), nil
}
