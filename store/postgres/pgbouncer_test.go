package postgres_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// SPEC D1, D2: a proxy may give each transaction another connection. What is heard goes past it.
func TestStoreKeepsThePromisesBehindAProxy(t *testing.T) {
	proxied, direct := need.PgBouncer(t)
	var stores atomic.Int64
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		need.BriefProofs(t)
		return open(t, postgres.Options{Now: now, Schema: fmt.Sprint("proof_", stores.Add(1)), ListenDSN: direct}, proxied)
	})
}

// Nothing listens on a connection that is another program's a moment later.
func TestNobodyListensThroughAProxy(t *testing.T) {
	proxied, direct := need.PgBouncer(t)
	st := open(t, postgres.Options{}, proxied)
	for range 3 {
		if err := st.Wait(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
			t.Fatalf("Wait behind a proxy: %v, want %v", err, errors.ErrUnsupported)
		}
	}
	if err := open(t, postgres.Options{NoListen: true}, direct).Wait(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Wait of a store that is not to listen: %v, want %v", err, errors.ErrUnsupported)
	}
	if n := number(t, connect(t, direct), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"); n > 0 {
		t.Errorf("%d connections listen", n)
	}
	if n := number(t, connect(t, direct), "SELECT count(*) FROM tenterhook.processes"); n > 0 {
		t.Errorf("%d processes are said to listen: nobody's leases may end for that", n)
	}
}
