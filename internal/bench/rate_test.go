package bench

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// BenchmarkPublish measures the store alone: runs of many publishers with one event each, or of one with many.
func BenchmarkPublish(b *testing.B) {
	for _, each := range []struct{ publishers, batch, accounts int }{
		{1, 100, 10}, {1, 1000, 10}, {publishers, 1, 10}, {publishers, 1, 10_000},
	} {
		b.Run(fmt.Sprintf("publishers=%d/batch=%d/accounts=%d", each.publishers, each.batch, each.accounts), func(b *testing.B) {
			pool := newPool(b, 16)
			st := newStore(b, pool)
			var next atomic.Int64
			m := start(b, pool)
			work(b, b.N, each.publishers, func() error {
				n := int(next.Add(1)-1) * each.batch
				_, err := st.Publish(b.Context(), entries(n, each.batch, each.accounts))
				return err
			})
			m.stop(b.N*each.batch, "runs")
		})
	}
}

// BenchmarkClaim measures claims of 500 runs beside as many waiting ones of so many automations. Those that were claimed are
// given back meanwhile.
func BenchmarkClaim(b *testing.B) {
	sizes := []struct{ waiting, automations int }{{1_000, 10}, {100_000, 10}, {100_000, 10_000}}
	if large() {
		sizes = append(sizes, []struct{ waiting, automations int }{{1_000_000, 10}, {5_000_000, 10}}...)
	}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		b.Run(fmt.Sprintf("waiting=%d/automations=%d", size.waiting, size.automations), func(b *testing.B) {
			pool := newPool(b, 4)
			st := newStore(b, pool)
			fill(b, st, size.waiting, size.automations)
			var took []time.Duration
			m := start(b, pool)
			for b.Loop() {
				began := time.Now()
				c, err := st.Claim(b.Context(), store.Lease{Max: batch, For: time.Hour})
				took = append(took, time.Since(began))
				if err != nil || len(c.Runs) != batch {
					b.Fatalf("claimed %d runs, error %v", len(c.Runs), err)
				}
				m.aside(func() { settle(b, st, c.Runs, func(r runs.Run) runs.Result { return runs.GiveBack(r, 0) }) })
			}
			m.stop(b.N*batch, "runs")
			b.ReportMetric(median(took), "ms/claim")
		})
	}
}

const batch = 500

// BenchmarkSettle measures outcomes of 500 runs at a time, which were published as leased outside the time.
func BenchmarkSettle(b *testing.B) {
	pool := newPool(b, 4)
	st := newStore(b, pool)
	n := 0
	m := start(b, pool)
	for b.Loop() {
		var created []runs.Run
		m.aside(func() {
			list := entries(n, batch, 10)
			for i := range list {
				list[i].Lease = time.Hour
			}
			var err error
			if created, err = st.Publish(b.Context(), list); err != nil {
				b.Fatal(err)
			}
			n += batch
		})
		settle(b, st, created, func(r runs.Run) runs.Result {
			return runs.Decide(r, runs.Attempt{At: r.StatusAt, URL: r.URL, Duration: time.Millisecond, StatusCode: 204}, runs.Policy{})
		})
	}
	m.stop(n, "runs")
}

// BenchmarkPrune measures how long it takes to remove 200 of an account's oldest runs at a time, beside those of nine others.
func BenchmarkPrune(b *testing.B) {
	pool := newPool(b, 4)
	st := newStore(b, pool)
	removed, account := 0, 10
	m := start(b, pool)
	for b.Loop() {
		if account == 10 {
			m.aside(func() {
				fill(b, st, 20_000, 10)
				execute(b, pool, "UPDATE tenterhook.runs SET status = 1, due = NULL", "VACUUM ANALYZE tenterhook.runs")
			})
			account = 0
		}
		p, err := st.Prune(b.Context(), fmt.Sprint("acct_", account), -time.Hour, 0, 200)
		if err != nil {
			b.Fatal(err)
		}
		if removed += p.Runs; p.Done {
			account++
		}
	}
	m.stop(removed, "runs")
}

func settle(b *testing.B, st store.Store, list []runs.Run, result func(runs.Run) runs.Result) {
	outcomes := make([]store.Outcome, len(list))
	for i, r := range list {
		outcomes[i] = store.Outcome{Result: result(r), Automation: r.Automation, Rule: &automation.DisableRule{}}
		if outcomes[i].Attempt == nil {
			outcomes[i].Rule = nil
		}
	}
	if s, err := st.Settle(b.Context(), outcomes); err != nil || s.Stale > 0 {
		b.Fatalf("%d of %d outcomes were stale, error %v", s.Stale, len(outcomes), err)
	}
}

func fill(b *testing.B, st store.Store, n, automations int) {
	b.Helper()
	for from := 0; from < n; from += 5000 {
		list := entries(from, min(5000, n-from), 10)
		for i := range list {
			list[i].Run.Automation = fmt.Sprint("auto_", (from+i)%automations)
		}
		if _, err := st.Publish(b.Context(), list); err != nil {
			b.Fatal(err)
		}
	}
}

var filler = strings.Repeat("x", 900)

// entries returns runs of so many accounts, with an automation each, with messages of about 1 KiB of their own, numbered from
// first.
func entries(first, n, accounts int) []store.Entry {
	list := make([]store.Entry, n)
	for i := range list {
		number := first + i
		id := fmt.Sprintf("run_%022d", number)
		list[i] = store.Entry{Planned: automation.Planned{Run: runs.Run{
			ID: id, Account: fmt.Sprint("acct_", number%accounts), Automation: fmt.Sprint("auto_", number%accounts), Action: "1",
			Event: "evt_" + id, EventType: "contact.tag.added", URL: "https://example.com/hook",
			Respondent: runs.Respondent{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com"},
			Message:    []byte(`{"id":"` + id + `","data":"` + filler + `"}`),
		}}}
	}
	return list
}
