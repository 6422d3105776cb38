package postgres_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// SPEC D1. The proofs share a database, each in a schema of its own.
func TestStoreKeepsThePromises(t *testing.T) {
	dsn := need.Postgres(t)
	var stores atomic.Int64
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		need.TwoWalks(t)
		o := postgres.Options{Now: now, Schema: fmt.Sprint("proof_", stores.Add(1))}
		return open(t, o, dsn)
	})
}
