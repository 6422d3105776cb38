package storetest

import (
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC O11.
func orderedClaims() []claim {
	return []claim{
		{"one run is out at a time, in order of creation", orderedInTurn},
		{"it is not listed while a run is out", orderedListed},
		{"a retry holds the rest", orderedRetry},
		{"a run given back goes first again", orderedGivenBack},
		{"a lost lease lets no other out", orderedLostLease},
		{"a run that is given up lets the next out", orderedGivenUp},
		{"an older run that is replayed goes next", orderedReplayed},
		{"a run that is replayed while it is out goes again, before younger ones", orderedReplayedOut},
		{"a run that is gone blocks nobody", orderedPruned},
		{"other lanes go on", orderedOthers},
		{"runs let out are paced", orderedPaced},
		{"a disabled one is in order once it is enabled", orderedDisabled},
		{"of workers at once none gets a run before the one before it ended", orderedAtOnce},
	}
}

// order saves the lane's automation as ordered and publishes runs to it.
func (b *bed) order(ids ...string) automation.Automation {
	b.Helper()
	a := active(lane)
	a.Limits.Ordered = true
	a = b.put(a)[0]
	b.publish(entries(ids...)...)
	return a
}

// only ends the proof if a turn gives other runs than this one, if any.
func (b *bed) only(what string, want ...string) []runs.Run {
	b.Helper()
	got := b.turn()
	if b.same(what+": ids", want, idsOf(got)); b.Failed() {
		b.FailNow()
	}
	return got
}

func orderedInTurn(b *bed) {
	b.order("run_a", "run_b")
	b.heldAs(runs.HoldOrdered, "run_a", "run_b")
	b.publish(entry("run_c"))
	b.release(lane, 5)
	got := b.only("when five were to be let out", "run_a")
	for range 3 {
		b.only("while the first is out")
	}
	b.release(lane, 1)
	b.gets("when another was to be let out")
	b.settle(0, succeeded(got[0]))
	b.gets("before the next is let out")
	b.turns("in order", "run_b", "run_c")
	b.publish(entry("run_d"))
	b.heldAs(runs.HoldOrdered, "run_d")
	b.turns("when all others have ended", "run_d")
}

func orderedListed(b *bed) {
	b.order("run_a", "run_b")
	b.lanes("at first", store.Lane{Automation: lane, Hold: runs.HoldOrdered})
	b.release(lane, 1)
	b.same("lanes while a run is let out", 0, len(b.claimed(0).Held))
	got := b.gets("once let out", "run_a")
	b.lanes("while a run is leased")
	b.settle(0, succeeded(got[0]))
	b.lanes("when it has ended", store.Lane{Automation: lane, Hold: runs.HoldOrdered})
}

func orderedRetry(b *bed) {
	b.order("run_a", "run_b")
	b.settle(0, again(b.only("at first", "run_a")[0], time.Minute))
	b.publish(entry("run_c"))
	b.only("before the retry is due")
	b.clock.move(time.Minute - time.Microsecond)
	b.only("before the retry is due")
	b.lanes("before the retry is due")
	b.clock.move(time.Microsecond)
	retry := b.only("when the retry is due", "run_a")
	b.same("tries", 2, retry[0].Tries)
	b.settle(0, succeeded(retry[0]))
	b.turns("in order", "run_b", "run_c")
}

func orderedGivenBack(b *bed) {
	b.order("run_a", "run_b")
	b.settle(0, givenBack(b.only("at first", "run_a")[0], 0))
	b.turns("in order", "run_a", "run_b")
}

func orderedLostLease(b *bed) {
	b.order("run_a", "run_b")
	lost := b.only("at first", "run_a")[0]
	b.clock.move(lease)
	now := b.only("when the lease has passed", "run_a")[0]
	b.only("while it is leased again")
	b.settle(1, succeeded(lost))
	b.only("after a late result of the lost lease")
	b.settle(0, succeeded(now))
	b.turns("in order", "run_b")
}

func orderedGivenUp(b *bed) {
	b.order("run_a", "run_b")
	b.settle(0, failed(b.only("at first", "run_a")[0]))
	b.turns("in order", "run_b")
}

func orderedReplayed(b *bed) {
	b.order("run_a", "run_b", "run_c")
	b.settle(0, succeeded(b.only("at first", "run_a")[0]))
	out := b.only("then", "run_b")
	b.replay(runs.Filter{IDs: []string{"run_a"}}, 0, 1)
	b.heldAs(runs.HoldOrdered, "run_a")
	b.only("while another is out")
	b.settle(0, succeeded(out[0]))
	b.turns("in order", "run_a", "run_c")
}

func orderedReplayedOut(b *bed) {
	b.order("run_a", "run_b")
	b.settle(0, again(b.only("at first", "run_a")[0], time.Hour))
	b.replay(runs.Filter{IDs: []string{"run_a"}}, 0, 1)
	b.turns("in order", "run_a", "run_b")
}

func orderedPruned(b *bed) {
	b.order("run_a", "run_b")
	b.settle(0, failed(b.only("at first", "run_a")[0]))
	b.clock.move(time.Hour)
	b.prune(1, time.Minute, 10)
	b.turns("in order", "run_b")
}

func orderedOthers(b *bed) {
	b.order("run_a", "run_b")
	b.publish(entriesOf("auto_2", "run_c", "run_d")...)
	b.only("at first", "run_a", "run_c", "run_d")
}

func orderedPaced(b *bed) {
	b.order("run_a", "run_b")
	b.flow(store.Flow{Automation: lane, Release: 1, Pause: 10 * time.Second})
	b.settle(0, succeeded(b.gets("once let out", "run_a")[0]))
	b.lanes("when it has ended", store.Lane{Automation: lane, Hold: runs.HoldOrdered, Wait: 10 * time.Second})
	b.clock.move(10 * time.Second)
	b.turns("after the pause", "run_b")
}

func orderedDisabled(b *bed) {
	saved := b.order("run_a", "run_b")
	out := b.only("at first", "run_a")
	saved = b.put(disabled(saved))[0]
	b.publish(entry("run_c"))
	b.heldAs(runs.HoldDisabled, "run_b", "run_c")
	b.only("while it is disabled")
	saved.Disabled = nil
	b.put(saved)
	b.heldAs(runs.HoldOrdered, "run_b", "run_c")
	b.only("while the first is out still")
	b.settle(0, succeeded(out[0]))
	b.turns("in order", "run_b", "run_c")
}

func orderedAtOnce(b *bed) {
	const total = 60
	ids := numbered("run", total)
	b.order(ids...)
	var mu sync.Mutex
	ready := sync.NewCond(&mu)
	var begun []string
	ended, busy := 0, 0
	work := func() error {
		c, err := b.Claim(b.Context(), store.Lease{Max: 5, For: time.Hour})
		if err != nil {
			return err
		}
		mu.Lock()
		begun = append(begun, idsOf(c.Runs)...)
		if len(begun) > ended+1 {
			b.Errorf("%q are out, when %d have ended", begun[ended:], ended)
		}
		ended += len(c.Runs) // before others can know
		busy += len(c.Runs)
		mu.Unlock()
		if _, err = b.Settle(b.Context(), each(c.Runs, succeeded)); err == nil {
			err = b.Flow(b.Context(), []store.Flow{{Automation: lane, Release: 2}})
		}
		mu.Lock()
		defer mu.Unlock()
		busy -= len(c.Runs)
		ready.Broadcast()
		for len(c.Runs) == 0 && busy > 0 {
			ready.Wait() // nothing can be had sooner, and each worker has so many rounds
		}
		return err
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range total * 4 {
				if err := work(); err != nil {
					b.Errorf("beside others: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.same("runs in the order in which they were begun", ids, begun)
}
