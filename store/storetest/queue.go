package storetest

import (
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func queueClaims() []claim {
	return []claim{
		{"an empty store gives nothing and says to wait an hour", func(b *bed) {
			b.same("claimed of an empty store", store.Claimed{Next: time.Hour, Notices: time.Hour, Mark: b.changes("").Mark}, b.claimed(10))
		}},
		{"a claimed run has a lease, a fence and one try more", claimLeases},
		{"the oldest due go first, at most as many as asked for", claimOldestFirst},
		{"nothing is leased to one who asks for none", claimNone},
		{"a leased run is nobody else's until the lease has passed", claimOnce},
		{"each lease that passes gives a higher fence", claimFenceRises},
		{"a run that has ended is never given", claimEnded},
		{"Next is the time until the next run is due", claimNext},
		{"claimers at once never share a run and miss none", claimAtOnce},
	}
}

func claimLeases(b *bed) {
	e := entry("run_a")
	e.Run.Warnings = []string{"kept"}
	b.publish(e)
	b.clock.move(90 * time.Second)
	got := b.claim(10)
	if len(got) != 1 {
		b.Fatalf("Claim gave %q, want the one run that is due", idsOf(got))
	}
	want := born(e, begin)
	want.Seq, want.Fence, want.Tries = got[0].Seq, 1, 1
	want.Status, want.StatusAt, want.Due = runs.Running, b.clock.read(), b.clock.read().Add(lease)
	b.same("run as claimed", want, got[0])
	b.same("run as read", want, b.get("run_a"))
}

func claimOldestFirst(b *bed) {
	list := entries("run_a", "run_b", "run_c", "run_d", "run_e")
	for i, minutes := range []int{40, 10, 50, 20, 30} {
		list[i].Delay = time.Duration(minutes) * time.Minute
	}
	b.publish(list...)
	b.clock.move(45 * time.Minute)
	for _, want := range [][]string{{"run_b", "run_d"}, {"run_a", "run_e"}, nil} {
		c, err := b.Claim(b.Context(), store.Lease{Max: 2, For: time.Hour})
		b.must("Claim", err)
		b.same("ids of the two that are due longest, in order of creation", want, idsOf(c.Runs))
	}
}

func claimNone(b *bed) {
	b.publish(entry("run_a"))
	for _, max := range []int{0, -1} {
		c := b.claimed(max)
		b.same("claimed", store.Claimed{Notices: time.Hour, Mark: b.changes("").Mark}, c)
	}
	b.same("status", runs.Scheduled, b.get("run_a").Status)
}

func claimOnce(b *bed) {
	b.begun("run_a")
	b.gets("at once")
	b.clock.move(lease - time.Microsecond)
	b.gets("a microsecond before the lease ends")
	b.same("status", runs.Running, b.get("run_a").Status)
	b.clock.move(time.Microsecond)
	b.same("status when the lease has passed", runs.Scheduled, b.get("run_a").Status)
	b.gets("when the lease has passed", "run_a")
}

func claimFenceRises(b *bed) {
	fence := b.begun("run_a")[0].Fence
	for n := range 5 {
		b.clock.move(lease + time.Duration(n)*time.Second)
		got := b.gets("when the lease has passed", "run_a")
		if len(got) != 1 || got[0].Fence <= fence || got[0].Tries != n+2 {
			b.Fatalf("claimed again with fence %d and %d tries, want a fence above %d and %d tries", got[0].Fence, got[0].Tries, fence, n+2)
		}
		fence = got[0].Fence
	}
}

func claimEnded(b *bed) {
	got := b.begun("run_a", "run_b")
	b.settle(0, succeeded(got[0]), failed(got[1]))
	for range 5 {
		b.clock.move(100 * 24 * time.Hour)
		b.gets("long after all have ended")
	}
}

func claimNext(b *bed) {
	in := func(id string, d time.Duration) store.Entry {
		e := entry(id)
		e.Delay = d
		return e
	}
	next := func(what string, max int, want time.Duration) {
		b.Helper()
		b.same("Next "+what, want, b.claimed(max).Next)
	}
	b.publish(in("run_a", 3*time.Hour))
	next("of a run due in three hours", 10, time.Hour)
	b.publish(in("run_b", 30*time.Minute+time.Microsecond))
	next("of a run due in half an hour and a microsecond", 10, 30*time.Minute+time.Microsecond)
	b.publish(entries("run_c", "run_d")...)
	next("when one more is due", 1, 0)
	next("when as many were due as asked for: the end of a lease", 1, lease)
	b.hold("auto_2", runs.HoldDisabled)
	b.publish(entriesOf("auto_2", "run_e")...)
	next("with a held run that would be due", 10, lease)
	b.clock.move(lease + time.Second)
	next("when fewer were due than asked for", 10, lease)
	next("while all is leased", 0, lease)
}

// SPEC D2, R6: work is shared without sending anything twice.
func claimAtOnce(b *bed) {
	const total, claimers, batch = 2000, 8, 37
	b.publish(entries(numbered("old", total/2)...)...)
	var mu sync.Mutex
	times := map[string]int{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 10 {
			if _, err := b.Publish(b.Context(), entries(numbered(string(rune('a'+i)), total/20)...)); err != nil {
				b.Errorf("Publish beside claimers: %v", err)
			}
		}
	})
	take := func() int {
		c, err := b.Claim(b.Context(), store.Lease{Max: batch, For: time.Hour})
		if err != nil {
			b.Errorf("Claim beside others: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, r := range c.Runs {
			times[r.ID]++
		}
		return len(c.Runs)
	}
	for range claimers {
		wg.Go(func() {
			for take() > 0 {
			}
		})
	}
	wg.Wait()
	for take() > 0 { // what was published after a claimer found nothing
	}
	if len(times) != total {
		b.Errorf("%d runs were claimed, want %d", len(times), total)
	}
	for id, n := range times {
		if n != 1 {
			b.Errorf("%s was claimed %d times within one lease", id, n)
		}
	}
}
