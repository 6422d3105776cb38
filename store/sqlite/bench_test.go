package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// BenchmarkClaim claims 500 of so many waiting runs; what was claimed is given back outside the time.
func BenchmarkClaim(b *testing.B) {
	for _, waiting := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("waiting=%d", waiting), func(b *testing.B) {
			s, _ := newStore(b, Options{})
			fill(b, s, waiting)
			var spent time.Duration
			claims := 0
			for b.Loop() {
				begun := time.Now()
				c, err := s.Claim(b.Context(), store.Lease{Max: 500, For: time.Hour})
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
				if _, err := s.Settle(b.Context(), results); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(spent.Microseconds())/1000/float64(claims), "ms/claim")
		})
	}
}

// BenchmarkPublish creates runs of 1 KiB messages.
func BenchmarkPublish(b *testing.B) {
	for _, size := range []int{1, 100, 500} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s, _ := newStore(b, Options{})
			n := 0
			for b.Loop() {
				b.StopTimer()
				list := make([]store.Entry, size)
				for i := range list {
					list[i] = planned(n)
					n++
				}
				b.StartTimer()
				if _, err := s.Publish(b.Context(), list); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkSettle ends runs that were published as leased, with an attempt each.
func BenchmarkSettle(b *testing.B) {
	for _, size := range []int{1, 100, 500} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s, _ := newStore(b, Options{})
			n := 0
			for b.Loop() {
				b.StopTimer()
				list := make([]store.Entry, size)
				for i := range list {
					list[i] = planned(n)
					list[i].Lease = time.Hour
					n++
				}
				created, err := s.Publish(b.Context(), list)
				if err != nil {
					b.Fatal(err)
				}
				results := make([]runs.Result, size)
				for i, r := range created {
					results[i] = runs.Decide(r, runs.Attempt{At: time.Now(), StatusCode: 204, URL: r.URL}, runs.Policy{})
				}
				b.StartTimer()
				if stale, err := s.Settle(b.Context(), results); err != nil || stale > 0 {
					b.Fatalf("%d stale, error %v", stale, err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
