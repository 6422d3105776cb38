package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// mode has each connection remember what a statement's parameters and columns are, but leaves nothing on the server. Without a
// prepared statement each execution is planned for the parameters that it has, which the filters and claims gain by.
const mode = pgx.QueryExecModeCacheDescribe

// prepared are the statements that carry deliveries: most of what the server does for them would be planning. Their plans are
// right for any parameters. They are prepared where the pool's own mode says so, as pgx's default does, until one is missing:
// then a proxy gives each transaction another connection.
var prepared = map[string]bool{"publish": true, "settle": true}

func (s *Store) mode(q querier, name string) pgx.QueryExecMode {
	if _, never := q.(unprepared); !never && s.prepares.Load() && prepared[name] {
		return pgx.QueryExecModeCacheStatement
	}
	return mode
}

// unprepared is a transaction of a host whose connection is made to prepare nothing.
type unprepared struct{ pgx.Tx }

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
	return s.try(ctx, what, undone, do)
}

// read is call for what changes nothing: it begins anew too where its connection was cut, perhaps long before it was used.
func (s *Store) read(ctx context.Context, what string, do func(context.Context) error) error {
	return s.try(ctx, what, func(err error) bool { return undone(err) || cut(err) }, do)
}

func (s *Store) try(ctx context.Context, what string, again func(error) bool, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	bounded, cancel := s.bounded(ctx)
	defer cancel()
	var err error
	for n := range tries {
		if err = s.migrate(bounded); err == nil {
			err = do(bounded)
		}
		if err == nil {
			return nil
		}
		if readsOnly(err) {
			s.pool.Reset() // new connections go where the DSN says that one can write
		}
		unprepared := failedWith(err, noStatement, statementIsThere)
		if unprepared {
			s.prepares.Store(false)
		}
		if !unprepared && !again(err) || !pause(ctx, n) {
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
	return failedWith(err, serializationFailure, deadlockDetected, readOnly) || pgconn.SafeToRetry(err)
}

// cut tells whether a connection ended under a statement: the server said so, or nothing at all.
func cut(err error) bool {
	return failedWith(err, adminShutdown, crashShutdown) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// readsOnly tells whether a server refused to write: it was the first of several, or waits to become it.
func readsOnly(err error) bool { return failedWith(err, readOnly) }

// failedWith tells whether the server answered with one of these codes.
func failedWith(err error, codes ...string) bool {
	var failed *pgconn.PgError
	return errors.As(err, &failed) && slices.Contains(codes, failed.Code)
}

// Error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	adminShutdown        = "57P01"
	crashShutdown        = "57P02"
	readOnly             = "25006"
	noStatement          = "26000"
	statementIsThere     = "42P05"
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

// byIndex does something in a transaction whose prepared statements find rows by an index.
func (s *Store) byIndex(ctx context.Context, what string, do func(context.Context, pgx.Tx) error) error {
	return s.begin(ctx, what, s.options("by_index"), do)
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
	found, err := q.Query(ctx, s.text(name), append([]any{s.mode(q, name)}, args...)...)
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
