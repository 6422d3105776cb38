package storetest

import (
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// benchmarkHeld claims 500 of 1,000 runs that are due, beside held ones of one lane; "ratio" is its time to that of the same
// claims before those were there.
func benchmarkHeld(b *testing.B, st store.Store, held int) {
	const batch, before = 500, 50
	mustPublish(b, st, kilobytes(0, 2*batch))
	var alone time.Duration
	for range before {
		begun := time.Now()
		got := mustClaim(b, st, batch)
		alone += time.Since(begun)
		mustGiveBack(b, st, got)
	}
	mustFlow(b, st, []store.Flow{{Automation: "auto_slow", Hold: runs.HoldFailing}})
	for from := 0; from < held; from += 5000 {
		list := kilobytes(2*batch+from, min(5000, held-from))
		for i := range list {
			list[i].Run.Automation = "auto_slow"
		}
		mustPublish(b, st, list)
	}
	b.ResetTimer()
	for b.Loop() {
		got := mustClaim(b, st, batch)
		b.StopTimer()
		mustGiveBack(b, st, got)
		b.StartTimer()
	}
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(each.Seconds()*1000, "ms/claim")
	b.ReportMetric(float64(each)/float64(alone/before), "ratio")
	reportRuns(b, batch)
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
