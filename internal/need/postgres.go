package need

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const psqlTimeout = time.Minute

// Postgres creates an empty PostgreSQL database, dropped with all connections to it when t ends, and returns its DSN, a URL or
// keywords and values as TENTERHOOK_POSTGRES has it. The database is on the server which TENTERHOOK_POSTGRES names, else on one
// of the test process's own, made from the programs of this machine and gone with the process. The need is called postgres.
func Postgres(t testing.TB) string {
	t.Helper()
	return database(t, postgresFolders())
}

func database(t testing.TB, folders []string) string {
	t.Helper()
	s, err := findServer(folders)
	if err != nil {
		lack(t, "postgres", err.Error())
	}
	return newDatabase(t, s)
}

// newDatabase creates a database that is dropped when t ends, and returns its DSN.
func newDatabase(t testing.TB, s server) string {
	t.Helper()
	name := "tenterhook_test_" + strings.ToLower(rand.Text())
	if err := s.execute("CREATE DATABASE " + name); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.execute("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return withDatabase(s.dsn, name)
}

// server is a PostgreSQL server, and the program that talks to it: a driver here would be one for every host.
type server struct {
	psql, dsn string
}

func findServer(folders []string) (server, error) {
	if dsn := os.Getenv("TENTERHOOK_POSTGRES"); dsn != "" {
		folder, err := holding(folders, "psql")
		return server{filepath.Join(folder, "psql"), dsn}, err
	}
	folder, err := holding(folders, "initdb", "pg_ctl", "postgres", "psql")
	if err != nil {
		return server{}, fmt.Errorf("TENTERHOOK_POSTGRES names no server, and %w", err)
	}
	dsn, err := throwaway.start(folder)
	return server{filepath.Join(folder, "psql"), dsn}, err
}

func (s server) execute(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), psqlTimeout)
	defer cancel()
	psql := exec.CommandContext(ctx, s.psql, "--no-psqlrc", "--no-password", "--quiet", "--dbname="+s.dsn, "--command="+statement)
	out, err := psql.CombinedOutput()
	if err != nil {
		return fmt.Errorf("psql: %w: %q", err, bytes.TrimSpace(out))
	}
	return nil
}

// withDatabase returns dsn with another database.
func withDatabase(dsn, name string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return dsn + " dbname=" + name // the last one counts
	}
	query := u.Query()
	query.Del("dbname")
	u.Path, u.RawQuery = "/"+name, query.Encode()
	return u.String()
}

// postgresFolders returns where PostgreSQL's programs may be, the likeliest first. Debian has those of the server in a folder for
// each version, outside PATH.
func postgresFolders() []string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	versions, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(versions, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	folders = append(folders, versions...)
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	return folders
}

func version(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

// holding returns the first of folders that holds all of programs.
func holding(folders []string, programs ...string) (string, error) {
	lacks := func(folder string) bool {
		return slices.ContainsFunc(programs, func(name string) bool {
			_, err := exec.LookPath(filepath.Join(folder, name))
			return err != nil
		})
	}
	for _, folder := range folders {
		if filepath.IsAbs(folder) && !lacks(folder) {
			return folder, nil
		}
	}
	return "", errors.New("no folder has the programs " + strings.Join(programs, ", "))
}
