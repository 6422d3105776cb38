package storetest

import (
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// SPEC R4.
func pruneClaims() []claim {
	return []claim{
		{"runs that ended are removed once they are older than the age", pruneOld},
		{"a run exactly as old as the age stays", pruneExact},
		{"waiting runs stay, however old", pruneWaiting},
		{"the oldest go first, at most as many as asked for", pruneOldestFirst},
		{"a removed run leaves nothing to one that is made with its id", pruneLeavesNothing},
	}
}

func pruneOld(b *bed) {
	got := b.begun("run_a", "run_b")
	b.settle(0, succeeded(got[0]), failed(got[1]))
	b.clock.move(time.Hour)
	b.settle(0, succeeded(b.begun("run_c")[0]))
	b.prune(0, 2*time.Hour, 10)
	b.clock.move(time.Minute)
	b.prune(2, time.Hour, 10)
	b.holds("run_c")
	b.prune(0, time.Hour, 10)
	b.clock.move(14 * 24 * time.Hour)
	b.prune(1, 14*24*time.Hour, 10)
	b.holds()
}

func pruneExact(b *bed) {
	b.settle(0, succeeded(b.begun("run_a")[0]))
	b.clock.move(time.Hour)
	b.prune(0, time.Hour, 10)
	b.clock.move(time.Microsecond)
	b.prune(1, time.Hour, 10)
}

func pruneWaiting(b *bed) {
	got := b.begun("run_lost", "run_retry", "run_done")
	b.settle(0, again(got[1], 1000*time.Hour), succeeded(got[2]))
	b.hold("auto_2", runs.HoldDisabled)
	b.publish(entriesOf("auto_2", "run_held")...)
	late, leased := entry("run_late"), entry("run_leased")
	late.Delay, leased.Lease = 1000*time.Hour, 1000*time.Hour
	b.publish(late, leased)
	b.clock.move(500 * time.Hour)
	b.prune(1, time.Hour, 10)
	b.holds("run_leased", "run_late", "run_held", "run_retry", "run_lost")
}

func pruneOldestFirst(b *bed) {
	ids := numbered("run", 10)
	for i, id := range ids {
		r := b.begun(id)[0]
		if i != 3 {
			b.settle(0, succeeded(r))
		}
		b.clock.move(time.Second)
	}
	b.prune(0, 0, 0)
	b.prune(0, 0, -1)
	b.prune(4, time.Second, 4)
	left := slices.Concat(ids[3:4], ids[5:])
	slices.Reverse(left)
	b.holds(left...)
	b.prune(5, 0, 100)
	b.holds(ids[3])
}

func pruneLeavesNothing(b *bed) {
	b.settle(0, failed(b.begun("run_a")[0]))
	b.clock.move(time.Hour)
	b.prune(1, time.Minute, 1)
	e := entry("run_a")
	e.Run.Message = []byte("new")
	b.same("ids created", []string{"run_a"}, idsOf(b.publish(e)))
	want := born(e, b.clock.read())
	got := b.get("run_a")
	want.Seq = got.Seq
	b.same("run made anew", want, got)
}
