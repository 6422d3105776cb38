package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// A proxy may give each transaction another connection, so none may be left otherwise than it was where the pool says so.
func TestCallsLeaveNothingInTheSession(t *testing.T) {
	one := func(c *pgxpool.Config) {
		c.MaxConns, c.ConnConfig.DefaultQueryExecMode = 1, pgx.QueryExecModeCacheDescribe
	}
	s := newStoreOn(t, Options{}, newPool(t, need.Postgres(t), one))
	fill(t, s, 1000)
	for range 2 {
		do(t, s)
	}
	var left string
	err := s.pool.QueryRow(t.Context(), `SELECT concat_ws(', ', (SELECT 'prepared: ' || count(*) FROM pg_prepared_statements HAVING count(*) > 0),
		(SELECT 'advisory locks: ' || count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() HAVING count(*) > 0),
		(SELECT 'settings: ' || string_agg(name, ' ') FROM pg_settings WHERE source = 'session'),
		(SELECT 'cursors: ' || count(*) FROM pg_cursors WHERE is_holdable HAVING count(*) > 0))`, pgx.QueryExecModeSimpleProtocol).Scan(&left)
	if err != nil || left != "" {
		t.Errorf("left in the session: %s; error %v", left, err)
	}
}

// The server's clock is the store's, so that processes need not agree on theirs.
func TestTimesAreTheServers(t *testing.T) {
	s := newStore(t, Options{})
	server := func() (now time.Time) {
		if err := s.pool.QueryRow(t.Context(), "SELECT statement_timestamp()").Scan(&now); err != nil {
			t.Fatal(err)
		}
		return now
	}
	before := server().Add(-time.Microsecond) // the statement rounds
	created, err := s.Publish(t.Context(), []store.Entry{planned(1)})
	if err != nil {
		t.Fatal(err)
	}
	if at := created[0].CreatedAt; at.Before(before) || at.After(server().Add(time.Microsecond)) {
		t.Errorf("the run was created at %v, want a time from %v to %v", at, before, server())
	}
	c, err := s.Claim(t.Context(), store.Lease{Max: 1, For: time.Hour})
	if err != nil || len(c.Runs) != 1 || !c.Runs[0].Due.Equal(c.Runs[0].StatusAt.Add(time.Hour)) {
		t.Errorf("Claim gave %+v, error %v; want a run that is due an hour after its claim", c, err)
	}
}

func TestTimeoutBoundsACall(t *testing.T) {
	s := newStore(t, Options{Timeout: 50 * time.Millisecond})
	fill(t, s, 1)
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), "LOCK TABLE tenterhook.runs"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if _, err := s.Publish(t.Context(), []store.Entry{planned(2)}); err == nil || !strings.HasPrefix(err.Error(), "publish runs: ") || time.Since(begun) > 10*time.Second {
		t.Errorf("Publish into a locked table gave %v after %v, want an error soon", err, time.Since(begun))
	}
}

func TestCloseEndsCallsUnderWay(t *testing.T) {
	dsn := need.Postgres(t)
	pool := newPool(t, dsn, nil)
	s, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), "LOCK TABLE tenterhook.runs"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { _, err := s.Count(t.Context(), runs.Filter{}); ended <- err }()
	for waiting := 0; waiting == 0; {
		if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, errClosed) {
		t.Errorf("the call under way ended with %v, want %v", err, errClosed)
	}
	if _, err := s.Count(t.Context(), runs.Filter{}); !errors.Is(err, errClosed) {
		t.Errorf("a call after Close ended with %v, want %v", err, errClosed)
	}
}

// As on a standby, which follows another server and takes no writes.
func TestRunsAreReadWhereNothingCanBeWritten(t *testing.T) {
	dsn := need.Postgres(t)
	fill(t, newStoreOn(t, Options{}, newPool(t, dsn, nil)), 20)
	s := newStoreOn(t, Options{}, newPool(t, dsn, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on" }))
	page, err1 := s.List(t.Context(), runs.Filter{Account: "acct_1"}, "", 10)
	counts, err2 := s.Count(t.Context(), runs.Filter{})
	one, err3 := s.Get(t.Context(), "acct_1", "run_0000000011")
	if err := errors.Join(err1, err2, err3); err != nil || len(page.Runs) != 2 || counts[runs.Scheduled] != 20 || one.Seq != 12 {
		t.Errorf("read %d and %v runs and run %d, error %v; want 2, 20 scheduled and 12", len(page.Runs), counts, one.Seq, err)
	}
	if _, err := s.Publish(t.Context(), []store.Entry{planned(100)}); err == nil {
		t.Error("a run was created where nothing can be written")
	}
}

// Connections that were cut while nobody used them are no trouble of those who read next.
func TestReadersDoNotNoticeCutConnections(t *testing.T) {
	s := newStore(t, Options{})
	fill(t, s, 20)
	admin := newPool(t, s.pool.Config().ConnString(), nil)
	for n := range 20 {
		const cutAll = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
		if _, err := admin.Exec(t.Context(), cutAll); err != nil {
			t.Fatal(err)
		}
		if _, err := s.List(t.Context(), runs.Filter{Account: "acct_1"}, "", 10); err != nil {
			t.Errorf("list %d: %v", n, err)
		}
	}
}
