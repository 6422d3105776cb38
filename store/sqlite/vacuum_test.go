package sqlite_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// traces are the ways in which the bytes of a text may stand in a file: as they are, in any case, and in base64 at each
// of the three places where they can begin in a group of it.
func traces(text string) map[string][]byte {
	found := map[string][]byte{"plain": []byte(text)}
	for _, each := range []string{text, strings.ToLower(text), strings.ToUpper(text)} {
		for before := range 3 {
			code := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + each + "\x00\x00"))
			code = code[(before*8+5)/6 : (before+len(each))*8/6] // what says nothing of the bytes beside it
			found[fmt.Sprintf("base64 of %s after %d bytes", each, before)] = []byte(code)
		}
	}
	return found
}

// inFiles tells which traces of a text are in the file, its log or the log's index.
func inFiles(t *testing.T, path, text string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		raw, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for what, trace := range traces(text) {
			if bytes.Contains(raw, trace) || what == "plain" && bytes.Contains(bytes.ToLower(raw), bytes.ToLower(trace)) {
				found[what] = true
			}
		}
	}
	return found
}

const (
	erasedName  = "Wilhelmina Quackenbush"
	erasedEmail = "Wilhelmina.Quackenbush@example.net"
)

// publishPerson publishes runs that are about one person in every way, and ends them with attempts that tell of her.
func publishPerson(t *testing.T, st *sqlite.Store) {
	t.Helper()
	list := batch("about", 3)
	for i := range list {
		r := &list[i].Run
		first, last, _ := strings.Cut(erasedName, " ")
		r.Respondent = runs.Respondent{FirstName: first, LastName: last, Email: erasedEmail}
		r.URL = "https://example.com/?to=" + strings.ReplaceAll(erasedEmail, "@", "%40")
		r.Message = []byte(`{"name":"` + erasedName + `","email":"` + erasedEmail + `"}`)
		r.Warnings = []string{erasedEmail + " has no answer"}
	}
	list[1].Run.Message = list[0].Run.Message
	if _, err := st.Publish(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	c, err := st.Claim(t.Context(), store.Lease{Max: 1000, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []store.Outcome
	for i, r := range c.Runs {
		a := runs.Attempt{At: time.Now(), StatusCode: 200, URL: r.URL}
		if strings.HasPrefix(r.ID, "run_about") {
			a.Body = mentions(i)
			a.Detail = "no mailbox " + erasedEmail
			a.Header = map[string][]string{"X-To": {erasedName}}
		}
		result := runs.Result{ID: r.ID, Seq: r.Seq, Fence: r.Fence, Status: runs.Succeeded, Attempt: &a}
		outcomes = append(outcomes, store.Outcome{Result: result, Automation: r.Automation})
	}
	if settled, err := st.Settle(t.Context(), outcomes); err != nil || settled.Stale > 0 {
		t.Fatalf("%d stale outcomes, error %v", settled.Stale, err)
	}
}

// mentions returns an answer that tells of the person in every way, in another order for each n: a long one is in pieces
// in the file, cut at the same place.
func mentions(n int) []byte {
	var parts []string
	for _, each := range []string{erasedName, erasedEmail} {
		for _, text := range []string{each, strings.ToLower(each), strings.ToUpper(each)} {
			for before := range 3 {
				part := strings.Repeat(" ", before) + text
				parts = append(parts, part+strings.Repeat(" ", 3-len(part)%3))
			}
		}
	}
	n %= len(parts)
	return []byte(strings.Join(append(parts[n:], parts[:n]...), ""))
}

// rememberPerson has a key remember test requests that are about the person, the last of which it is made to forget.
func rememberPerson(t *testing.T, st *sqlite.Store) (forget func()) {
	t.Helper()
	a := automation.Automation{ID: "auto_in", Account: "acct_1"}
	_, err := st.Put(t.Context(), []automation.Automation{a})
	if err == nil {
		_, err = st.PutKeys(t.Context(), []store.Key{{ID: "key_1", Account: a.Account, Automation: a.ID, Hash: []byte("hash")}})
	}
	mark := func(test []byte) error {
		return st.MarkKeys(t.Context(), []store.KeyMark{{Account: a.Account, ID: "key_1", Test: test}})
	}
	for n := range 3 {
		err = errors.Join(err, mark(mentions(n)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := mark([]byte{}); err != nil {
			t.Fatal(err)
		}
	}
}

// SPEC R4, I6.
func TestForgottenTestRequestLeavesNoBytesInTheFiles(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	publishAll(t, st, batch("other", 500))
	forget := rememberPerson(t, st)
	for _, text := range []string{erasedName, erasedEmail} {
		if !inFiles(t, path, text)["plain"] {
			t.Errorf("before it was forgotten, %q is in none of the files: then its absence shows nothing", text)
		}
	}
	forget()
	if err := st.Vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{erasedName, erasedEmail} {
		for what := range inFiles(t, path, text) {
			t.Errorf("after it was forgotten and Vacuum, %s of %q is still in a file", what, text)
		}
	}
	sound(t, path)
}

// SPEC R4.
func TestErasedPersonLeavesNoBytesInTheFiles(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	publishAll(t, st, batch("other", 500))
	publishPerson(t, st)
	for _, text := range []string{erasedName, erasedEmail} {
		found := inFiles(t, path, text)
		for what := range traces(text) {
			if !found[what] {
				t.Errorf("before the erasure, %s of %q is in none of the files: then its absence shows nothing", what, text)
			}
		}
	}
	got, err := st.Erase(t.Context(), runs.Erasure{Account: batch("about", 1)[0].Run.Account, Email: strings.ToLower(erasedEmail)}, 0, 1000)
	if want := (store.Erased{Runs: 3, Messages: 2, Attempts: 3, Last: got.Last, Done: true}); err != nil || got != want {
		t.Fatalf("Erase gave %+v and error %v, want %+v", got, err, want)
	}
	if err := st.Vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{erasedName, erasedEmail} {
		for what := range inFiles(t, path, text) {
			t.Errorf("after the erasure and Vacuum, %s of %q is still in a file", what, text)
		}
	}
	if counts, err := st.Count(t.Context(), runs.Filter{}); err != nil || counts[runs.Succeeded]+counts[runs.Scheduled] == 0 {
		t.Errorf("other runs: %v, error %v", counts, err)
	}
	sound(t, path)
}

func publishAll(t *testing.T, st *sqlite.Store, list []store.Entry) {
	t.Helper()
	if _, err := st.Publish(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

func TestVacuumGivesSpaceBack(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	list := batch("large", 50)
	for i := range list {
		list[i].Run.Message = bytes.Repeat([]byte("x"), 100_000)
	}
	publishAll(t, st, list)
	if _, err := st.Erase(t.Context(), runs.Erasure{Account: list[0].Run.Account}, 0, 1000); err != nil {
		t.Fatal(err)
	}
	if err := st.Vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	for suffix, most := range map[string]int64{"": 1_000_000, "-wal": 0} {
		if info, err := os.Stat(path + suffix); err != nil || info.Size() > most {
			t.Errorf("the file%s has %d bytes, want at most %d; error %v", suffix, info.Size(), most, err)
		}
	}
}

// R6: what others do meanwhile waits, and is done.
func TestVacuumDoesNotDisturbOthers(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	publishAll(t, st, batch("first", 1000))
	var wg sync.WaitGroup
	for who := range 4 {
		wg.Go(func() {
			for n := range 20 {
				publishAll(t, st, batch(fmt.Sprintf("w%d_%d", who, n), 5))
				if _, err := st.List(t.Context(), runs.Filter{}, "", 100); err != nil {
					t.Error(err)
				}
				if _, err := st.Claim(t.Context(), store.Lease{Max: 3, For: time.Hour}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for range 5 {
				if err := st.Vacuum(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	counts, err := st.Count(t.Context(), runs.Filter{})
	if err != nil || counts[runs.Scheduled]+counts[runs.Running] != 1400 || counts[runs.Running] != 240 {
		t.Errorf("runs by status: %v, error %v; want 1400, of which 240 are running", counts, err)
	}
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	sound(t, path)
}

// A reader that goes on keeps old pages in the log: that is told, not passed over.
func TestVacuumTellsThatTheLogIsInUse(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{LockTimeout: 50 * time.Millisecond}, path)
	publishAll(t, st, batch("first", 10))
	tx, err := host(t, path).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM tenterhook_runs").Scan(&n); err != nil {
		t.Fatal(err)
	}
	publishAll(t, st, batch("second", 10))
	if err := st.Vacuum(t.Context()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("Vacuum while another reads: %v", err)
	}
	publishAll(t, st, batch("third", 10))
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := st.Vacuum(t.Context()); err != nil {
		t.Errorf("Vacuum once nobody reads: %v", err)
	}
}

func TestVacuumEndsWithItsContext(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	list := batch("large", 300)
	for i := range list {
		list[i].Run.Message = bytes.Repeat([]byte(list[i].Run.ID), 5000)
	}
	publishAll(t, st, list)
	ended := 0
	for _, patience := range []time.Duration{0, time.Microsecond, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := st.Vacuum(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			ended++
		} else if err != nil {
			t.Errorf("Vacuum of which %v were left: %v", patience, err)
		}
		publishAll(t, st, batch(patience.String(), 1))
	}
	if ended == 0 {
		t.Error("no Vacuum ended with its context")
	}
	if err := st.Vacuum(t.Context()); err != nil {
		t.Error(err)
	}
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	sound(t, path)
}

// A person asks to be forgotten: her runs are removed, then their bytes.
func ExampleStore_Vacuum() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	st, err := sqlite.Open(ctx, filepath.Join(dir, "store.db"))
	if err != nil {
		panic(err)
	}
	defer st.Close()
	if _, err := st.Publish(ctx, batch("example", 2)); err != nil {
		panic(err)
	}
	gone, err := st.Erase(ctx, runs.Erasure{Account: "acct_1", Email: "ada@example.com"}, 0, 100)
	fmt.Println(gone.Runs, gone.Done, err)
	fmt.Println(st.Vacuum(ctx))
	// Output:
	// 2 true <nil>
	// <nil>
}
