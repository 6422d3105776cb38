package storetest

import (
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC O5, O10, O11.
func gateClaims() []claim {
	return []claim{
		{"disabling holds what waits and what comes, and leaves what is leased", gateDisabled},
		{"enabling lets out what waits, gently and in order", gateEnabled},
		{"enabling one of which nothing waits holds up nobody for good", gateEnabledEmpty},
		{"saving one that is open holds nothing", gateOpen},
		{"one with a rate holds all it gets, even when none is left", gateRate},
		{"a rate that is taken away lets out what waits", gateRateRemoved},
		{"saving it ends a pause, but gives nothing of its rate back", gatePause},
		{"a failing one is tried at once when it is saved", gateFailing},
		{"a failing one with a rate is held by that again", gateFailingRate},
		{"an order that is taken away lets out what waits", gateOrderRemoved},
		{"a save that is a conflict changes no hold", gateConflict},
	}
}

// rated returns a with a rate of one a second.
func rated(a automation.Automation) automation.Automation {
	a.Limits.PerSecond = 1
	return a
}

func gateDisabled(b *bed) {
	a := b.put(active(lane))[0]
	got := b.begun("run_a")
	b.publish(entry("run_b"))
	late := entry("run_c")
	late.Delay = time.Hour
	b.publish(late)
	b.put(disabled(a))
	b.publish(entry("run_d"))
	b.gets("while it is disabled")
	b.heldAs(runs.HoldDisabled, "run_b", "run_d")
	b.clock.move(time.Hour)
	b.settle(0, again(got[0], 0))
	b.gets("while it is disabled")
	b.heldAs(runs.HoldDisabled, "run_a", "run_b", "run_c", "run_d")
	b.lanes("while it is disabled")
}

func gateEnabled(b *bed) {
	a := b.put(disabled(active(lane)))[0]
	b.publish(entries("run_a", "run_b", "run_c")...)
	b.heldAs(runs.HoldDisabled, "run_a", "run_b", "run_c")
	a.Disabled = nil
	b.put(a)
	b.heldAs(runs.HoldSlow, "run_a", "run_b", "run_c")
	b.gets("before one is let out")
	b.lanes("when it was enabled", store.Lane{Automation: lane, Hold: runs.HoldSlow})
	b.turns("when it was enabled", "run_a", "run_b", "run_c")
	b.publish(entry("run_d"))
	b.gets("when none is left", "run_d")
}

func gateEnabledEmpty(b *bed) {
	a := b.put(disabled(active(lane)))[0]
	a.Disabled = nil
	b.put(a)
	b.publish(entry("run_a"))
	b.settle(0, succeeded(b.only("at first", "run_a")[0]))
	b.publish(entries("run_b", "run_c")...)
	b.only("then", "run_b", "run_c")
}

func gateOpen(b *bed) {
	b.publish(entry("run_a"))
	b.put(b.put(active(lane))[0])
	b.publish(entry("run_b"))
	b.gets("of one that was saved twice", "run_a", "run_b")
}

func gateRate(b *bed) {
	b.put(rated(active(lane)))
	b.publish(entries("run_a", "run_b", "run_c")...)
	b.heldAs(runs.HoldRate, "run_a", "run_b", "run_c")
	b.flow(store.Flow{Automation: lane, Release: 2, Pause: time.Second})
	b.gets("once two were let out", "run_a", "run_b")
	b.lanes("then", store.Lane{Automation: lane, Hold: runs.HoldRate, Wait: 2 * time.Second})
	b.clock.move(2 * time.Second)
	b.flow(store.Flow{Automation: lane, Release: 5, Pause: time.Second})
	b.gets("once all were let out", "run_c")
	b.publish(entry("run_d"))
	b.heldAs(runs.HoldRate, "run_d")
	b.lanes("when none was left", store.Lane{Automation: lane, Hold: runs.HoldRate, Wait: time.Second})
}

func gateRateRemoved(b *bed) {
	a := b.put(rated(active(lane)))[0]
	b.publish(entries("run_a", "run_b")...)
	a.Limits = automation.Limits{}
	b.put(a)
	b.turns("without the rate", "run_a", "run_b")
	b.publish(entries("run_c", "run_d")...)
	b.gets("when none is left", "run_c", "run_d")
}

func gatePause(b *bed) {
	a := b.put(rated(active(lane)))[0]
	b.publish(entries("run_a", "run_b")...)
	b.flow(store.Flow{Automation: lane, Release: 1, Pause: time.Hour})
	b.gets("once one was let out", "run_a")
	taken := store.Lane{Automation: lane, Hold: runs.HoldRate, Wait: time.Second}
	a = b.put(a)[0]
	b.lanes("when it was saved", taken)
	a = b.put(disabled(a))[0]
	b.same("end of the hold while it is disabled", time.Time{}, b.get("run_b").HeldUntil)
	a.Disabled = nil
	a = b.put(a)[0]
	b.lanes("when it was disabled and enabled", taken)
	a.Limits.PerSecond = 4
	a = b.put(a)[0]
	b.lanes("when it has a higher rate", store.Lane{Automation: lane, Hold: runs.HoldRate, Wait: time.Second / 4})
	a.Limits = automation.Limits{}
	b.put(a)
	b.lanes("when it has none", store.Lane{Automation: lane, Hold: runs.HoldBusy})
}

func gateFailing(b *bed) {
	a := b.put(active(lane))[0]
	b.flow(store.Flow{Automation: lane, Hold: runs.HoldFailing, Pause: time.Hour})
	b.publish(entries("run_a", "run_b")...)
	b.put(a)
	b.lanes("when it was saved", store.Lane{Automation: lane, Hold: runs.HoldSlow})
	b.turns("when it was saved", "run_a", "run_b")
	b.publish(entries("run_c", "run_d")...)
	b.gets("when none is left", "run_c", "run_d")
}

func gateFailingRate(b *bed) {
	b.put(rated(active(lane)))
	b.ends(lane, fiveDays(), troubled, troubled, troubled, troubled, troubled)
	b.publish(entries("run_a", "run_b")...)
	b.heldAs(runs.HoldFailing, "run_a", "run_b")
	b.clock.move(5 * time.Second)
	b.settle(0, b.judged(succeeded(b.only("as a probe", "run_a")[0]), fiveDays()))
	b.only("after a success", "run_b")
	b.publish(entry("run_c"))
	b.heldAs(runs.HoldRate, "run_c")
}

func gateOrderRemoved(b *bed) {
	a := b.order("run_a", "run_b", "run_c")
	b.only("at first", "run_a")
	a.Limits = automation.Limits{}
	b.put(a)
	b.only("without the order", "run_b")
	b.only("without the order", "run_c")
	b.publish(entries("run_d", "run_e")...)
	b.gets("when none is left", "run_d", "run_e")
}

func gateConflict(b *bed) {
	b.put(active(lane))
	b.publish(entries("run_a", "run_b")...)
	b.conflicts("a disabled one that is old", disabled(active(lane)))
	b.hold(lane, runs.HoldFailing)
	b.gets("while the lane is held")
	b.conflicts("one with a rate that is old", active("auto_2"), rated(active(lane)))
	b.heldAs(runs.HoldFailing, "run_a", "run_b")
}
