package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// PutKeys implements [store.Keys].
func (s *Store) PutKeys(ctx context.Context, keys []store.Key) ([]store.Key, error) {
	out := make([]store.Key, len(keys))
	err := s.writes.tx(ctx, "add keys", func(ctx context.Context) (err error) {
		for i, k := range keys {
			if out[i], err = s.putKey(ctx, k); err != nil {
				return fmt.Errorf("key %q: %w", k.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) putKey(ctx context.Context, k store.Key) (store.Key, error) {
	owner, err := s.stored(ctx, k.Automation)
	if err != nil {
		return k, err
	}
	if !owner.doc.Valid || owner.account != k.Account {
		return k, fmt.Errorf("automation %q: %w in account %q", k.Automation, store.ErrNotFound, k.Account)
	}
	w := sqlstore.NewKey(k, s.micros())
	res, err := s.exec(ctx, "key_put", w.ID, w.Account, w.Automation, notNil(w.Hash), w.Created, w.Ends, w.Doc)
	if err != nil {
		return k, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err != nil {
			return k, err
		}
		return k, fmt.Errorf("%w: its id or hash is there already: draw another", store.ErrConflict)
	}
	return w.Read(*w.Created), nil
}

// Keys implements [store.Keys].
func (s *Store) Keys(ctx context.Context, account, automation string) ([]store.Key, error) {
	rows, err := s.stmts.read["keys"].QueryContext(ctx, account, automation)
	list, err := collect(rows, err, s.readKey)
	if err != nil {
		return nil, fmt.Errorf("list keys of automation %q: %w", automation, err)
	}
	sqlstore.SortKeys(list)
	return list, nil
}

func (s *Store) readKey(rows *sql.Rows) (store.Key, error) {
	var w sqlstore.KeyRow
	err := rows.Scan(&w.ID, &w.Account, &w.Automation, &w.Hash, &w.Created, &w.Ends, &w.Used, &w.Tested, &w.Test, &w.Doc)
	return w.Read(s.micros()), err
}

// MarkKeys implements [store.Keys].
func (s *Store) MarkKeys(ctx context.Context, marks []store.KeyMark) error {
	return s.writes.tx(ctx, "mark keys", func(ctx context.Context) error {
		now := s.micros()
		for _, m := range marks {
			var ends sql.NullInt64
			if m.End != nil {
				ends = sql.NullInt64{Int64: now + m.End.Microseconds(), Valid: true}
			}
			var test any // NULL: none came
			if m.Test != nil {
				test = m.Test
			}
			if _, err := s.exec(ctx, "key_mark", m.Account, m.ID, now, m.Used, ends, test); err != nil {
				return err
			}
		}
		return nil
	})
}
