package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Benchmark measures a store: claiming with 1,000, 100,000 and 1,000,000 waiting runs, which should cost the same, and
// publishing and settling in batches. Open returns a new, empty store that closes itself by means of b.
func Benchmark(b *testing.B, open func(b *testing.B) store.Store) {
	for _, waiting := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("claim/waiting=%d", waiting), func(b *testing.B) { benchmarkClaim(b, open(b), waiting) })
	}
	for _, size := range []int{1, 100, 500} {
		b.Run(fmt.Sprintf("publish/batch=%d", size), func(b *testing.B) { benchmarkPublish(b, open(b), size) })
		b.Run(fmt.Sprintf("settle/batch=%d", size), func(b *testing.B) { benchmarkSettle(b, open(b), size) })
	}
}

// benchmarkClaim claims 500 runs at a time; they are given back outside the time.
func benchmarkClaim(b *testing.B, st store.Store, waiting int) {
	const batch = 500
	for from := 0; from < waiting; from += 5000 {
		mustPublish(b, st, kilobytes(from, min(5000, waiting-from)))
	}
	b.ResetTimer()
	for b.Loop() {
		c, err := st.Claim(b.Context(), store.Lease{Max: batch, For: time.Hour})
		b.StopTimer()
		if err != nil || len(c.Runs) != batch {
			b.Fatalf("claimed %d runs, error %v; want %d", len(c.Runs), err, batch)
		}
		results := make([]runs.Result, batch)
		for i, r := range c.Runs {
			results[i] = runs.GiveBack(r, 0)
		}
		mustSettle(b, st, results)
		b.StartTimer()
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/claim")
	reportRuns(b, batch)
}

func benchmarkPublish(b *testing.B, st store.Store, batch int) {
	for n := 0; b.Loop(); n += batch {
		b.StopTimer()
		list := kilobytes(n, batch)
		b.StartTimer()
		mustPublish(b, st, list)
	}
	reportRuns(b, batch)
}

// benchmarkSettle ends runs that were published as leased, with an attempt each.
func benchmarkSettle(b *testing.B, st store.Store, batch int) {
	for n := 0; b.Loop(); n += batch {
		b.StopTimer()
		list := kilobytes(n, batch)
		for i := range list {
			list[i].Lease = time.Hour
		}
		results := make([]runs.Result, batch)
		for i, r := range mustPublish(b, st, list) {
			results[i] = runs.Decide(r, runs.Attempt{At: time.Now(), StatusCode: 204, URL: r.URL}, runs.Policy{})
		}
		b.StartTimer()
		mustSettle(b, st, results)
	}
	reportRuns(b, batch)
}

// kilobytes returns runs with messages of their own of about 1 KiB, of ten accounts and a hundred automations, numbered
// from first.
func kilobytes(first, n int) []store.Entry {
	filler := strings.Repeat("x", 900)
	list := make([]store.Entry, n)
	for i := range list {
		number := first + i
		id := fmt.Sprintf("run_%010d", number)
		list[i] = store.Entry{Planned: automation.Planned{Run: runs.Run{
			ID: id, Account: fmt.Sprint("acct_", number%10), Automation: fmt.Sprint("auto_", number%100), Action: "1",
			Event: "evt_" + id, EventType: "contact.tag.added", URL: "https://example.com/hook",
			Respondent: runs.Respondent{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com"},
			Message:    []byte(`{"id":"` + id + `","data":"` + filler + `"}`),
		}}}
	}
	return list
}

func mustPublish(b *testing.B, st store.Store, list []store.Entry) []runs.Run {
	created, err := st.Publish(b.Context(), list)
	if err != nil || len(created) != len(list) {
		b.Fatalf("published %d of %d runs, error %v", len(created), len(list), err)
	}
	return created
}

func mustSettle(b *testing.B, st store.Store, results []runs.Result) {
	if stale, err := st.Settle(b.Context(), results); err != nil || stale > 0 {
		b.Fatalf("%d of %d results were stale, error %v", stale, len(results), err)
	}
}

func reportRuns(b *testing.B, batch int) {
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(0, "ns/op")
}
