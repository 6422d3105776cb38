package postgres

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
)

// tables returns the names of all tables of the schema in order.
func tables(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	found, err := pool.Query(t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = 'tenterhook' ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestInterruptedMigrationLeavesNothing(t *testing.T) {
	pool := newPool(t, need.Postgres(t), nil)
	good := &fstest.MapFile{Data: []byte("CREATE TABLE tenterhook.a (x int); INSERT INTO tenterhook.a VALUES (1);")}
	bad := &fstest.MapFile{Data: []byte("CREATE TABLE tenterhook.b (x int); INSERT INTO tenterhook.a VALUES (2); INSERT INTO nowhere VALUES (1);")}
	mended := &fstest.MapFile{Data: []byte("CREATE TABLE tenterhook.b (x int); INSERT INTO tenterhook.a VALUES (2);")}
	for _, tt := range []struct {
		what  string
		files fstest.MapFS
		fails string
		want  []string
		rows  int
	}{
		{"a first step breaks off", fstest.MapFS{"migrations/0001_bad.sql": bad}, "0001_bad.sql", nil, 0},
		{"a second step breaks off", fstest.MapFS{"migrations/0001_a.sql": good, "migrations/0002_bad.sql": bad}, "0002_bad.sql", []string{"a", "steps"}, 1},
		{"again", fstest.MapFS{"migrations/0001_a.sql": good, "migrations/0002_bad.sql": bad}, "0002_bad.sql", []string{"a", "steps"}, 1},
		{"mended", fstest.MapFS{"migrations/0001_a.sql": good, "migrations/0002_b.sql": mended}, "", []string{"a", "b", "steps"}, 2},
		{"once done", fstest.MapFS{"migrations/0001_a.sql": good, "migrations/0002_b.sql": mended}, "", []string{"a", "b", "steps"}, 2},
	} {
		m := migrator{pool: pool, schema: "tenterhook", files: tt.files}
		if err := m.run(t.Context()); (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%s: error %v, want one of %q", tt.what, err, tt.fails)
		}
		if diff := cmp.Diff(tt.want, tables(t, pool), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: tables (-want +got):\n%s", tt.what, diff)
		}
		var rows int
		if tt.rows == 0 {
			continue
		}
		if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM tenterhook.a").Scan(&rows); err != nil || rows != tt.rows {
			t.Errorf("%s: %d rows of the steps, error %v; want %d", tt.what, rows, err, tt.rows)
		}
	}
}

func TestCancelledMigrationCanBeDoneLater(t *testing.T) {
	pool := newPool(t, need.Postgres(t), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(ctx, pool); !errors.Is(err, context.Canceled) {
		t.Fatalf("New under a context that has ended: %v", err)
	}
	newStoreOn(t, Options{}, pool)
}

func TestTenOpenANewDatabaseAtOnce(t *testing.T) {
	dsn := need.Postgres(t)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			s, err := Open(t.Context(), dsn)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Publish(t.Context(), []store.Entry{planned(i)}); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := newStoreOn(t, Options{}, newPool(t, dsn, nil))
	var steps, created int
	if err := s.pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM tenterhook.steps), (SELECT count(*) FROM tenterhook.runs)").Scan(&steps, &created); err != nil {
		t.Fatal(err)
	}
	if steps != 1 || created != 10 {
		t.Errorf("%d steps and %d runs, want 1 and 10", steps, created)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	s := newStore(t, Options{})
	execute(t, s, "INSERT INTO tenterhook.steps VALUES (9999)")
	if _, err := New(t.Context(), s.pool); !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "update the program") {
		t.Errorf("New: error %v, want %v that says what to do", err, store.ErrNewer)
	}
}

func TestSchemaWithOtherTablesIsForeign(t *testing.T) {
	pool := newPool(t, need.Postgres(t), nil)
	if _, err := pool.Exec(t.Context(), "CREATE SCHEMA tenterhook; CREATE TABLE tenterhook.orders (id int); CREATE SCHEMA made"); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), pool); !errors.Is(err, store.ErrForeign) || !strings.Contains(err.Error(), "Options.Schema") {
		t.Errorf("New: error %v, want %v that says what to do", err, store.ErrForeign)
	}
	if diff := cmp.Diff([]string{"orders"}, tables(t, pool)); diff != "" {
		t.Errorf("tables of the schema that was refused (-want +got):\n%s", diff)
	}
	newStoreOn(t, Options{Schema: "made"}, pool) // empty: somebody with more rights made it
}

// documented returns the statements of the package's documentation that grant and revoke rights, for a role.
func documented(t *testing.T, role string) (grants []string) {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`(?m)^//\t((?:GRANT|REVOKE) .*);$`).FindAllStringSubmatch(string(doc), -1) {
		grants = append(grants, strings.ReplaceAll(found[1], "service", role))
	}
	return grants
}

func TestTheDocumentedRightsAreEnoughForAllButMigrations(t *testing.T) {
	const role = "tenterhook_test_plain"
	dsn := need.Postgres(t)
	admin := newStoreOn(t, Options{}, newPool(t, dsn, nil))
	execute(t, admin, "DROP ROLE IF EXISTS "+role, "CREATE ROLE "+role)
	execute(t, admin, documented(t, role)...)
	t.Cleanup(func() {
		for _, each := range []string{"DROP OWNED BY " + role, "DROP ROLE " + role} {
			if _, err := admin.pool.Exec(context.WithoutCancel(t.Context()), each); err != nil {
				t.Error(err)
			}
		}
	})
	s := newStoreOn(t, Options{}, newPool(t, dsn, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["role"] = role }))
	fill(t, s, 1000)
	for range 2 {
		do(t, s)
	}
	if err := s.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	for _, each := range []string{
		"CREATE TABLE tenterhook.more (x int)", "INSERT INTO tenterhook.steps VALUES (9999)", "ALTER TABLE tenterhook.runs ADD x int", "TRUNCATE tenterhook.runs",
	} {
		var refused *pgconn.PgError
		if _, err := s.pool.Exec(t.Context(), each); !errors.As(err, &refused) || refused.Code != "42501" { // insufficient_privilege
			t.Errorf("%s: error %v, want that the right is missing", each, err)
		}
	}
}

func TestSchemaNameIsChecked(t *testing.T) {
	pool := newPool(t, need.Postgres(t), nil)
	for _, name := range []string{"a.b", `a"b`, "a'b", "A", "1a", "ä", strings.Repeat("a", 64)} {
		if _, err := (Options{Schema: name}).New(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "schema") {
			t.Errorf("schema %q: error %v, want one that names it", name, err)
		}
	}
	for _, name := range []string{"user", "_1", "tenterhook", strings.Repeat("a", 63)} {
		fill(t, newStoreOn(t, Options{Schema: name}, pool), 1)
	}
}
