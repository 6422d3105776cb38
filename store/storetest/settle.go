package storetest

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func settleClaims() []claim {
	return []claim{
		{"nothing settles nothing", func(b *bed) { b.settle(0) }},
		{"a run ends as its result says", settleEnds},
		{"a retry is due after its wait, no sooner", settleRetry},
		{"a run given back has its try again and no attempt", settleGiveBack},
		{"a result of a lost lease is ignored and counted", settleStale},
		{"a result that comes late counts while nobody else was given the run", settleLate},
		{"a run is settled once", settleTwice},
		{"two results of one lease in one call: the first counts", settleTwiceInOneCall},
		{"a result of a run that is not there is ignored and counted", settleUnknown},
		{"a result of a run that was removed does not count for one made with its id", settleRemoved},
		{"a result of before a replay is ignored", settleReplayed},
		{"any id will do", settleAnyID},
		{"stale results do not keep others from being written", settleMixed},
	}
}

func settleEnds(b *bed) {
	got := b.begun("run_a", "run_b")
	b.clock.move(20 * time.Second)
	b.settle(0, succeeded(got[0]), failed(got[1]))
	for i, status := range []runs.Status{runs.Succeeded, runs.Failed} {
		want := got[i]
		want.Status, want.StatusAt, want.Due = status, b.clock.read(), time.Time{}
		after := b.get(want.ID)
		after.Attempts = nil
		b.same("run that "+string(status), want, after)
	}
}

func settleRetry(b *bed) {
	got := b.begun("run_a")[0]
	b.clock.move(time.Second)
	b.settle(0, again(got, 5*time.Minute))
	want := got
	want.Status, want.StatusAt, want.Due = runs.Scheduled, b.clock.read(), b.clock.read().Add(5*time.Minute)
	after := b.get("run_a")
	after.Attempts = nil
	b.same("run to be retried", want, after)
	b.clock.move(5*time.Minute - time.Microsecond)
	b.gets("a microsecond before the wait ends")
	b.clock.move(time.Microsecond)
	b.same("tries of the retry", 2, b.gets("when the wait ends", "run_a")[0].Tries)
}

func settleGiveBack(b *bed) {
	got := b.begun("run_a")[0]
	b.settle(0, givenBack(got, time.Second))
	after := b.get("run_a")
	b.same("tries", 0, after.Tries)
	b.same("attempts", 0, len(after.Attempts))
	b.same("due", b.clock.read().Add(time.Second), after.Due)
	b.clock.move(time.Second)
	next := b.gets("after it was given back", "run_a")[0]
	if next.Fence <= got.Fence || next.Tries != 1 {
		b.Errorf("claimed again with fence %d and %d tries, want a fence above %d and one try", next.Fence, next.Tries, got.Fence)
	}
	b.settle(1, succeeded(got))
}

func settleStale(b *bed) {
	lost := b.begun("run_a")[0]
	b.clock.move(lease)
	now := b.gets("when the lease has passed", "run_a")[0]
	before := b.get("run_a")
	for _, res := range []store.Outcome{succeeded(lost), failed(lost), again(lost, 0), givenBack(lost, 0)} {
		b.settle(1, res)
	}
	ahead := now
	ahead.Fence++
	b.settle(1, succeeded(ahead))
	b.same("run after results of other leases", before, b.get("run_a"))
	b.settle(0, succeeded(now))
}

func settleLate(b *bed) {
	got := b.begun("run_a")
	b.clock.move(10 * lease)
	b.settle(0, succeeded(got[0]))
	b.same("status", runs.Succeeded, b.get("run_a").Status)
	b.gets("after a late success")
}

func settleTwice(b *bed) {
	got := b.begun("run_a", "run_b")
	b.settle(0, succeeded(got[0]), again(got[1], time.Hour))
	b.settle(2, failed(got[0]), failed(got[1]))
	b.same("status", runs.Succeeded, b.get("run_a").Status)
	b.same("status", runs.Scheduled, b.get("run_b").Status)
	b.same("attempts", 1, len(b.get("run_b").Attempts))
}

func settleTwiceInOneCall(b *bed) {
	got := b.begun("run_a", "run_b")
	b.settle(2, again(got[0], time.Hour), succeeded(got[1]), failed(got[0]), failed(got[1]))
	b.same("status", runs.Scheduled, b.get("run_a").Status)
	b.same("status", runs.Succeeded, b.get("run_b").Status)
	b.same("attempts", 1, len(b.get("run_a").Attempts))
}

func settleUnknown(b *bed) {
	b.settle(1, succeeded(runs.Run{ID: "run_none", Seq: 1, Fence: 1, Automation: lane}))
	got := b.begun("run_a")[0]
	b.settle(1, succeeded(runs.Run{ID: "run_none", Seq: got.Seq, Fence: got.Fence, Automation: lane}))
	b.same("status", runs.Running, b.get("run_a").Status)
	b.settle(0, succeeded(got))
	b.clock.move(time.Hour)
	b.prune(1, time.Minute, 1)
	b.settle(1, succeeded(got))
	b.holds()
}

func settleRemoved(b *bed) {
	old := b.begun("run_a")[0]
	b.settle(0, failed(old))
	b.clock.move(time.Hour)
	b.prune(1, time.Minute, 1)
	now := b.begun("run_a")[0]
	b.settle(1, succeeded(old))
	b.same("status", runs.Running, b.get("run_a").Status)
	b.settle(0, succeeded(now))
}

func settleReplayed(b *bed) {
	got := b.begun("run_a", "run_b")
	b.settle(0, failed(got[0]))
	b.clock.move(2 * lease) // the lease of run_b has passed too
	b.same("replayed", 2, b.replay(runs.Filter{}, 0, 10).Runs)
	b.settle(2, succeeded(got[0]), succeeded(got[1]))
	b.same("status", runs.Scheduled, b.get("run_b").Status)
	b.same("attempts", 0, len(b.get("run_b").Attempts))
}

func settleAnyID(b *bed) {
	got := b.begun("run_ü😀", "run_\x01\a\x7f", "run_\u2028'\"\\", "%", "[]")
	b.settle(0, each(got, succeeded)...)
	for _, r := range got {
		b.same("status", runs.Succeeded, b.get(r.ID).Status)
		b.same("attempts", 1, len(b.get(r.ID).Attempts))
	}
	b.same("replayed", 5, b.replay(runs.Filter{IDs: idsOf(got)}, 0, 10).Runs)
}

func settleMixed(b *bed) {
	got := b.begun(numbered("run", 50)...)
	results := each(got, succeeded)
	for i := 0; i < len(results); i += 5 {
		results[i].Fence += 7
	}
	b.settle(10, results...)
	counts, err := b.Count(b.Context(), runs.Filter{})
	b.must("Count", err)
	b.same("counts", runs.Counts{runs.Succeeded: 40, runs.Running: 10}, counts)
}
