package sqlite_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/store/storetest"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// leftAlone reports if opening a file changes it or leaves another beside it, or gives another error than want.
func leftAlone(t *testing.T, path string, want error, say string) {
	t.Helper()
	before := read(t, path)
	st, err := sqlite.Open(t.Context(), path)
	if err == nil {
		_ = st.Close()
	}
	if !errors.Is(err, want) || !strings.Contains(err.Error(), say) || !strings.Contains(err.Error(), path) {
		t.Errorf("Open: error %v, want %v that names the file and says %q", err, want, say)
	}
	if !bytes.Equal(before, read(t, path)) {
		t.Error("Open changed the file that it refused")
	}
	beside, err := filepath.Glob(path + "*")
	if err != nil || len(beside) != 1 {
		t.Errorf("files left after Open: %q, error %v", beside, err)
	}
}

func TestTextFileIsForeign(t *testing.T) {
	for _, text := range []string{"x", "SQLite format 3, or so it says", strings.Repeat("x", 511), strings.Repeat("x", 512), strings.Repeat("line of text\n", 5000)} {
		path := newFile(t)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		leftAlone(t, path, store.ErrForeign, "not an SQLite file")
	}
}

func TestFileWithOtherTablesIsForeign(t *testing.T) {
	path := newFile(t)
	if err := host(t, path, "CREATE TABLE orders (id INTEGER PRIMARY KEY)", "INSERT INTO orders VALUES (7)").Close(); err != nil {
		t.Fatal(err)
	}
	leftAlone(t, path, store.ErrForeign, "Options.Shared")
}

func TestSharedFileKeepsTheHostsTables(t *testing.T) {
	path := newFile(t)
	db := host(t, path, "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)", "INSERT INTO orders VALUES (7, 'kept')",
		"CREATE TABLE steps (done)", "CREATE VIEW notes AS SELECT note FROM orders")
	for range 2 {
		st := open(t, sqlite.Options{Shared: true}, path)
		if _, err := st.Publish(t.Context(), batch("a", 5)); err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var note string
	if err := db.QueryRowContext(t.Context(), "SELECT note FROM notes").Scan(&note); err != nil || note != "kept" {
		t.Errorf("the host's row reads %q, error %v", note, err)
	}
	var tables int
	err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM sqlite_schema
		WHERE type IN ('table', 'index', 'view') AND name NOT LIKE 'tenterhook\_%' ESCAPE '\' AND name NOT LIKE 'sqlite%'`).Scan(&tables)
	if err != nil || tables != 3 {
		t.Errorf("%d tables without our prefix, error %v; want the host's 3", tables, err)
	}
	sound(t, path)
	open(t, sqlite.Options{}, path) // ours are there now: it is a store
}

func TestNewerFileIsRefused(t *testing.T) {
	path := newFile(t)
	if err := open(t, sqlite.Options{}, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := host(t, path, "INSERT INTO tenterhook_steps VALUES (9999)").Close(); err != nil {
		t.Fatal(err)
	}
	leftAlone(t, path, store.ErrNewer, "update the program")
}

func TestNoFileNameIsRefused(t *testing.T) {
	for _, path := range []string{"", ":memory:", ":memory:?cache=shared"} {
		if st, err := sqlite.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "file name") {
			t.Errorf("Open(%q) = %v, %v; want an error that asks for a file name", path, st, err)
		}
	}
}

func TestFileThatCannotBeIsAnError(t *testing.T) {
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none", "store.db")} {
		if st, err := sqlite.Open(t.Context(), path); err == nil || errors.Is(err, store.ErrForeign) || !strings.Contains(err.Error(), path) {
			t.Errorf("Open(%q) = %v, %v; want an error that names the path", path, st, err)
		}
	}
}

func TestAnyCharacterMayStandInThePath(t *testing.T) {
	for _, name := range []string{"a b.db", "a?b=c&_pragma=x.db", "a#b.db", "a%20b%.db", "a+b:c;d.db", "ÄÖ日本.db", "'\"\\.db", "memory"} {
		dir := t.TempDir()
		for _, path := range []string{filepath.Join(dir, name), "//" + filepath.Join(dir, name)[1:]} {
			st := open(t, sqlite.Options{}, path)
			if _, err := st.Publish(t.Context(), batch("a", 1)); err != nil {
				t.Error(err)
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 1 || files[0].Name() != name {
			t.Errorf("files of store %q: %v, error %v", name, files, err)
		}
	}
}

func TestRelativePathIsOfTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	open(t, sqlite.Options{}, "a b:c.db")
	if _, err := os.Stat("a b:c.db"); err != nil {
		t.Error(err)
	}
}

func TestManyOpenANewFileAtOnce(t *testing.T) {
	for range 5 {
		manyOpen(t, newFile(t))
	}
}

func manyOpen(t *testing.T, path string) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			st, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := st.Publish(t.Context(), batch(string(rune('a'+i)), 3)); err != nil {
				t.Error(err)
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	counts, err := open(t, sqlite.Options{}, path).Count(t.Context(), runs.Filter{})
	if err != nil || counts[runs.Scheduled] != 30 {
		t.Errorf("counts %v, error %v; want the 3 runs of each of 10", counts, err)
	}
	sound(t, path)
}

func TestReopeningKeepsEverything(t *testing.T) {
	path := newFile(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	o := sqlite.Options{Now: func() time.Time { return now }}
	st := open(t, o, path)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := st.Put(t.Context(), []automation.Automation{{ID: "auto_1", Account: "acct_1", Name: "kept"}})
	must(err)
	must(st.SetLabels(t.Context(), []store.SurveyLabels{{Account: "acct_1", Survey: "s1", Labels: map[string]string{"q1": "kept"}}}))
	must(st.Flow(t.Context(), []store.Flow{{Automation: "auto_7", Hold: runs.HoldBusy}}))
	_, err = st.Publish(t.Context(), batch("a", 20))
	must(err)
	c, err := st.Claim(t.Context(), store.Lease{Max: 5, For: time.Hour})
	must(err)
	_, err = st.Settle(t.Context(), []store.Outcome{{
		Result:     runs.Decide(c.Runs[1], runs.Attempt{At: now, StatusCode: 410, Class: runs.ClassGone}, runs.Policy{Exact: true}),
		Automation: c.Runs[1].Automation, Rule: &automation.DisableRule{},
	}})
	must(err)
	before := content(t, st)
	must(st.Close())
	if diff := cmp.Diff(before, content(t, open(t, o, path))); diff != "" {
		t.Errorf("content after reopening (-before +after):\n%s", diff)
	}
}

// content reads all that st holds.
func content(t *testing.T, st store.Store) (all struct {
	Changes store.Changes
	Runs    []runs.Run
	Held    []store.Lane
	Notices time.Duration // until the next
}) {
	t.Helper()
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	var err error
	if all.Changes, err = st.Changes(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	page, err := st.List(t.Context(), runs.Filter{}, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range slices.Backward(page.Runs) {
		if r, err = st.Get(t.Context(), r.Account, r.ID); err != nil {
			t.Fatal(err)
		}
		all.Runs = append(all.Runs, r)
	}
	c, err := st.Claim(t.Context(), store.Lease{})
	if err != nil {
		t.Fatal(err)
	}
	all.Held = c.Held
	if _, all.Notices, err = st.ClaimNotices(t.Context(), store.Lease{}); err != nil {
		t.Fatal(err)
	}
	return all
}
