package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
)

func planned(n int) store.Entry {
	id := fmt.Sprintf("run_%010d", n)
	return store.Entry{Planned: automation.Planned{Run: runs.Run{
		ID: id, Account: "acct_1", Automation: fmt.Sprint("auto_", n%100), Event: "evt_" + id, Message: []byte(id),
	}}}
}

func publish(b *testing.B, st store.Store, n int) {
	b.Helper()
	list := make([]store.Entry, n)
	for i := range list {
		list[i] = planned(i)
	}
	if _, err := st.Publish(b.Context(), list); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkClaim claims 500 of so many waiting runs; what was claimed is given back outside the time.
func BenchmarkClaim(b *testing.B) {
	for _, waiting := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("waiting=%d", waiting), func(b *testing.B) {
			st := memory.New()
			publish(b, st, waiting)
			var spent time.Duration
			claims := 0
			for b.Loop() {
				begun := time.Now()
				c, err := st.Claim(b.Context(), store.Lease{Max: 500, For: time.Hour})
				spent += time.Since(begun)
				claims++
				b.StopTimer()
				if err != nil || len(c.Runs) != 500 {
					b.Fatalf("claimed %d runs, error %v; want 500", len(c.Runs), err)
				}
				results := make([]runs.Result, len(c.Runs))
				for i, r := range c.Runs {
					results[i] = runs.GiveBack(r, 0)
				}
				if _, err := st.Settle(b.Context(), results); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(spent.Microseconds())/1000/float64(claims), "ms/claim")
		})
	}
}
