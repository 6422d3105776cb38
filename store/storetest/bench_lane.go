package storetest

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// benchmarkHeld claims 500 of 1,000 runs that are due, beside held ones of one lane; "ratio" is its median time to that of
// the same claims before those were there.
func benchmarkHeld(b *testing.B, st store.Store, held int) {
	const batch, before = 500, 100
	mustPublish(b, st, kilobytes(0, 2*batch))
	var alone []time.Duration
	for range before {
		alone = append(alone, timedClaim(b, st, batch))
	}
	mustFlow(b, st, []store.Flow{{Automation: "auto_slow", Hold: runs.HoldFailing}})
	for from := 0; from < held; from += 5000 {
		list := kilobytes(2*batch+from, min(5000, held-from))
		for i := range list {
			list[i].Run.Automation = "auto_slow"
		}
		mustPublish(b, st, list)
	}
	runtime.GC() // what publishing left behind is not claiming's
	b.ResetTimer()
	var beside []time.Duration
	for b.Loop() {
		beside = append(beside, timedClaim(b, st, batch))
	}
	b.ReportMetric(median(beside).Seconds()*1000, "ms/claim")
	b.ReportMetric(float64(median(beside))/float64(median(alone)), "ratio")
	b.ReportMetric(0, "ns/op")
}

// timedClaim claims so many runs, gives them back, and returns how long the claim took.
func timedClaim(b *testing.B, st store.Store, max int) time.Duration {
	begun := time.Now()
	got := mustClaim(b, st, max)
	took := time.Since(begun)
	mustGiveBack(b, st, got)
	return took
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// benchmarkOrdered lets one run out of each of many ordered lanes with a backlog of 50 each, and claims those.
func benchmarkOrdered(b *testing.B, st store.Store, lanes int) {
	const backlog = 50
	var list []automation.Automation
	var flows []store.Flow
	for _, id := range numbered("auto", lanes) {
		list = append(list, automation.Automation{ID: id, Account: account, Limits: automation.Limits{Ordered: true}})
		flows = append(flows, store.Flow{Automation: id, Release: 1})
	}
	if _, err := st.Put(b.Context(), list); err != nil {
		b.Fatal(err)
	}
	for n := range backlog {
		published := kilobytes(n*lanes, lanes)
		for i := range published {
			published[i].Run.Automation = list[i].ID
		}
		mustPublish(b, st, published)
	}
	b.ResetTimer()
	for b.Loop() {
		mustFlow(b, st, flows)
		got := mustClaim(b, st, lanes)
		b.StopTimer()
		mustGiveBack(b, st, got) // held again
		b.StartTimer()
	}
	reportRuns(b, lanes)
}
