package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// PutKeys implements [store.Keys].
func (s *Store) PutKeys(ctx context.Context, keys []store.Key) (out []store.Key, err error) {
	err = s.tx(ctx, "add keys", func(ctx context.Context, tx pgx.Tx) error {
		if err := s.owned(ctx, tx, keys); err != nil {
			return err
		}
		var ids, accounts, automations, docs []string
		var hashes [][]byte
		var ends []*int64
		for _, k := range keys {
			w := sqlstore.NewKey(k, 0)
			ids, accounts, automations = append(ids, w.ID), append(accounts, w.Account), append(automations, w.Automation)
			hashes, ends, docs = append(hashes, append([]byte{}, w.Hash...)), append(ends, w.Ends), append(docs, w.Doc)
		}
		added, err := rows(ctx, s, tx, "keys_put", readKey, s.clock(), ids, accounts, automations, hashes, ends, docs)
		if err != nil {
			return err
		}
		out, err = sameOrder(keys, added)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// owned reports a key whose automation its account does not have; else the automations stay until tx ends.
func (s *Store) owned(ctx context.Context, tx pgx.Tx, keys []store.Key) error {
	var ids []string
	for _, k := range keys {
		ids = append(ids, searchable(k.Automation))
	}
	owners := map[string]string{}
	_, err := rows(ctx, s, tx, "keys_owners", func(row pgx.Rows) (struct{}, error) {
		var id, account string
		err := row.Scan(&id, &account)
		owners[id] = account
		return struct{}{}, err
	}, ids)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if account, ok := owners[k.Automation]; !ok || account != k.Account {
			return fmt.Errorf("key %q: automation %q: %w in account %q", k.ID, k.Automation, store.ErrNotFound, k.Account)
		}
	}
	return nil
}

// sameOrder returns the keys that were added in the order of those that were to be, if they are all.
func sameOrder(keys, added []store.Key) ([]store.Key, error) {
	byID := map[string]store.Key{}
	for _, k := range added {
		byID[k.ID] = k
	}
	out := make([]store.Key, len(keys))
	for i, k := range keys {
		var ok bool
		if out[i], ok = byID[k.ID]; !ok {
			return nil, fmt.Errorf("key %q: %w: its id or hash is there already: draw another", k.ID, store.ErrConflict)
		}
		delete(byID, k.ID)
	}
	return out, nil
}

// Keys implements [store.Keys].
func (s *Store) Keys(ctx context.Context, account, automation string) (list []store.Key, err error) {
	err = s.call(ctx, fmt.Sprintf("list keys of automation %q", automation), func(ctx context.Context) (err error) {
		if list, err = rows(ctx, s, s.pool, "keys", readKey, s.clock(), account, automation); unstorable(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	sqlstore.SortKeys(list)
	return list, nil
}

func readKey(row pgx.Rows) (store.Key, error) {
	var w sqlstore.KeyRow
	var now int64
	err := row.Scan(&now, &w.ID, &w.Account, &w.Automation, &w.Hash, &w.Created, &w.Ends, &w.Used, &w.Tested, &w.Test, &w.Doc)
	return w.Read(now), err
}

// MarkKeys implements [store.Keys].
func (s *Store) MarkKeys(ctx context.Context, marks []store.KeyMark) error {
	var accounts, ids []string
	var used []bool
	var after []*int64
	var tests [][]byte
	for _, m := range sqlstore.FoldMarks(marks) {
		var ends *int64
		if m.End != nil {
			us := m.End.Microseconds()
			ends = &us
		}
		accounts, ids = append(accounts, searchable(m.Account)), append(ids, searchable(m.ID))
		used, after, tests = append(used, m.Used), append(after, ends), append(tests, m.Test)
	}
	return s.call(ctx, "mark keys", func(ctx context.Context) error {
		_, err := s.exec(ctx, s.pool, "keys_mark", s.clock(), accounts, ids, used, after, tests)
		return err
	})
}
