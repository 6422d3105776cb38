package storetest

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC R5.
func replayClaims() []claim {
	return []claim{
		{"a run that ended is due now with all its tries, the same otherwise", replayEnded},
		{"a scheduled run is due now instead of later", replayScheduled},
		{"a run of a held automation becomes held", replayHeld},
		{"a running run is left alone and named", replayRunning},
		{"a run whose lease has passed is replayed", replayLostLease},
		{"each replay is counted", replayCounted},
		{"only what the filter selects is replayed", replayFiltered},
		{"it goes in steps, oldest first, and says how far it came", replaySteps},
		{"a step that takes the last one is done", replayExact},
		{"a step of none does nothing", replayNone},
	}
}

func replayEnded(b *bed) {
	got := b.begun("run_a", "run_b")
	b.settle(0, again(got[0], 0), again(got[1], 0))
	got = b.gets("retries", "run_a", "run_b")
	b.settle(0, succeeded(got[0]), failed(got[1]))
	before := []runs.Run{b.get("run_a"), b.get("run_b")}
	b.clock.move(time.Hour)
	b.same("replayed", store.Replayed{Runs: 2, Last: got[1].Seq, Done: true}, b.replay(runs.Filter{Account: account}, 0, 10))
	for _, want := range before {
		want.Status, want.StatusAt, want.Due = runs.Scheduled, b.clock.read(), b.clock.read()
		want.Tries, want.Replays = 0, 1
		b.same("replayed run", want, b.get(want.ID))
	}
	for i, r := range b.gets("replayed", "run_a", "run_b") {
		b.messageIs(r, before[i].Message)
		if r.Fence <= before[i].Fence || r.Tries != 1 {
			b.Errorf("replayed run is claimed with fence %d and %d tries, want a fence above %d and one try", r.Fence, r.Tries, before[i].Fence)
		}
	}
}

func replayScheduled(b *bed) {
	late := entry("run_a")
	late.Delay = 72 * time.Hour
	b.publish(late)
	b.settle(0, again(b.begun("run_b")[0], 24*time.Hour))
	b.clock.move(time.Second)
	b.replay(runs.Filter{Statuses: []runs.Status{runs.Scheduled}}, 0, 10)
	b.same("due", b.clock.read(), b.get("run_a").Due)
	got := b.gets("replayed", "run_a", "run_b")
	b.same("tries", 1, got[1].Tries)
}

func replayHeld(b *bed) {
	b.settle(0, failed(b.begun("run_a")[0]))
	b.hold(lane, runs.HoldBusy)
	b.publish(entry("run_b"))
	b.same("replayed", 2, b.replay(runs.Filter{}, 0, 10).Runs)
	b.heldAs(runs.HoldBusy, "run_a", "run_b")
	b.gets("while the automation is held")
	b.release(lane, 2)
	b.gets("once released", "run_a", "run_b")
}

func replayRunning(b *bed) {
	got := b.begun("run_a", "run_b", "run_c")
	b.settle(0, failed(got[1]))
	before := b.get("run_a")
	b.same("replayed", store.Replayed{Runs: 1, Running: []string{"run_a", "run_c"}, Last: got[2].Seq, Done: true}, b.replay(runs.Filter{}, 0, 10))
	b.same("running run after a replay", before, b.get("run_a"))
	b.settle(0, succeeded(got[0]))
	b.same("replayed", store.Replayed{Running: []string{"run_c"}, Last: got[2].Seq, Done: true},
		b.replay(runs.Filter{IDs: []string{"run_c", "run_none"}}, 0, 10))
}

func replayLostLease(b *bed) {
	b.begun("run_a")
	b.clock.move(lease)
	b.same("replayed", 1, b.replay(runs.Filter{}, 0, 10).Runs)
	b.same("tries", 0, b.get("run_a").Tries)
	b.gets("replayed", "run_a")
}

func replayCounted(b *bed) {
	r := b.begun("run_a")[0]
	for n := 1; n <= 4; n++ {
		b.settle(0, failed(r))
		b.replay(runs.Filter{IDs: []string{"run_a"}}, 0, 1)
		r = b.gets("replayed", "run_a")[0]
		b.same("replays", n, r.Replays)
	}
}

func replayFiltered(b *bed) {
	got := b.begun("run_a", "run_b", "run_c")
	b.settle(0, succeeded(got[0]), failed(got[1]), failed(got[2]))
	other := entry("run_d")
	other.Run.Account = "acct_2"
	other.Delay = time.Hour
	b.publish(other)
	b.same("replayed of another account", 0, b.replay(runs.Filter{Account: "acct_2", IDs: []string{"run_a", "run_b"}}, 0, 10).Runs)
	b.replay(runs.Filter{Account: account, Statuses: []runs.Status{runs.Failed}, IDs: []string{"run_a", "run_c", "run_d"}}, 0, 10)
	b.gets("replayed", "run_c")
}

func replaySteps(b *bed) {
	got := b.begun(numbered("run", 10)...)
	b.settle(0, each(append(got[:4:4], got[5:]...), failed)...)
	var after int64
	for _, want := range []store.Replayed{
		{Runs: 3, Last: got[2].Seq},
		{Runs: 2, Running: []string{got[4].ID}, Last: got[5].Seq},
		{Runs: 3, Last: got[8].Seq},
		{Runs: 1, Last: got[9].Seq, Done: true},
		{Last: got[9].Seq, Done: true},
	} {
		step := b.replay(runs.Filter{Account: account, Statuses: []runs.Status{runs.Failed, runs.Running}}, after, 3)
		b.same("step", want, step)
		after = step.Last
	}
	b.same("replayed", 9, len(b.list(runs.Filter{Statuses: []runs.Status{runs.Scheduled}}, 100)))
}

func replayExact(b *bed) {
	got := b.begun("run_a", "run_b")
	b.settle(0, each(got, failed)...)
	b.same("step", store.Replayed{Runs: 2, Last: got[1].Seq, Done: true}, b.replay(runs.Filter{}, 0, 2))
}

func replayNone(b *bed) {
	b.same("replayed of an empty store", store.Replayed{Done: true}, b.replay(runs.Filter{}, 0, 10))
	b.settle(0, failed(b.begun("run_a")[0]))
	before := b.get("run_a")
	for _, max := range []int{0, -1, -2} {
		b.same("step", store.Replayed{}, b.replay(runs.Filter{}, 0, max))
	}
	b.same("run after steps of none", before, b.get("run_a"))
}
