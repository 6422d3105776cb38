package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
)

// sqliteDB is a file that the shop and Tenterhook share.
type sqliteDB struct {
	*sqlite.Store
	shop   *sql.DB
	folder string
}

func openSQLite(ctx context.Context) (*sqliteDB, error) {
	folder, err := os.MkdirTemp("", "transactional-")
	if err != nil {
		return nil, fmt.Errorf("make temporary folder: %w: see that %q exists and may be written", err, os.TempDir())
	}
	file := filepath.Join(folder, "shop.db")
	st, err := sqlite.Options{Shared: true}.Open(ctx, file) // Shared: the file holds the shop's tables too
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	// A transaction that is going to write asks for the write lock as it begins, and waits for the dispatcher's to end. The file
	// is named by a URI, for its path may hold a question mark.
	uri := url.URL{Scheme: "file", OmitHost: true, Path: file, RawQuery: "_txlock=immediate&_pragma=busy_timeout(10000)"}
	shop, err := sql.Open("sqlite", uri.String())
	if err != nil {
		return nil, errors.Join(err, st.Close(), os.RemoveAll(folder))
	}
	db := &sqliteDB{Store: st, shop: shop, folder: folder}
	for _, statement := range tables() {
		if _, err := shop.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

func (db *sqliteDB) begin(ctx context.Context) (transaction, error) {
	tx, err := db.shop.BeginTx(ctx, nil)
	return sqliteTx{db.Store, tx}, err
}

func (db *sqliteDB) orders(ctx context.Context) (numbers []string, err error) {
	rows, err := db.shop.QueryContext(ctx, "SELECT number FROM orders")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var number string
		if err := rows.Scan(&number); err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	return numbers, rows.Err()
}

func (db *sqliteDB) Close() error {
	return errors.Join(db.shop.Close(), db.Store.Close(), os.RemoveAll(db.folder))
}

type sqliteTx struct {
	store *sqlite.Store
	tx    *sql.Tx
}

func (t sqliteTx) insert(ctx context.Context, o order) error {
	_, err := t.tx.ExecContext(ctx, "INSERT INTO orders VALUES (?, ?)", o.Number, o.Pieces)
	return err
}

func (t sqliteTx) publisher() store.Publisher { return t.store.Within(t.tx) }

func (t sqliteTx) take(ctx context.Context, pieces int) error {
	_, err := t.tx.ExecContext(ctx, "UPDATE stock SET pieces = pieces - ?", pieces)
	const constraintCheck = 275 // https://sqlite.org/rescode.html#constraint_check
	var refused interface{ Code() int }
	if errors.As(err, &refused) && refused.Code() == constraintCheck {
		return fmt.Errorf("%w: %w", errSoldOut, err)
	}
	return err
}

func (t sqliteTx) commit(context.Context) error { return t.tx.Commit() }

func (t sqliteTx) rollback(context.Context) error {
	if err := t.tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}
