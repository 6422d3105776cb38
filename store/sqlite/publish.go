package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Publish implements [store.Publisher].
func (s *Store) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	var created []runs.Run
	err := s.writes.tx(ctx, "publish runs", func(ctx context.Context) (err error) {
		p := publisher{
			run:     s.stmts.direct["publish_run"].exec,
			message: s.stmts.direct["publish_message"].exec,
		}
		created, err = p.publish(ctx, entries, s.micros())
		return err
	})
	if err != nil {
		return nil, err
	}
	return created, nil
}

// Within returns a publisher whose runs live or die with a transaction of the host on the same file (SPEC R7): an
// *[sql.Tx], or an *[sql.Conn] in one. It needs no more of it than ExecContext. When publishing fails it has done nothing, so
// the host may go on with its transaction.
//
// A file that holds the host's tables too is opened with [Options].Shared. The host's own connections should wait for the
// write lock, and take it as a transaction begins: with the driver "sqlite" that this package registers,
// file+"?_txlock=immediate&_pragma=busy_timeout(10000)". Until the transaction ends, all others that write wait for it, the
// dispatcher too: keep it short, and publish nothing in another way meanwhile.
func (s *Store) Within(tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}) store.Publisher {
	bind := func(text string) exec {
		return func(ctx context.Context, args ...any) (sql.Result, error) { return tx.ExecContext(ctx, text, args...) }
	}
	return within{store: s, bind: bind, publisher: publisher{run: bind(query("publish_run")), message: bind(query("publish_message"))}}
}

type within struct {
	store     *Store
	bind      func(text string) exec
	publisher publisher
}

// Publish implements [store.Publisher]. When it fails it has done nothing, so that the host may go on with its transaction.
func (w within) Publish(ctx context.Context, entries []store.Entry) (created []runs.Run, err error) {
	err = w.whole(ctx, func() (err error) {
		created, err = w.publisher.publish(ctx, entries, w.store.micros())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("publish runs: %w", err)
	}
	return created, nil
}

// whole does something in the host's transaction, and takes back what was done of it when it fails.
func (w within) whole(ctx context.Context, do func() error) error {
	if _, err := w.bind("SAVEPOINT tenterhook")(ctx); err != nil {
		return err
	}
	failed := do()
	ctx = context.WithoutCancel(ctx)
	if failed != nil {
		_, _ = w.bind("ROLLBACK TO tenterhook")(ctx) // it fails only where SQLite has rolled back the whole transaction
	}
	if _, err := w.bind("RELEASE tenterhook")(ctx); failed == nil {
		return err
	}
	return failed
}

type exec func(ctx context.Context, args ...any) (sql.Result, error)

// publisher inserts runs and messages one by one: with a body of 1 KiB each this was faster than one statement for many.
type publisher struct{ run, message exec }

func (p publisher) publish(ctx context.Context, entries []store.Entry, now int64) ([]runs.Run, error) {
	created := make([]runs.Run, 0, len(entries))
	owners := map[sqlstore.Bytes]int64{}
	for _, e := range entries {
		r := e.Run
		after, leased := sqlstore.After(e)
		where, somewhere := sqlstore.BytesOf(r.Message)
		var shared any // NULL
		owner, shares := owners[where]
		if shares {
			shared = owner
		}
		res, err := p.run(ctx, r.ID, r.Account, r.Automation, r.Action, r.Event, r.EventType, r.URL,
			orNull(sqlstore.Person(r.Respondent)), orNull(sqlstore.Facts(r)), shared, now, now+after, leased)
		if err != nil {
			return nil, err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		if r.Seq, err = res.LastInsertId(); err != nil {
			return nil, err
		}
		if !shares {
			if _, err := p.message(ctx, r.Seq, notNil(r.Message)); err != nil {
				return nil, err
			}
		}
		if !shares && somewhere {
			owners[where] = r.Seq
		}
		created = append(created, sqlstore.Published(r, now, now+after, leased))
	}
	return created, nil
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// orNull returns a text as an argument, NULL for the empty one.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
