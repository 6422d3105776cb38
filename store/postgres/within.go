package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Within returns a publisher whose runs live or die with a transaction of the host in the same database (SPEC R7). When it
// fails, the transaction has to be rolled back.
func (s *Store) Within(tx pgx.Tx) store.Publisher {
	if tx.Conn().Config().DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
		tx = unprepared{tx}
	}
	return insider{store: s, publish: func(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
		all, err := s.publish(ctx, tx, entries)
		return createdOf(entries, all), err
	}}
}

// WithinSQL is [Store.Within] for a transaction of package [database/sql], whichever driver it has: an *[sql.Tx], or an
// *[sql.Conn] in one. It needs no more of it than QueryContext.
func (s *Store) WithinSQL(tx interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}) store.Publisher {
	return insider{store: s, publish: func(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
		b := newBatch(entries)
		args, err := literals(s.parameters(b))
		if err != nil {
			return nil, err
		}
		found, err := tx.QueryContext(ctx, s.text("publish"), args...)
		if err != nil {
			return nil, err
		}
		defer found.Close()
		var all []place
		for found.Next() {
			var p place
			if err := found.Scan(&p.id, &p.seq, &p.now); err != nil {
				return nil, err
			}
			all = append(all, p)
		}
		return createdOf(entries, b.inOrder(all)), found.Err()
	}}
}

// insider publishes in a transaction of the host.
type insider struct {
	store   *Store
	publish func(context.Context, []store.Entry) ([]runs.Run, error)
}

// Publish implements [store.Publisher].
func (i insider) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	if len(entries) == 0 {
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, i.store.timeout)
	defer cancel()
	created, err := i.publish(ctx, entries)
	if err != nil {
		return nil, fmt.Errorf("publish runs: %w", err)
	}
	return created, nil
}

// literals returns parameters as PostgreSQL writes them, which every driver can pass on: it has no types for arrays.
func literals(args []any) ([]any, error) {
	types := pgtype.NewMap()
	out := make([]any, len(args))
	for i, arg := range args {
		var oid uint32
		switch arg := arg.(type) {
		case int64:
			out[i] = arg
			continue
		case *int64:
			if arg != nil {
				out[i] = *arg
			}
			continue
		case []string:
			oid = pgtype.TextArrayOID
		case []int64:
			oid = pgtype.Int8ArrayOID
		case []int32:
			oid = pgtype.Int4ArrayOID
		case []bool:
			oid = pgtype.BoolArrayOID
		case pgtype.FlatArray[[]byte]:
			oid = pgtype.ByteaArrayOID
		}
		text, err := types.Encode(oid, pgtype.TextFormatCode, arg, nil)
		if err != nil {
			return nil, err
		}
		out[i] = string(text)
	}
	return out, nil
}
