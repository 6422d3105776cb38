package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
)

// postgresDB is a pool of connections that the shop and Tenterhook share. The example must not meet a real shop's tables, so
// both have a schema of this run's own.
type postgresDB struct {
	*postgres.Store
	pool    *pgxpool.Pool
	schemas []string
}

func openPostgres(ctx context.Context, dsn string) (*postgresDB, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	schema := "transactional_" + strings.ToLower(rand.Text())
	config.ConnConfig.RuntimeParams["search_path"] = schema
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil { // nothing is made yet, so there is nothing to remove
		pool.Close()
		return nil, fmt.Errorf("reach database: see that it runs and is the one that -postgres names: %w", err)
	}
	db := &postgresDB{pool: pool, schemas: []string{schema, schema + "_runs"}}
	for _, statement := range append([]string{"CREATE SCHEMA " + schema}, tables()...) {
		if _, err := pool.Exec(ctx, statement); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if db.Store, err = (postgres.Options{Schema: db.schemas[1]}).New(ctx, pool); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *postgresDB) begin(ctx context.Context) (transaction, error) {
	tx, err := db.pool.Begin(ctx)
	return postgresTx{db.Store, tx}, err
}

func (db *postgresDB) orders(ctx context.Context) ([]string, error) {
	rows, err := db.pool.Query(ctx, "SELECT number FROM orders")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (db *postgresDB) Close() error {
	defer db.pool.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // not that of the command, which may have ended
	defer cancel()
	var errs []error
	if db.Store != nil {
		errs = append(errs, db.Store.Close())
	}
	for _, schema := range db.schemas {
		_, err := db.pool.Exec(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE")
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

type postgresTx struct {
	store *postgres.Store
	tx    pgx.Tx
}

func (t postgresTx) insert(ctx context.Context, o order) error {
	_, err := t.tx.Exec(ctx, "INSERT INTO orders VALUES ($1, $2)", o.Number, o.Pieces)
	return err
}

func (t postgresTx) publisher() store.Publisher { return t.store.Within(t.tx) }

func (t postgresTx) take(ctx context.Context, pieces int) error {
	_, err := t.tx.Exec(ctx, "UPDATE stock SET pieces = pieces - $1", pieces)
	const checkViolation = "23514" // https://www.postgresql.org/docs/current/errcodes-appendix.html
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == checkViolation {
		return fmt.Errorf("%w: %w", errSoldOut, err)
	}
	return err
}

func (t postgresTx) commit(ctx context.Context) error { return t.tx.Commit(ctx) }

func (t postgresTx) rollback(ctx context.Context) error {
	if err := t.tx.Rollback(ctx); !errors.Is(err, pgx.ErrTxClosed) {
		return err
	}
	return nil
}
