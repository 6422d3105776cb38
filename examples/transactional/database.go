package main

import (
	"context"
	"fmt"

	"github.com/tenterhook/tenterhook/store"
)

// openDatabase opens the PostgreSQL database that dsn names; "": one in a temporary file.
func openDatabase(ctx context.Context, dsn string) (database, error) {
	if dsn == "" {
		return openSQLite(ctx)
	}
	return openPostgres(ctx, dsn)
}

// tables returns the statements that make the shop's tables.
func tables() []string {
	return []string{
		"CREATE TABLE orders (number TEXT PRIMARY KEY, pieces INTEGER NOT NULL)",
		"CREATE TABLE stock (pieces INTEGER NOT NULL CHECK (pieces >= 0))",
		fmt.Sprintf("INSERT INTO stock VALUES (%d)", stock),
	}
}

// database is the shop's own, with Tenterhook's tables beside those of the shop.
type database interface {
	store.Store
	// begin begins a transaction, which sees what was committed before.
	begin(context.Context) (transaction, error)
	// orders returns the numbers of the orders that are there.
	orders(context.Context) ([]string, error)
	// Close closes it and removes what the example made.
	Close() error
}

// transaction is one of the shop's.
type transaction interface {
	// insert writes an order.
	insert(context.Context, order) error
	// publisher makes runs that live or die with the transaction.
	publisher() store.Publisher
	// take takes goods from the stock, or fails as errSoldOut.
	take(ctx context.Context, pieces int) error
	// commit and rollback end it; after a commit, rollback does nothing.
	commit(context.Context) error
	rollback(context.Context) error
}
