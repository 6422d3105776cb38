package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func newStore(t testing.TB, o Options) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := o.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, path
}

// tables returns the names of all tables in order.
func tables(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
	names, err := collect(rows, err, readOne[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestInterruptedMigrationLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := sql.Open("sqlite", dsn(path, Options{}.withDefaults(), "_txlock=immediate"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	good := &fstest.MapFile{Data: []byte("CREATE TABLE tenterhook_a (x); INSERT INTO tenterhook_a VALUES (1);")}
	bad := &fstest.MapFile{Data: []byte("CREATE TABLE tenterhook_b (x); INSERT INTO tenterhook_a VALUES (2); INSERT INTO nowhere VALUES (1);")}
	mended := &fstest.MapFile{Data: []byte("CREATE TABLE tenterhook_b (x); INSERT INTO tenterhook_a VALUES (2);")}
	for _, tt := range []struct {
		what  string
		files fstest.MapFS
		fails string
		want  []string
		rows  int
	}{
		{"a first step breaks off", fstest.MapFS{"migrations/0001_bad.sql": bad}, "0001_bad.sql", nil, 0},
		{"a second step breaks off", fstest.MapFS{"migrations/0001_a.sql": good, "migrations/0002_bad.sql": bad}, "0002_bad.sql",
			[]string{"tenterhook_a", "tenterhook_steps"}, 1},
		{"again", fstest.MapFS{"migrations/0001_a.sql": good, "migrations/0002_bad.sql": bad}, "0002_bad.sql",
			[]string{"tenterhook_a", "tenterhook_steps"}, 1},
		{"mended", fstest.MapFS{"migrations/0001_a.sql": good, "migrations/0002_b.sql": mended}, "",
			[]string{"tenterhook_a", "tenterhook_b", "tenterhook_steps"}, 2},
		{"once done, it is not done again", fstest.MapFS{"migrations/0001_a.sql": good, "migrations/0002_b.sql": mended}, "",
			[]string{"tenterhook_a", "tenterhook_b", "tenterhook_steps"}, 2},
	} {
		m, err := Options{}.migrator(db, tt.files)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.run(t.Context()); (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%s: error %v, want one of %q", tt.what, err, tt.fails)
		}
		if diff := cmp.Diff(tt.want, tables(t, db)); diff != "" {
			t.Errorf("%s: tables (-want +got):\n%s", tt.what, diff)
		}
		var rows int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM tenterhook_a").Scan(&rows); tt.rows > 0 && (err != nil || rows != tt.rows) {
			t.Errorf("%s: %d rows of the steps, error %v; want %d", tt.what, rows, err, tt.rows)
		}
	}
}

func TestCancelledMigrationCanBeDoneLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, path); err == nil {
		t.Fatal("Open under a context that has ended gave no error")
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A release's steps are what files in the field have seen.
func TestOpeningAgainChangesNothing(t *testing.T) {
	s, path := newStore(t, Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("opening and closing changed the file, error %v", err)
	}
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func TestPragmasAreInForce(t *testing.T) {
	s, _ := newStore(t, Options{})
	for _, tt := range []struct{ pragma, write, read string }{
		{"journal_mode", "wal", "wal"},
		{"synchronous", "2", "2"}, // FULL
		{"foreign_keys", "1", "1"},
		{"busy_timeout", "10000", "10000"},
		{"query_only", "0", "1"},
	} {
		for db, want := range map[querier]string{s.writes.conn: tt.write, s.read: tt.read} {
			var got string
			if err := db.QueryRowContext(t.Context(), "PRAGMA "+tt.pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s = %q, error %v; want %q", tt.pragma, got, err, want)
			}
		}
	}
}
