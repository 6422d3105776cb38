package sqlite

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

var update = flag.Bool("update", false, "write testdata/plans.golden anew")

// fill publishes n runs of 100 automations and 10 accounts, 5,000 in a transaction.
func fill(t testing.TB, s *Store, n int) {
	t.Helper()
	for from := 0; from < n; from += 5000 {
		list := make([]store.Entry, min(5000, n-from))
		for i := range list {
			list[i] = planned(from + i)
		}
		if _, err := s.Publish(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
}

func planned(n int) store.Entry {
	id := fmt.Sprintf("run_%010d", n)
	return store.Entry{Planned: automation.Planned{Run: runs.Run{
		ID: id, Account: fmt.Sprint("acct_", n%10), Automation: fmt.Sprint("auto_", n%100), Action: "1",
		Event: "evt_" + id, EventType: "contact.tag.added", URL: "https://example.com/hook",
		Respondent: runs.Respondent{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com"},
		Message:    []byte(`{"id":"` + id + `","data":` + strconv.Quote(strings.Repeat("x", 900)) + `}`),
	}}}
}

// scans are the plans that may read a whole table, and why.
var scans = map[string]string{
	"look":        "the table of the version has one row",
	"version":     "the table has one row",
	"version_now": "the table has one row",
}

// STYLE: a sequential scan of what grows with the runs fails the build.
func TestPlansAreAsAgreed(t *testing.T) {
	need.FullSize(t)
	s, _ := newStore(t, Options{})
	fill(t, s, 100_000)
	c, err := s.Claim(t.Context(), store.Lease{Max: 50_000, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	outcomes := make([]store.Outcome, len(c.Runs))
	for i, r := range c.Runs {
		result := runs.Decide(r, runs.Attempt{At: time.Now(), StatusCode: 200 + 300*(i%2)}, runs.Policy{})
		outcomes[i] = store.Outcome{Result: result, Automation: r.Automation}
	}
	if _, err := s.Settle(t.Context(), outcomes); err != nil {
		t.Fatal(err)
	}
	if err := s.Flow(t.Context(), []store.Flow{{Automation: "auto_7", Hold: runs.HoldBusy}}); err != nil {
		t.Fatal(err)
	}
	texts := statementTexts()
	var golden strings.Builder
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		lines := explain(t, s.read, texts[name])
		fmt.Fprintf(&golden, "%s\n", name)
		for _, line := range lines {
			fmt.Fprintf(&golden, "\t%s\n", line)
			if scan := tableScan.FindString(line); scan != "" && scans[name] == "" {
				t.Errorf("%s: %q reads a whole table: give it an index, or a reason in scans", name, strings.TrimSpace(line))
			}
		}
	}
	if *update {
		if err := os.WriteFile("testdata/plans.golden", []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/plans.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), golden.String()); diff != "" {
		t.Errorf("plans (-want +got); write them anew with -update if they are meant:\n%s", diff)
	}
}

// tableScan finds a line that reads all of a table of ours, by the names that the queries give them.
var tableScan = regexp.MustCompile(`SCAN (tenterhook_\w+|r|m|l|a)\b`)

// statementTexts returns all statements by name, as they are prepared.
func statementTexts() map[string]string {
	texts := map[string]string{}
	for _, name := range slices.Concat(directs, writes, reads) {
		texts[name] = query(name)
	}
	for _, scope := range sqlstore.Scopes() {
		for _, name := range scopedReads {
			texts[scoped(name, scope)] = scopedQuery(name, scope)
		}
	}
	return texts
}

// explain returns a statement's plan, one step a line, indented by depth.
func explain(t *testing.T, db *sql.DB, text string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), "EXPLAIN QUERY PLAN "+text, make([]any, parameters(text))...)
	depth := map[int]string{0: ""}
	lines, err := collect(rows, err, func(rows *sql.Rows) (string, error) {
		var id, parent, unused int
		var detail string
		err := rows.Scan(&id, &parent, &unused, &detail)
		depth[id] = depth[parent] + "  "
		return depth[parent] + detail, err
	})
	if err != nil {
		t.Fatalf("explain %s: %v", text, err)
	}
	return lines
}

// parameters returns how many arguments a statement takes.
func parameters(text string) (n int) {
	for _, p := range regexp.MustCompile(`\?(\d*)`).FindAllStringSubmatch(text, -1) {
		each, err := strconv.Atoi(p[1])
		if err != nil {
			each = n + 1 // it has no number
		}
		n = max(n, each)
	}
	return n
}
