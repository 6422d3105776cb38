package storetest

import (
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func releaseClaims() []claim {
	return []claim{
		{"the oldest runs are let out first, as many as asked for", releaseOldestFirst},
		{"a run that was let out is given, though its lane is held again", releaseStays},
		{"a run that was let out and given back is held again, before younger ones", releaseGivenBack},
		{"no run is let out while a pause lasts", releasePaused},
		{"each run that is let out pauses its lane", releasePauses},
		{"a lane opens when none is left, not before", releaseLast},
		{"a lane that is failing stays so when none is left", releaseFailing},
		{"a lane of which none is held opens", releaseEmpty},
		{"lanes that are not held are left alone", releaseOpen},
		{"one call flows several lanes, in order", releaseSeveral},
		{"releasers at once let out each run once", releaseAtOnce},
	}
}

func releaseOldestFirst(b *bed) {
	list := entries("run_a", "run_b", "run_c", "run_d")
	for i := range list {
		list[i].Delay = time.Duration(4-i) * time.Minute // due in the reverse order
	}
	b.publish(list...)
	b.hold(lane, runs.HoldBusy)
	b.clock.move(time.Hour)
	b.gets("while the lane is held")
	b.release(lane, 2)
	b.gets("after two were let out", "run_a", "run_b")
	b.publish(entry("run_e"))
	b.heldAs(runs.HoldBusy, "run_c", "run_d", "run_e")
	b.release(lane, 0)
	b.release(lane, -1)
	b.gets("after none was let out")
	b.release(lane, 1)
	b.gets("after one was let out", "run_c")
}

func releaseStays(b *bed) {
	b.hold(lane, runs.HoldSlow)
	b.publish(entries("run_a", "run_b")...)
	b.release(lane, 1)
	b.flow(store.Flow{Automation: lane, Hold: runs.HoldFailing, Pause: time.Hour})
	b.heldAs("", "run_a")
	b.heldAs(runs.HoldFailing, "run_b")
	got := b.gets("after the lane was held again", "run_a")
	b.settle(0, succeeded(got[0]))
}

func releaseGivenBack(b *bed) {
	b.hold(lane, runs.HoldSlow)
	b.publish(entries("run_a", "run_b", "run_c")...)
	b.release(lane, 2)
	got := b.gets("once let out", "run_a", "run_b")
	b.settle(0, givenBack(got[0], 0), again(got[1], time.Second))
	b.clock.move(time.Minute)
	b.gets("while the lane is held")
	b.heldAs(runs.HoldSlow, "run_a", "run_b", "run_c")
	b.release(lane, 2)
	next := b.gets("once let out again", "run_a", "run_b")
	b.same("tries", []int{1, 2}, []int{next[0].Tries, next[1].Tries})
}

func releasePaused(b *bed) {
	b.flow(store.Flow{Automation: lane, Hold: runs.HoldFailing, Pause: time.Minute})
	b.publish(entries("run_a", "run_b")...)
	b.clock.move(time.Minute - time.Microsecond)
	b.release(lane, 1)
	b.gets("a microsecond before the pause ends")
	b.lanes("then", store.Lane{Automation: lane, Hold: runs.HoldFailing, Wait: time.Microsecond})
	b.clock.move(time.Microsecond)
	b.lanes("when the pause ends", store.Lane{Automation: lane, Hold: runs.HoldFailing})
	b.release(lane, 1)
	b.gets("when the pause ends", "run_a")
}

func releasePauses(b *bed) {
	b.hold(lane, runs.HoldSlow)
	b.publish(entries(numbered("run", 10)...)...)
	paced := store.Flow{Automation: lane, Release: 3, Pause: 10 * time.Second}
	b.flow(paced)
	b.gets("after three were let out", numbered("run", 10)[:3]...)
	b.lanes("then", store.Lane{Automation: lane, Hold: runs.HoldSlow, Wait: 30 * time.Second})
	b.clock.move(29 * time.Second)
	b.flow(paced)
	b.gets("before the pause for three has passed")
	b.clock.move(time.Second)
	paced.Release = 1
	b.flow(paced)
	b.gets("after one more was let out", numbered("run", 10)[3])
	b.lanes("then", store.Lane{Automation: lane, Hold: runs.HoldSlow, Wait: 10 * time.Second})
}

func releaseLast(b *bed) {
	for _, why := range []runs.Hold{runs.HoldBusy, runs.HoldSlow} {
		ids := numbered("run_"+string(why), 4)
		b.hold(lane, why)
		b.publish(entries(ids[:2]...)...)
		b.release(lane, 1)
		b.publish(entry(ids[2]))
		b.heldAs(why, ids[1], ids[2])
		b.release(lane, 2)
		b.publish(entry(ids[3]))
		b.settle(0, each(b.gets("once none is left held", ids...), succeeded)...)
		b.lanes("once none is left held")
	}
}

func releaseFailing(b *bed) {
	b.hold(lane, runs.HoldFailing)
	b.publish(entry("run_a"))
	b.release(lane, 1)
	b.publish(entry("run_b"))
	b.heldAs(runs.HoldFailing, "run_b")
	b.gets("let out of a failing lane", "run_a")
}

func releaseEmpty(b *bed) {
	b.hold(lane, runs.HoldBusy)
	b.release(lane, 1)
	b.publish(entry("run_a"))
	b.heldAs("", "run_a")
	b.gets("of a lane that has been opened", "run_a")
}

func releaseOpen(b *bed) {
	b.publish(entry("run_a"))
	before := b.get("run_a")
	b.release(lane, 5)
	b.release("auto_unknown", 5)
	b.same("run of a lane that was not held", before, b.get("run_a"))
}

func releaseSeveral(b *bed) {
	b.hold("auto_2", runs.HoldBusy)
	b.publish(entriesOf("auto_2", "run_a", "run_b")...)
	b.flow(
		store.Flow{Automation: "auto_2", Release: 1},
		store.Flow{Automation: "auto_3", Hold: runs.HoldFailing},
		store.Flow{Automation: "auto_4", Hold: runs.HoldBusy},
		store.Flow{Automation: "auto_4", Release: 1},
		store.Flow{Automation: "auto_2", Hold: runs.HoldSlow},
	)
	b.publish(entriesOf("auto_3", "run_c")...)
	b.publish(entriesOf("auto_4", "run_d")...)
	b.heldAs(runs.HoldSlow, "run_b")
	b.heldAs(runs.HoldFailing, "run_c")
	b.gets("after five flows in one call", "run_a", "run_d")
	b.flow()
}

func releaseAtOnce(b *bed) {
	const total = 200
	b.hold(lane, runs.HoldSlow)
	b.publish(entries(numbered("run", total)...)...)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 10 {
				if err := b.Flow(b.Context(), []store.Flow{{Automation: lane, Release: 1}}); err != nil {
					b.Errorf("Flow beside others: %v", err)
				}
			}
		})
	}
	wg.Wait()
	got, _ := b.take(total)
	b.same("runs let out", numbered("run", total)[:100], idsOf(got))
}
