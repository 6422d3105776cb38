package need

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ownServer makes the test use a server of this process's own, even where another is named.
func ownServer(t *testing.T) {
	t.Helper()
	named := os.Getenv("TENTERHOOK_POSTGRES") != ""
	t.Setenv("TENTERHOOK_POSTGRES", "")
	if _, err := findServer(postgresFolders()); err != nil && named {
		t.Skipf("needs PostgreSQL's programs beside the named server: %v", err)
	} else if err != nil {
		lack(t, "postgres", err.Error())
	}
}

// ask returns the one text that a query gives.
func ask(ctx context.Context, dsn, query string) (answer string, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	err = conn.QueryRow(ctx, query).Scan(&answer)
	return answer, errors.Join(err, conn.Close(ctx))
}

func TestEachCallGivesAnEmptyDatabase(t *testing.T) {
	for range 2 {
		dsn := Postgres(t)
		if _, err := ask(t.Context(), dsn, "CREATE TABLE orders (id int)"); !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
		got, err := ask(t.Context(), dsn, "SELECT count(*)::text FROM pg_stat_user_tables")
		if err != nil || got != "1" {
			t.Errorf("database has %q tables, error %v; want the one that was made here", got, err)
		}
	}
}

func TestDatabaseIsDroppedWithConnectionsOpen(t *testing.T) {
	var dsn string
	t.Run("user", func(t *testing.T) {
		dsn = Postgres(t)
		if _, err := pgx.Connect(t.Context(), dsn); err != nil { // and nobody closes it
			t.Fatal(err)
		}
	})
	if dsn == "" {
		t.Skip("needs postgres: there was no database to drop")
	}
	_, err := ask(t.Context(), dsn, "SELECT 'there'")
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "3D000" { // invalid_catalog_name
		t.Errorf("after the test its database answered with %v, want that it does not exist", err)
	}
}

func TestServerIsAsInProduction(t *testing.T) {
	ownServer(t)
	dsn := Postgres(t)
	want := map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200", "listen_addresses": "",
		"server_encoding": "UTF8",
	}
	got := map[string]string{}
	for name := range want {
		value, err := ask(t.Context(), dsn, "SELECT current_setting('"+name+"')")
		if err != nil {
			t.Fatal(err)
		}
		got[name] = value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// A store that takes the order of text for that of bytes would pass on a server that knows no other, and fail in production.
func TestTextSortsAsInADictionary(t *testing.T) {
	ownServer(t)
	dsn := Postgres(t)
	able, err := ask(t.Context(), dsn, `SELECT (current_setting('server_version_num')::int >= 150000 AND
		EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i'))::text`)
	if err != nil {
		t.Fatal(err)
	}
	if able != "true" {
		t.Skip("needs PostgreSQL 15 or later, with ICU")
	}
	if got, err := ask(t.Context(), dsn, "SELECT ('a' < 'B')::text"); err != nil || got != "true" {
		t.Errorf("sorted as in a dictionary: %q, error %v", got, err)
	}
}

func TestNamedServerIsUsed(t *testing.T) {
	ownServer(t)
	folder := throwaway.folder
	for _, named := range []string{
		"postgres://tenterhook@/postgres?application_name=named&host=" + folder,
		"user=tenterhook dbname=postgres application_name=named host=" + folder,
	} {
		t.Setenv("TENTERHOOK_POSTGRES", named)
		if got, err := ask(t.Context(), Postgres(t), "SELECT current_setting('application_name')"); err != nil || got != "named" {
			t.Errorf("server named by %q: application %q, error %v", named, got, err)
		}
	}
}

// Whoever names a server wants it used.
func TestNamedServerOutOfReachFails(t *testing.T) {
	ownServer(t) // has psql
	t.Setenv("TENTERHOOK_POSTGRES", "host=/nowhere")
	if got := ending(t, func(tb testing.TB) { Postgres(tb) }); !strings.Contains(got.failed, "create database") {
		t.Errorf("failed %q, skipped %q; want a failure", got.failed, got.skipped)
	}
}

func TestDSNGetsTheDatabase(t *testing.T) {
	for _, tt := range []struct{ dsn, want string }{
		{"postgres://ada@db.example:5433/main?sslmode=require", "postgres://ada@db.example:5433/new?sslmode=require"},
		{"postgresql://ada:p%40ss@db.example", "postgresql://ada:p%40ss@db.example/new"},
		{"postgres:///?host=/run&dbname=main", "postgres:///new?host=%2Frun"},
		{"host=/run dbname=main", "host=/run dbname=main dbname=new"},
		{"host=/run", "host=/run dbname=new"},
	} {
		got := withDatabase(tt.dsn, "new")
		if got != tt.want {
			t.Errorf("withDatabase(%q) = %q, want %q", tt.dsn, got, tt.want)
		}
		if c, err := pgx.ParseConfig(got); err != nil || c.Database != "new" {
			t.Errorf("the driver reads %q as database %q, error %v", got, c.Database, err)
		}
	}
}

func TestProgramsComeFromOneFolder(t *testing.T) {
	root := t.TempDir()
	for name, programs := range map[string][]string{
		"client": {"psql"}, "old": {"psql", "initdb"}, "new": {"psql", "initdb"},
	} {
		for _, program := range programs {
			file := filepath.Join(root, name, program)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("#!/bin/sh\n"), 0o700)); err != nil {
				t.Fatal(err)
			}
		}
	}
	folders := []string{"", filepath.Join(root, "none"), filepath.Join(root, "client"), filepath.Join(root, "new"), filepath.Join(root, "old")}
	for _, tt := range []struct {
		programs []string
		want     string
	}{
		{[]string{"psql"}, "client"},
		{[]string{"psql", "initdb"}, "new"},
		{[]string{"psql", "postgres"}, ""},
	} {
		got, err := holding(folders, tt.programs...)
		if (err == nil) != (tt.want != "") || err == nil && got != filepath.Join(root, tt.want) {
			t.Errorf("%v are in %q, error %v; want %q", tt.programs, got, err, tt.want)
		}
	}
	if version("/usr/lib/postgresql/9/bin") >= version("/usr/lib/postgresql/15/bin") {
		t.Error("version 9 comes before 15")
	}
}
