package storetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC O5, O10.
func laneClaims() []claim {
	return []claim{
		{"a run that is due when it is published to a held lane is born held", laneBorn},
		{"a leased run is born in nobody's way", laneBornLeased},
		{"a claim that meets runs of held lanes takes them out of the queue, and gives the others", laneMet},
		{"a claim that met held lanes alone gives none, and says to claim again", laneMetAlone},
		{"a run that a claim met is as it was, but held", laneMetUnchanged},
		{"a run that is not due is not held, though its lane is", laneNotDue},
		{"a run given back at once is held, and its try given back", laneGivenBack},
		{"a retry is held once it is due", laneRetry},
		{"a leased run is left alone by a hold", laneLeased},
		{"a run whose lease has passed is held by the claim that meets it", laneLostLease},
		{"held runs are never claimed, however long they wait", laneForLong},
		{"all held runs of a lane are held for what it is held for now", laneChanges},
		{"busy replaces no other hold, and nothing replaces disabled or ordered", lanePrecedence},
		{"a run of a disabled lane is never given, though it was let out before", laneDisabled},
		{"Held lists the lanes that have held runs, but for disabled ones", laneListed},
		{"Held lists every lane in turns, when there are very many", laneListedInTurns},
		{"runs tell what they are held for, and until when", laneShown},
		{"10,000 held runs do not hinder other lanes", laneMany},
	}
}

// heldAs reports if runs are not waiting and held for this; "": not held.
func (b *bed) heldAs(want runs.Hold, ids ...string) {
	b.Helper()
	for _, id := range ids {
		r := b.get(id)
		if r.Held != want || r.Status.Ended() {
			b.Errorf("%s is %s and held as %q, want it waiting and held as %q", id, r.Status, r.Held, want)
		}
	}
}

// lanes reports if other lanes than these may let runs out, once claims have met all that is due; that claims it too.
func (b *bed) lanes(what string, want ...store.Lane) {
	b.Helper()
	_, got := b.take(100)
	b.same("lanes that may let runs out "+what, want, sorted(got))
}

func sorted(lanes []store.Lane) []store.Lane {
	return slices.SortedFunc(slices.Values(lanes), func(a, b store.Lane) int { return cmp.Compare(a.Automation, b.Automation) })
}

// turn is what a worker does when it has time: it claims what is due, lets one run out of each lane that may do so now,
// and claims those too. It returns what it got in order of creation.
func (b *bed) turn() []runs.Run {
	b.Helper()
	got, lanes := b.take(100)
	var flows []store.Flow
	for _, l := range lanes {
		if l.Wait <= 0 {
			flows = append(flows, store.Flow{Automation: l.Automation, Release: 1})
		}
	}
	b.flow(flows...)
	more, _ := b.take(100)
	return slices.SortedFunc(slices.Values(append(got, more...)), func(a, b runs.Run) int { return cmp.Compare(a.Seq, b.Seq) })
}

// turns ends the proof if a worker gets other runs than these, one a turn, which it lets succeed.
func (b *bed) turns(what string, want ...string) {
	b.Helper()
	for _, id := range append(want, "") {
		got := b.turn()
		if id == "" && len(got) == 0 {
			return
		}
		if !slices.Equal(idsOf(got), []string{id}) {
			b.Fatalf("%s: a turn gave %q, want %q", what, idsOf(got), id)
		}
		b.settle(0, succeeded(got[0]))
	}
}

// active returns a new automation of an id that is enabled and has no limits.
func active(id string) automation.Automation {
	a := sample(id)
	a.Disabled, a.Limits = nil, automation.Limits{}
	return a
}

// disabled returns a as a person has disabled it.
func disabled(a automation.Automation) automation.Automation {
	a.Disabled = &automation.Disabled{Reason: automation.ByUser, At: begin}
	return a
}

func laneBorn(b *bed) {
	b.hold(lane, runs.HoldBusy)
	b.publish(entry("run_a"))
	b.publish(entriesOf("auto_2", "run_b")...)
	b.heldAs(runs.HoldBusy, "run_a")
	b.gets("while another lane is held", "run_b")
}

func laneBornLeased(b *bed) {
	b.hold(lane, runs.HoldFailing)
	leased := entry("run_a")
	leased.Lease = lease
	created := b.publish(leased)
	b.heldAs("", "run_a")
	b.same("status of the leased run", runs.Running, b.get("run_a").Status)
	b.settle(0, succeeded(created[0]))
}

func laneMet(b *bed) {
	b.publish(entries("run_a", "run_b")...)
	b.publish(entriesOf("auto_2", "run_c")...)
	b.publish(entry("run_d"))
	b.hold(lane, runs.HoldSlow)
	b.gets("beside runs of a held lane", "run_c")
	b.heldAs(runs.HoldSlow, "run_a", "run_b", "run_d")
	b.gets("afterwards")
}

func laneMetAlone(b *bed) {
	b.publish(entries(numbered("run", 50)...)...)
	b.clock.move(time.Microsecond)
	b.publish(entriesOf("auto_2", "run_other")...)
	b.hold(lane, runs.HoldSlow)
	for n := range 100 {
		c := b.claimed(1)
		if len(c.Runs) > 0 {
			b.same("claimed", []string{"run_other"}, idsOf(c.Runs))
			break
		}
		if c.Next != 0 || n == 99 {
			b.Fatalf("claim %d gave none and says to wait %v, while a run is due", n+1, c.Next)
		}
	}
	c := b.claimed(1)
	b.same("claimed when all others are held", 0, len(c.Runs))
	b.same("Next when all others are held", lease, c.Next)
}

func laneMetUnchanged(b *bed) {
	b.publish(entry("run_a"))
	before := b.get("run_a")
	b.hold(lane, runs.HoldBusy)
	b.clock.move(time.Second)
	b.gets("while the lane is held")
	after := b.get("run_a")
	if after.Fence < before.Fence {
		b.Errorf("fence %d after %d: it only rises", after.Fence, before.Fence)
	}
	before.Held, before.Fence, before.StatusAt, before.Due = runs.HoldBusy, after.Fence, after.StatusAt, after.Due // as the store likes
	b.same("run that a claim met", before, after)
	b.release(lane, 1)
	b.same("tries of the run once let out", 1, b.gets("once let out", "run_a")[0].Tries)
}

func laneNotDue(b *bed) {
	b.hold(lane, runs.HoldBusy)
	e := entry("run_a")
	e.Delay = time.Hour
	b.publish(e)
	b.heldAs("", "run_a")
	b.clock.move(time.Hour - time.Microsecond)
	b.gets("before it is due")
	b.heldAs("", "run_a")
	b.clock.move(time.Microsecond)
	b.gets("when it is due")
	b.heldAs(runs.HoldBusy, "run_a")
	b.same("due", begin.Add(time.Hour), b.get("run_a").Due)
}

func laneGivenBack(b *bed) {
	got := b.begun("run_a", "run_b")
	b.hold(lane, runs.HoldSlow)
	b.settle(0, givenBack(got[0], 0), givenBack(got[1], time.Minute))
	b.heldAs(runs.HoldSlow, "run_a")
	b.heldAs("", "run_b")
	b.same("tries of the run given back", 0, b.get("run_a").Tries)
	b.release(lane, 1)
	again := b.gets("once let out", "run_a")[0]
	if again.Fence <= got[0].Fence || again.Tries != 1 {
		b.Errorf("claimed again with fence %d and %d tries, want a fence above %d and one try", again.Fence, again.Tries, got[0].Fence)
	}
}

func laneRetry(b *bed) {
	got := b.begun("run_a", "run_b")
	b.hold(lane, runs.HoldBusy)
	b.settle(0, again(got[0], time.Second), succeeded(got[1]))
	b.heldAs("", "run_a")
	b.same("hold of a run that ended", runs.Hold(""), b.get("run_b").Held)
	b.clock.move(time.Hour)
	b.gets("while the lane is held")
	b.heldAs(runs.HoldBusy, "run_a")
	b.release(lane, 2)
	b.same("tries", 2, b.gets("once let out", "run_a")[0].Tries)
}

func laneLeased(b *bed) {
	got := b.begun("run_a")
	before := b.get("run_a")
	for _, why := range []runs.Hold{runs.HoldBusy, runs.HoldFailing, runs.HoldDisabled} {
		b.hold(lane, why)
		b.gets("while its lease lasts")
		b.same("leased run after a hold", before, b.get("run_a"))
	}
	b.settle(0, succeeded(got[0]))
}

func laneLostLease(b *bed) {
	got := b.begun("run_a")
	b.hold(lane, runs.HoldBusy)
	b.clock.move(lease)
	b.gets("while the lane is held")
	b.heldAs(runs.HoldBusy, "run_a")
	b.release(lane, 1)
	next := b.gets("once let out", "run_a")
	if next[0].Fence <= got[0].Fence {
		b.Errorf("claimed again with fence %d, want one above %d", next[0].Fence, got[0].Fence)
	}
	b.settle(1, succeeded(got[0]))
	b.settle(0, succeeded(next[0]))
}

func laneForLong(b *bed) {
	b.publish(entry("run_a"))
	b.hold(lane, runs.HoldFailing)
	b.gets("at once")
	for range 5 {
		b.clock.move(100 * 24 * time.Hour)
		b.same("Next while all runs are held", time.Hour, b.claimed(1).Next)
	}
	b.gets("while the lane is held")
}

func laneChanges(b *bed) {
	b.hold(lane, runs.HoldBusy)
	b.publish(entry("run_a"))
	b.hold(lane, runs.HoldFailing)
	b.publish(entry("run_b"))
	b.heldAs(runs.HoldFailing, "run_a", "run_b")
	b.hold(lane, runs.HoldSlow)
	b.heldAs(runs.HoldSlow, "run_a", "run_b")
}

func lanePrecedence(b *bed) {
	ordered := active("auto_ordered")
	ordered.Limits.Ordered = true
	b.put(disabled(active("auto_disabled")), ordered)
	all := []runs.Hold{runs.HoldBusy, runs.HoldSlow, runs.HoldRate, runs.HoldFailing}
	for _, now := range all {
		for _, next := range all {
			id := "auto_" + string(now) + "_" + string(next)
			b.flow(store.Flow{Automation: id, Hold: now}, store.Flow{Automation: id, Hold: next})
			want := next
			if next == runs.HoldBusy {
				want = now
			}
			b.publish(entriesOf(id, "run_"+id)...)
			b.heldAs(want, "run_"+id)
		}
	}
	for _, now := range []runs.Hold{runs.HoldDisabled, runs.HoldOrdered} {
		id := "auto_" + string(now)
		b.publish(entriesOf(id, "run_"+id)...)
		for _, next := range all {
			b.hold(id, next)
			b.heldAs(now, "run_"+id)
		}
	}
}

func laneDisabled(b *bed) {
	saved := b.put(active(lane))[0]
	b.hold(lane, runs.HoldBusy)
	b.publish(entries("run_a", "run_b")...)
	b.release(lane, 1)
	b.put(disabled(saved))
	b.gets("when the automation was disabled after the run was let out")
	b.heldAs(runs.HoldDisabled, "run_a", "run_b")
	b.release(lane, 2)
	b.gets("when runs of a disabled automation were to be let out")
	b.heldAs(runs.HoldDisabled, "run_a", "run_b")
}

func laneListed(b *bed) {
	for _, id := range []string{"auto_c", "auto_a", "auto_b", "auto_d"} {
		b.publish(entriesOf(id, "run_"+id)...)
	}
	b.hold("auto_a", runs.HoldBusy)
	b.hold("auto_b", runs.HoldDisabled)
	b.flow(store.Flow{Automation: "auto_c", Hold: runs.HoldFailing, Pause: time.Minute})
	b.hold("auto_none", runs.HoldBusy)
	got, _ := b.take(1)
	b.same("claimed", []string{"run_auto_d"}, idsOf(got))
	want := []store.Lane{{Automation: "auto_a", Hold: runs.HoldBusy}, {Automation: "auto_c", Hold: runs.HoldFailing, Wait: time.Minute}}
	for _, max := range []int{1, 10, 0} {
		b.same("Held", want, sorted(b.claimed(max).Held))
	}
	b.clock.move(40 * time.Second)
	want[1].Wait = 20 * time.Second
	b.lanes("after forty seconds", want...)
	b.clock.move(time.Hour)
	want[1].Wait = 0
	b.lanes("after an hour", want...)
	b.release("auto_a", 1)
	b.gets("once let out", "run_auto_a")
	b.lanes("once one has none left", want[1])
}

func laneListedInTurns(b *bed) {
	const total = 2500
	var list []store.Entry
	var flows []store.Flow
	for _, id := range numbered("auto", total) {
		list = append(list, entriesOf(id, "run_"+id)...)
		flows = append(flows, store.Flow{Automation: id, Hold: runs.HoldBusy})
	}
	b.flow(flows...)
	b.publish(list...)
	listed := map[string]bool{}
	for range 20 {
		for _, l := range b.claimed(10).Held {
			listed[l.Automation] = true
		}
	}
	b.same("lanes listed in 20 claims", total, len(listed))
}

func laneShown(b *bed) {
	b.hold(lane, runs.HoldBusy)
	b.publish(entries("run_a", "run_b")...)
	shown := func(why runs.Hold, until time.Time) {
		b.Helper()
		for _, r := range append(b.list(runs.Filter{Automation: lane}, 10), b.get("run_a")) {
			b.same("hold of "+r.ID, why, r.Held)
			if !r.HeldUntil.Equal(until) {
				b.Errorf("%s is held until %v, want %v", r.ID, r.HeldUntil, until)
			}
		}
	}
	shown(runs.HoldBusy, time.Time{})
	b.flow(store.Flow{Automation: lane, Hold: runs.HoldFailing, Pause: 90 * time.Second})
	shown(runs.HoldFailing, begin.Add(90*time.Second))
	b.clock.move(90 * time.Second)
	b.release(lane, 2)
	b.same("hold of a run that was let out", runs.Run{}.HeldUntil, b.get("run_a").HeldUntil)
	b.heldAs("", "run_a", "run_b")
}

func laneMany(b *bed) {
	for _, at := range []string{"before", "after"} {
		b.publish(entriesOf("auto_slow", numbered(at, 5000)...)...)
		b.hold("auto_slow", runs.HoldSlow)
	}
	b.clock.move(time.Microsecond)
	b.publish(entry("run_a"))
	b.clock.move(time.Microsecond)
	b.publish(entry("run_b"))
	got, _ := b.take(1)
	b.same("claimed beside 10,000 held runs", []string{"run_a"}, idsOf(got))
	got, _ = b.take(10)
	b.same("claimed beside 10,000 held runs", []string{"run_b"}, idsOf(got))
	b.release("auto_slow", 3)
	b.gets("after three were let out", numbered("before", 5000)[:3]...)
}
