package storetest

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func flowClaims() []claim {
	return []claim{
		{"a hold takes waiting runs out of the queue, of that automation alone", holdWaiting},
		{"new runs of a held automation are born held", holdNewRuns},
		{"a retry of a held automation becomes held", holdRetries},
		{"a leased run is left alone by a hold", holdLeased},
		{"a run whose lease has passed is held", holdLostLease},
		{"held runs are never claimed, however long they wait", holdForLong},
		{"a hold replaces an earlier one", holdReplaced},
		{"runs are released oldest first", releaseOldestFirst},
		{"a release of none opens an automation that has none held", releaseEmpty},
		{"an automation opens when none is left held", releaseLast},
		{"a released run keeps its due time", releaseKeepsDue},
		{"Claimed.Held lists the busy ones alone", heldListsBusy},
		{"changes tell which automations are held, and why", heldTold},
		{"automations that are not held are left alone by a release", releaseOpen},
		{"one call changes several automations", flowSeveral},
		{"10,000 held runs do not hinder other automations", holdMany},
	}
}

func (b *bed) heldAs(want runs.Hold, ids ...string) {
	b.Helper()
	for _, id := range ids {
		r := b.get(id)
		if r.Held != want || r.Status.Ended() {
			b.Errorf("%s is %s and held as %q, want it waiting and held as %q", id, r.Status, r.Held, want)
		}
	}
}

func holdWaiting(b *bed) {
	late := entry("run_b")
	late.Delay = time.Hour
	b.publish(entry("run_a"), late)
	b.publish(entriesOf("auto_2", "run_c")...)
	b.hold(lane, runs.HoldDisabled)
	b.heldAs(runs.HoldDisabled, "run_a", "run_b")
	b.heldAs("", "run_c")
	b.gets("while another automation is held", "run_c")
}

func holdNewRuns(b *bed) {
	b.hold(lane, runs.HoldBusy)
	leased := entry("run_b")
	leased.Lease = lease
	created := b.publish(entry("run_a"), leased)
	b.heldAs(runs.HoldBusy, "run_a")
	b.heldAs("", "run_b")
	b.same("status of the leased run", runs.Running, b.get("run_b").Status)
	b.gets("while the automation is held")
	b.settle(0, succeeded(created[1]))
}

func holdRetries(b *bed) {
	got := b.begun("run_a", "run_b", "run_c")
	b.hold(lane, runs.HoldBusy)
	b.settle(0, again(got[0], time.Second), runs.GiveBack(got[1], 0), succeeded(got[2]))
	b.heldAs(runs.HoldBusy, "run_a", "run_b")
	b.same("hold of a run that ended", runs.Hold(""), b.get("run_c").Held)
	b.clock.move(time.Hour)
	b.gets("while the automation is held")
	b.release(lane, 2)
	b.gets("once released", "run_a", "run_b")
}

func holdLeased(b *bed) {
	got := b.begun("run_a")
	before := b.get("run_a")
	b.hold(lane, runs.HoldDisabled)
	b.same("leased run after a hold", before, b.get("run_a"))
	b.settle(0, succeeded(got[0]))
}

func holdLostLease(b *bed) {
	got := b.begun("run_a")
	b.clock.move(lease)
	b.hold(lane, runs.HoldDisabled)
	b.heldAs(runs.HoldDisabled, "run_a")
	b.gets("while the automation is held")
	b.release(lane, 1)
	next := b.gets("once released", "run_a")
	if next[0].Fence <= got[0].Fence {
		b.Errorf("claimed again with fence %d, want one above %d", next[0].Fence, got[0].Fence)
	}
	b.settle(1, succeeded(got[0]))
}

func holdForLong(b *bed) {
	b.publish(entry("run_a"))
	b.hold(lane, runs.HoldDisabled)
	for range 5 {
		b.clock.move(100 * 24 * time.Hour)
		b.same("Next while all runs are held", time.Hour, b.claimed(1).Next)
	}
	b.gets("while the automation is held")
}

func holdReplaced(b *bed) {
	b.publish(entry("run_a"))
	b.hold(lane, runs.HoldBusy)
	b.hold(lane, runs.HoldDisabled)
	b.publish(entry("run_b"))
	b.heldAs(runs.HoldDisabled, "run_a", "run_b")
	b.same("automations held as busy", 0, len(b.claimed(1).Held))
	b.hold(lane, runs.HoldBusy)
	b.heldAs(runs.HoldBusy, "run_a", "run_b")
}

func releaseOldestFirst(b *bed) {
	list := entries("run_a", "run_b", "run_c", "run_d")
	for i := range list {
		list[i].Delay = time.Duration(4-i) * time.Minute // due in the reverse order
	}
	b.publish(list...)
	b.hold(lane, runs.HoldBusy)
	b.clock.move(time.Hour)
	b.release(lane, 2)
	b.gets("after two were released", "run_a", "run_b")
	b.publish(entry("run_e"))
	b.heldAs(runs.HoldBusy, "run_c", "run_d", "run_e")
	b.release(lane, 0)
	b.release(lane, -1)
	b.gets("after none was released")
	b.release(lane, 1)
	b.gets("after one was released", "run_c")
}

func releaseEmpty(b *bed) {
	b.hold(lane, runs.HoldBusy)
	b.release(lane, 0)
	b.publish(entry("run_a"))
	b.heldAs("", "run_a")
}

func releaseLast(b *bed) {
	b.publish(entries("run_a", "run_b")...)
	b.hold(lane, runs.HoldBusy)
	b.release(lane, 1)
	b.publish(entry("run_c"))
	b.heldAs(runs.HoldBusy, "run_b", "run_c")
	b.release(lane, 2)
	b.same("automations held as busy", 0, len(b.claimed(0).Held))
	b.publish(entry("run_d"))
	b.gets("once none is left held", "run_a", "run_b", "run_c", "run_d")
}

func releaseKeepsDue(b *bed) {
	e := entry("run_a")
	e.Delay = time.Hour
	b.publish(e)
	b.hold(lane, runs.HoldBusy)
	b.release(lane, 10)
	b.same("due", begin.Add(time.Hour), b.get("run_a").Due)
	b.gets("released before it is due")
	b.clock.move(time.Hour)
	b.gets("released and due", "run_a")
}

func heldListsBusy(b *bed) {
	for _, id := range []string{"auto_c", "auto_a", "auto_b"} {
		b.hold(id, runs.HoldBusy)
	}
	b.hold("auto_d", runs.HoldDisabled)
	b.hold("auto_b", runs.HoldDisabled)
	for _, max := range []int{10, 0} {
		b.same("automations held as busy", []string{"auto_a", "auto_c"}, b.claimed(max).Held)
	}
	b.publish(entries("run_a")...)
	b.same("automations held as busy, told beside a run", []string{"auto_a", "auto_c"}, b.claimed(1).Held)
}

func heldTold(b *bed) {
	holds := func(what string, want map[string]runs.Hold) {
		b.Helper()
		b.same("holds "+what, want, b.changes(0).Holds)
	}
	b.put(sample("auto_1"), sample("auto_2"), sample("auto_3"))
	holds("of automations that are open", nil)
	b.hold("auto_1", runs.HoldBusy)
	b.hold("auto_2", runs.HoldDisabled)
	b.hold("auto_none", runs.HoldBusy)
	holds("of two held ones", map[string]runs.Hold{"auto_1": runs.HoldBusy, "auto_2": runs.HoldDisabled})
	b.release("auto_1", 1)
	holds("after one was released", map[string]runs.Hold{"auto_2": runs.HoldDisabled})
	since := b.changes(0).Version
	b.must("Delete", b.Delete(b.Context(), account, []string{"auto_2"}))
	holds("after the other was deleted", nil)
	b.same("holds of what was deleted", 0, len(b.changes(since).Holds))
}

func releaseOpen(b *bed) {
	b.publish(entry("run_a"))
	before := b.get("run_a")
	b.release(lane, 5)
	b.release("auto_unknown", 5)
	b.same("run of an automation that was not held", before, b.get("run_a"))
}

func flowSeveral(b *bed) {
	b.publish(entriesOf("auto_2", "run_a")...)
	b.publish(entriesOf("auto_3", "run_b")...)
	b.hold("auto_2", runs.HoldBusy)
	b.flow(
		store.Flow{Automation: "auto_2", Release: 1},
		store.Flow{Automation: "auto_3", Hold: runs.HoldDisabled},
		store.Flow{Automation: "auto_4", Hold: runs.HoldBusy},
	)
	b.publish(entriesOf("auto_4", "run_c")...)
	b.gets("after three changes in one call", "run_a")
	b.flow()
}

func holdMany(b *bed) {
	for _, at := range []string{"before", "after"} {
		b.publish(entriesOf("auto_slow", numbered(at, 5000)...)...)
		b.hold("auto_slow", runs.HoldBusy)
	}
	b.publish(entry("run_a"))
	b.clock.move(time.Microsecond)
	b.publish(entry("run_b"))
	c := b.claimed(1)
	b.same("claimed beside 10,000 held runs", []string{"run_a"}, idsOf(c.Runs))
	b.same("Next", time.Duration(0), c.Next)
	c = b.claimed(10)
	b.same("claimed beside 10,000 held runs", []string{"run_b"}, idsOf(c.Runs))
	b.same("Next", lease, c.Next)
	b.release("auto_slow", 3)
	b.same("claimed after three were released", numbered("before", 5000)[:3], idsOf(b.claim(10)))
}
