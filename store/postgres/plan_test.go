package postgres

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

var update = flag.Bool("update", false, "write testdata/plans.golden anew")

// goldenVersion is the server whose plans the golden file has; others may choose their own, but no scan either.
const goldenVersion = "15"

// recorder keeps the statements that a pool executes, with the latest parameters of each.
type recorder struct {
	mu   sync.Mutex
	args map[string][]any
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.args[data.SQL] = data.Args
	return ctx
}

func (*recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// scans are the tables that a statement may read whole, and why.
var scans = map[string]string{
	"version of meta": "it has one row", "version_now of meta": "it has one row", "look of meta": "it has one row", "count by all of runs": "it counts all of them",
	"look of processes": "it has a row for each process", "end_leases of processes": "it has a row for each process",
	"look of pg_database": "it has a row for each database",
}

// STYLE: a sequential scan of what grows fails the build. Each statement is explained with the parameters that it gets.
func TestPlansAreAsAgreed(t *testing.T) {
	need.FullSize(t)
	seen := &recorder{args: map[string][]any{}}
	s := newStoreOn(t, Options{}, newPool(t, need.Postgres(t), func(c *pgxpool.Config) { c.ConnConfig.Tracer = seen }))
	grow(t, s)
	for range 2 {
		do(t, s)
	}
	hear(t, s)
	s.listener.depart(s)
	seen.args[s.texts["look"]][2] = true // whether it asks for processes changes from one to the next
	var golden strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.texts)) {
		if slices.Contains([]string{"in_order", "by_index", "begin", "listen"}, name) {
			continue // they have no plan
		}
		args, ok := seen.args[s.texts[name]]
		if !ok {
			t.Errorf("%s: no call executed it", name)
			continue
		}
		fmt.Fprintf(&golden, "%s\n", name)
		for _, line := range explain(t, s, name, args) {
			fmt.Fprintf(&golden, "\t%s\n", line)
			if scan := tableScan.FindStringSubmatch(line); scan != nil && scans[name+" of "+scan[1]] == "" {
				t.Errorf("%s: %q reads a whole table: give it an index, or a reason in scans", name, strings.TrimSpace(line))
			}
		}
	}
	var version string
	if err := s.pool.QueryRow(t.Context(), "SHOW server_version").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(version, goldenVersion+".") {
		t.Skipf("the golden plans are those of PostgreSQL %s, this is %s", goldenVersion, version)
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

var tableScan = regexp.MustCompile(`Seq Scan on (\w+)`)

// grow makes every table large.
func grow(t *testing.T, s *Store) {
	t.Helper()
	fill(t, s, 100_000)
	var outcomes []store.Outcome
	for range 10 {
		c, err := s.Claim(t.Context(), store.Lease{Max: 5000, For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		outcomes = append(outcomes, ended(c.Runs)...)
	}
	for part := range slices.Chunk(outcomes, 5000) {
		if _, err := s.Settle(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, s,
		"INSERT INTO tenterhook.lanes (automation) SELECT 'other_' || i FROM generate_series(1, 50000) i",
		"INSERT INTO tenterhook.automations SELECT 'other_' || i, 'acct_1', 0, 0, 0, '{}' FROM generate_series(1, 50000) i",
		"INSERT INTO tenterhook.labels SELECT 'acct_1', 's' || i, 0, '{}' FROM generate_series(1, 50000) i",
		"INSERT INTO tenterhook.keys SELECT 'key_' || i, 'acct_1', 'other_' || i, sha256(int4send(i)), i, NULL, NULL, NULL, NULL, '{}' FROM generate_series(1, 50000) i",
		"INSERT INTO tenterhook.notices SELECT 'other_' || i, 'failing', i % 2, 9000000000000000, 1, '{}' FROM generate_series(1, 50000) i",
	)
	flows := []store.Flow{}
	for i := range 20 {
		flows = append(flows, store.Flow{Automation: fmt.Sprint("auto_", i), Hold: runs.HoldBusy})
	}
	if err := s.Flow(t.Context(), flows); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := s.Claim(t.Context(), store.Lease{Max: 200, For: time.Minute}); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, s, "VACUUM (ANALYZE) tenterhook.runs, tenterhook.messages, tenterhook.attempts, tenterhook.lanes, tenterhook.automations, tenterhook.labels, tenterhook.keys, tenterhook.notices")
}

// do calls every method as a service does, so that each statement is executed.
func do(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	c := s.changesOf(t)
	version, err0 := c.Mark.Version()
	a := automation.Automation{ID: "auto_50", Account: "acct_0", Name: "saved"}
	for _, old := range c.Automations {
		if old.ID == a.ID && !old.Deleted {
			a.Version = old.Version
		}
	}
	gone := automation.Automation{ID: fmt.Sprint("gone_", version), Account: "acct_0"}
	gone.Limits.Ordered = true
	_, err := s.Put(ctx, []automation.Automation{a, gone})
	_, errKeys := s.PutKeys(ctx, []store.Key{{ID: gone.ID, Account: gone.Account, Automation: gone.ID, Hash: []byte(gone.ID)}})
	_, errList := s.Keys(ctx, "acct_1", "other_7")
	err = errors.Join(err, errKeys, errList, s.MarkKeys(ctx, []store.KeyMark{{Account: "acct_1", ID: "key_7", Used: true, Test: []byte("{}")}}))
	labels, err1 := s.Labels(ctx, "acct_0", "s1")
	labels.Labels = map[string]string{"q1": "one"}
	list := make([]store.Entry, 500)
	for i := range list {
		list[i] = planned(int(version)*1000 + 1_000_000 + i)
		list[i].Lease = time.Hour * time.Duration(i%2)
	}
	created, err2 := s.Publish(ctx, list)
	claimed, err3 := s.Claim(ctx, store.Lease{Max: 500, For: time.Minute})
	outcomes := append(ended(slices.DeleteFunc(created, func(r runs.Run) bool { return r.Status != runs.Running })), ended(claimed.Runs)...)
	busy := ended(claimed.Runs[:1])[0] // its lane is held by what was judged before it
	busy.Automation, busy.Rule, busy.Result = a.ID, nil, runs.GiveBack(claimed.Runs[0], 0)
	outcomes = append([]store.Outcome{gone410(outcomes[0]), busy}, outcomes[1:]...)
	_, err4 := s.Settle(ctx, outcomes)
	flows := []store.Flow{{Automation: gone.ID, Release: 1}}
	for i := range 20 {
		flows = append(flows, store.Flow{Automation: fmt.Sprint("auto_", i), Release: 2})
	}
	err = errors.Join(err0, err, err1, err2, err3, err4, s.Flow(ctx, flows), s.SetLabels(ctx, []store.SurveyLabels{labels}),
		s.Delete(ctx, gone.Account, []string{gone.ID}))
	if err != nil {
		t.Fatal(err)
	}
	s.changesOf(t)
	keep(t, s)
}

func (s *Store) changesOf(t *testing.T) store.Changes {
	t.Helper()
	c, err := s.Changes(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// gone410 turns an outcome into one that disables its automation.
func gone410(o store.Outcome) store.Outcome {
	a := *o.Attempt
	a.StatusCode, a.Class = 410, runs.ClassGone
	o.Attempt, o.Status, o.Automation = &a, runs.Failed, "auto_50"
	return o
}

// keep calls the methods that look through runs, and those of notices.
func keep(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	due, _, err := s.ClaimNotices(ctx, store.Lease{Max: 10, For: time.Minute})
	err = errors.Join(err, s.SettleNotices(ctx, due, time.Hour))
	for _, f := range []runs.Filter{
		{}, {Account: "acct_3"}, {Account: "acct_3", Automation: "auto_3"}, {Account: "acct_3", IDs: []string{"run_0000000003", "run_0000000013"}},
	} {
		page, err1 := s.List(ctx, f, "", 50)
		_, err2 := s.List(ctx, f, store.Cursor(f, 90_000), 50)
		_, err3 := s.Count(ctx, f)
		_, err4 := s.Get(ctx, "acct_3", "run_0000000003")
		f.Statuses = []runs.Status{runs.Failed, runs.Succeeded}
		_, err5 := s.Replay(ctx, f, 20_000, 200)
		err = errors.Join(err, err1, err2, err3, err4, err5)
		if len(page.Runs) == 0 {
			t.Errorf("no runs of %+v", f)
		}
	}
	_, err1 := s.Erase(ctx, runs.Erasure{Account: "acct_4", Email: "ada@example.com"}, 0, 200)
	_, err2 := s.Accounts(ctx, "acct_2", 100)
	_, err3 := s.Prune(ctx, "acct_5", -time.Hour, 0, 500)
	_, err4 := s.endLeases(ctx, []int64{-1}, time.Minute)
	_, err5 := s.PruneKeys(ctx, "acct_1", []string{"other_7", "other_9"}, time.Hour)
	if err = errors.Join(err, err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
}

// explain returns the steps of a statement's plan.
func explain(t *testing.T, s *Store, name string, args []any) (steps []string) {
	t.Helper()
	text := s.texts[name]
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if slices.Contains(inOrder, name) {
		if _, err := tx.Exec(t.Context(), "SET LOCAL enable_sort = off"); err != nil {
			t.Fatal(err)
		}
	}
	found, err := tx.Query(t.Context(), "EXPLAIN (COSTS OFF) "+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("explain %s: %v", text, err)
	}
	for i, line := range lines {
		if i == 0 || step.MatchString(line) {
			steps = append(steps, line)
		}
	}
	return steps
}

// inOrder are the statements that are executed in a transaction that was begun by in_order.
var inOrder = []string{"claim", "hold_runs", "release_runs", "lanes_occupied", "lanes_waiting"}

// Until the server has looked at a table after a burst, it believes that little is due: it must not sort all of it.
func TestTheFirstOfManyAreFoundByTheIndexWhateverTheServerBelieves(t *testing.T) {
	s := newStore(t, Options{})
	execute(t, s, "ALTER TABLE tenterhook.runs SET (autovacuum_enabled = false)")
	fill(t, s, 20_000)
	execute(t, s, "UPDATE tenterhook.runs SET held = 1 WHERE seq <= 10000")
	for name, args := range map[string][]any{
		"claim": {nil, 500, 1000, 1}, "hold_runs": {nil, 500}, "release_runs": {[]string{"auto_1", "auto_2"}, []int64{1, 100}},
	} {
		if plan := strings.Join(explain(t, s, name, args), "\n"); strings.Contains(plan, "Sort") || strings.Contains(plan, "Seq Scan on runs") {
			t.Errorf("%s sorts or reads all there is:\n%s", name, plan)
		}
	}
}

// step finds the lines of a plan that name a step, not what it has to fulfil.
var step = regexp.MustCompile(`^\s*(->|CTE |InitPlan |SubPlan )`)
