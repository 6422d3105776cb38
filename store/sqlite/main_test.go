package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/tenterhook/tenterhook/store/sqlite"
)

// TestMain lets the test binary be a second process on a store, see process_test.go.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(play(role, os.Getenv(fileVariable)))
	}
	goleak.VerifyTestMain(m)
}

func newFile(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "store.db")
}

func open(t testing.TB, o sqlite.Options, path string) *sqlite.Store {
	t.Helper()
	st, err := o.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// host opens a file as a program does that knows nothing of this package.
func host(t testing.TB, path string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return db
}

// sound reports what is broken in a file.
func sound(t testing.TB, path string) {
	t.Helper()
	db := host(t, path)
	var answer string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&answer); err != nil || answer != "ok" {
		t.Errorf("integrity_check: %q, %v", answer, err)
	}
	var orphans int
	err := db.QueryRowContext(t.Context(), `SELECT
		(SELECT count(*) FROM tenterhook_attempts WHERE run NOT IN (SELECT seq FROM tenterhook_runs)) +
		(SELECT count(*) FROM tenterhook_messages WHERE run NOT IN (SELECT coalesce(message, seq) FROM tenterhook_runs)) +
		(SELECT count(*) FROM tenterhook_runs WHERE coalesce(message, seq) NOT IN (SELECT run FROM tenterhook_messages))`).Scan(&orphans)
	if err != nil || orphans > 0 {
		t.Errorf("%d attempts or messages without a run, or runs without a message; error %v", orphans, err)
	}
}
