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

// Benchmark measures a store: claiming with 1,000, 100,000 and 1,000,000 waiting runs, which should cost the same; claiming
// beside 1,000,000 held runs of one lane, as a ratio to claiming without them; claiming of 1,000 ordered lanes; publishing
// and settling in batches. Open returns a new, empty store that closes itself by means of b.
//
// With -short the large stores, which take minutes to fill, are left out: it tells only whether the benchmarks work.
func Benchmark(b *testing.B, open func(b *testing.B) store.Store) {
	sizes, held := []int{1_000, 100_000, 1_000_000}, 1_000_000
	if testing.Short() {
		sizes, held = sizes[:1], 10_000
	}
	for _, waiting := range sizes {
		b.Run(fmt.Sprintf("claim/waiting=%d", waiting), func(b *testing.B) { benchmarkClaim(b, open(b), waiting) })
	}
	b.Run(fmt.Sprintf("claim/held=%d", held), func(b *testing.B) { benchmarkHeld(b, open(b), held) })
	b.Run("claim/ordered=1000", func(b *testing.B) { benchmarkOrdered(b, open(b), 1000) })
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
		got := mustClaim(b, st, batch)
		b.StopTimer()
		mustGiveBack(b, st, got)
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
		outcomes := each(mustPublish(b, st, list), succeeded)
		b.StartTimer()
		mustSettle(b, st, outcomes)
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

// mustClaim claims until it has n runs.
func mustClaim(b *testing.B, st store.Store, n int) (got []runs.Run) {
	for range 1000 {
		c, err := st.Claim(b.Context(), store.Lease{Max: n - len(got), For: time.Hour})
		got = append(got, c.Runs...)
		if err != nil || len(got) < n && c.Next > 0 {
			b.Fatalf("claimed %d runs, error %v; want %d", len(got), err, n)
		}
		if len(got) == n {
			return got
		}
	}
	b.Fatalf("claimed %d runs in 1,000 calls, want %d", len(got), n)
	return nil
}

func mustGiveBack(b *testing.B, st store.Store, list []runs.Run) {
	mustSettle(b, st, each(list, func(r runs.Run) store.Outcome { return givenBack(r, 0) }))
}

func mustFlow(b *testing.B, st store.Store, flows []store.Flow) {
	if err := st.Flow(b.Context(), flows); err != nil {
		b.Fatal(err)
	}
}

func mustSettle(b *testing.B, st store.Store, outcomes []store.Outcome) {
	if settled, err := st.Settle(b.Context(), outcomes); err != nil || settled.Stale > 0 {
		b.Fatalf("%d of %d outcomes were stale, error %v", settled.Stale, len(outcomes), err)
	}
}

func reportRuns(b *testing.B, batch int) {
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(0, "ns/op")
}
