package postgres

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// newStore opens a store in a database of its own.
func newStore(t testing.TB, o Options) *Store {
	t.Helper()
	return newStoreOn(t, o, newPool(t, need.Postgres(t), nil))
}

func newStoreOn(t testing.TB, o Options, pool *pgxpool.Pool) *Store {
	t.Helper()
	s, err := o.New(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newPool opens a pool, which change may change before.
func newPool(t testing.TB, dsn string, change func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(config)
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// fill publishes n runs of 100 automations and 10 accounts, 5,000 at once, of which pairs share their messages.
func fill(t testing.TB, s *Store, n int) {
	t.Helper()
	for from := 0; from < n; from += 5000 {
		list := make([]store.Entry, min(5000, n-from))
		for i := range list {
			list[i] = planned(from + i)
			if i%2 == 1 {
				list[i].Run.Message = list[i-1].Run.Message
			}
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

// ended returns outcomes of runs, every other one a failure.
func ended(list []runs.Run) []store.Outcome {
	outcomes := make([]store.Outcome, len(list))
	for i, r := range list {
		result := runs.Decide(r, runs.Attempt{At: time.Now(), StatusCode: 200 + 200*(i%2), Class: runs.ClassOf(200 + 200*(i%2))}, runs.Policy{FinalClientErrors: true})
		outcomes[i] = store.Outcome{Result: result, Automation: r.Automation, Rule: &automation.DisableRule{}}
	}
	return outcomes
}

func execute(t testing.TB, s *Store, statements ...string) {
	t.Helper()
	for _, each := range statements {
		if _, err := s.pool.Exec(t.Context(), each); err != nil {
			t.Fatalf("%s: %v", each, err)
		}
	}
}
