package webhook

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// held returns how many runs the store holds for a reason.
func (r *rig) held(why runs.Hold) int {
	r.Helper()
	page, err := r.store.List(context.Background(), runs.Filter{}, "", 100_000)
	if err != nil {
		r.Fatal(err)
	}
	n := 0
	for _, run := range page.Runs {
		if run.Held == why {
			n++
		}
	}
	return n
}

// O10: what a lane has no room for is held in the store, out of the way of others, and comes back as room grows; each run
// arrives once.
func TestRunsOfAFullLaneAreHeldAndReleased(t *testing.T) {
	const total = 3000
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answersAfter(100*time.Millisecond, 200))
		r.save(anAutomation(hook))
		r.publishesMany(0, total)
		r.pass(200 * time.Millisecond)
		if n := r.held(runs.HoldBusy); n < total/2 {
			r.Errorf("%d of %d runs are held, want most", n, total)
		}
		r.pass(time.Minute)
		r.arrivedOnce(hook, total)
		r.countsAre(runs.Counts{runs.Succeeded: total})
		if n := r.held(""); n != total {
			r.Errorf("%d runs are not held in the end, want all %d", n, total)
		}
	})
}

// O10: runs that wait for their automation go out oldest first, ahead of those published after them.
func TestHeldRunsKeepTheirOrder(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answersAfter(10*time.Millisecond, 200))
		a := anAutomation(hook)
		a.Limits.Concurrency = 1
		r.save(a)
		for i := range 40 {
			r.publishesMany(i*10, 10)
			r.pass(10 * time.Millisecond)
		}
		r.pass(time.Minute)
		last := int64(0)
		behind := 0
		for _, got := range r.net.at(hook) {
			seq := r.get(got.id()).Seq
			if seq < last {
				behind++
			}
			last = max(last, seq)
		}
		r.arrivedOnce(hook, 400)
		if behind > 0 {
			r.Errorf("%d runs arrived after younger ones", behind)
		}
	})
}

// A buffer that is full takes in no more than it has room for; the rest waits in the store and is not forgotten.
func TestFullBufferLeavesTheRestInTheStore(t *testing.T) {
	inBubble(t, Options{Workers: 4, Buffer: 8}, func(r *rig) {
		for i := range 10 {
			url := fmt.Sprintf("%s/%d", hook, i)
			r.net.set(url, answersAfter(100*time.Millisecond, 200))
			r.save(anAutomation(url))
		}
		r.publishesMany(0, 50)
		synctest.Wait()
		if c := r.counts(); c[runs.Running] > 8+4 {
			r.Errorf("%d runs are leased, want at most the buffer of 8 and 4 under way", c[runs.Running])
		}
		r.pass(time.Minute)
		r.arrivedOnce("", 500)
		r.countsAre(runs.Counts{runs.Succeeded: 500})
	})
}

// A run that waited in memory until its lease was nearly over is given back rather than sent twice, its try unused.
func TestRunIsNotSentUnderALeaseThatIsNearlyOver(t *testing.T) {
	inBubble(t, Options{Workers: 1}, func(r *rig) {
		r.net.set(hook, answersAfter(9*time.Second, 200))
		r.save(anAutomation(hook))
		r.publishesMany(0, 30)
		r.pass(10 * time.Minute)
		r.arrivedOnce(hook, 30)
		r.countsAre(runs.Counts{runs.Succeeded: 30})
		for _, got := range r.net.at(hook) {
			if run := r.get(got.id()); run.Tries != 1 || len(run.Attempts) != 1 {
				r.Errorf("run took %d tries and %d attempts, want one of each", run.Tries, len(run.Attempts))
			}
		}
	})
}

// D2: two healthy dispatchers over one store send each run once, also those that one of them has to hold, and both work.
func TestTwoDispatchersSendEachRunOnce(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		second := newRig(r.T, r.store, Options{})
		second.start()
		for _, each := range []*rig{r, second} {
			each.net.set(hook, answersAfter(50*time.Millisecond, 200))
		}
		r.save(anAutomation(hook))
		for i := range 200 {
			r.publishesMany(i*20, 10)
			second.publishesMany(i*20+10, 10)
			r.pass(100 * time.Millisecond)
		}
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 4000})
		ids := map[string]bool{}
		mine, others := r.net.at(hook), second.net.at(hook)
		for _, a := range append(mine, others...) {
			if ids[a.id()] {
				r.Errorf("run %s was sent twice", a.id())
			}
			ids[a.id()] = true
		}
		if len(mine) < 1000 || len(others) < 1000 {
			r.Errorf("one sent %d, the other %d", len(mine), len(others))
		}
	})
}

// What one dispatcher held and then died with, another releases.
func TestRunsHeldByADeadDispatcherAreReleasedByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newRig(t, memory.New(), Options{})
		first.net.set(hook, hangs)
		stop := first.start()
		first.save(anAutomation(hook))
		first.publishesMany(0, 500)
		first.pass(time.Second)
		stop()
		if n := first.held(""); n > 100 {
			t.Fatalf("only %d of 500 runs are held: nothing is shown", 500-n)
		}
		second := newRig(t, first.store, Options{})
		second.start()
		second.pass(2 * time.Minute)
		second.countsAre(runs.Counts{runs.Succeeded: 500})
	})
}

// O5: whatever fails while an automation is enabled or disabled, saving it again mends it.
func TestSaveThatFailedHalfWayIsMendedBySavingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failing atomic.Value
		st := &storetest.Faulty{Store: memory.New(), Fail: func(verb string, _ int) storetest.Fault {
			if verb == failing.Load() {
				return storetest.Before
			}
			return storetest.NoFault
		}}
		r := newRig(t, st, Options{})
		r.start()
		r.net.set(hook, answers(500))
		a := r.save(anAutomation(hook))
		r.publishesMany(0, 5)
		r.pass(time.Second)
		for _, verb := range []string{"Put"} {
			for _, disabled := range []*automation.Disabled{{}, nil} {
				failing.Store(verb)
				a = r.current(a.ID)
				a.Disabled = disabled
				if _, err := r.Save(context.Background(), a, SaveOptions{}); err == nil {
					t.Fatalf("Save succeeds while %s fails", verb)
				}
				failing.Store("")
				a = r.current(a.ID)
				a.Disabled = disabled
				r.save(a)
				r.pass(time.Second)
				if want := (map[bool]int{true: 5})[disabled != nil]; r.held(runs.HoldDisabled) != want {
					t.Errorf("%d runs are held as disabled after %s failed, want %d", r.held(runs.HoldDisabled), verb, want)
				}
			}
		}
		r.net.set(hook, answers(200))
		r.pass(24 * time.Hour)
		r.countsAre(runs.Counts{runs.Succeeded: 5})
	})
}

// O5: runs of a disabled automation that are not held, because whoever disabled it died in between, or because somebody who
// knew an older state released them, neither go out nor keep the dispatcher busy.
func TestRunsOutsideTheirHoldWaitAllTheSame(t *testing.T) {
	for name, disable := range map[string]func(*rig, store.Store, automation.Automation) error{
		"never held": func(_ *rig, st store.Store, a automation.Automation) error {
			a.Disabled = &automation.Disabled{Reason: automation.ByUser, At: time.Now()}
			_, err := st.Put(context.Background(), []automation.Automation{a})
			return err
		},
		"released by mistake": func(r *rig, st store.Store, a automation.Automation) error {
			r.disableByUser(a.ID)
			return st.Flow(context.Background(), []store.Flow{{Automation: a.ID, Release: 5}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { waitOutsideTheirHold(t, disable) })
		})
	}
}

func waitOutsideTheirHold(t *testing.T, disable func(*rig, store.Store, automation.Automation) error) {
	st := &storetest.Faulty{Store: memory.New()}
	r := newRig(t, st, Options{})
	r.start()
	r.net.set(hook, answers(500))
	a := r.save(anAutomation(hook))
	r.publishesMany(0, 5)
	r.pass(time.Second)
	if err := disable(r, st, a); err != nil {
		t.Fatal(err)
	}
	r.pass(time.Minute)
	claims := st.Calls("Claim")
	r.pass(time.Hour)
	r.arrivedOnce(hook, 5)
	if more := st.Calls("Claim") - claims; more > 2*int(time.Hour/(5*time.Second)) {
		t.Errorf("%d claims in an hour", more)
	}
	r.net.set(hook, answers(200))
	r.enable(a.ID)
	r.pass(24 * time.Hour)
	r.countsAre(runs.Counts{runs.Succeeded: 5})
}

// D2: a run is sent by a dispatcher that has not yet heard of its automation, made elsewhere a moment ago.
func TestRunOfAnAutomationMadeElsewhereIsSent(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		elsewhere := newRig(r.T, r.store, Options{})
		r.wants("contact.created", hook+"/known")
		if _, err := r.Automations(context.Background(), account); err != nil {
			r.Fatal(err)
		}
		elsewhere.save(anAutomation(hook))
		elsewhere.publishesOne(tagged(1))
		r.Wake()
		r.pass(0)
		r.arrivedOnce(hook, 1)
		r.countsAre(runs.Counts{runs.Succeeded: 1})
	})
}

// PublishTo leaves runs to whoever claims them; Wake spares them the wait for the next look.
func TestPublishToIsFoundAtOnceAfterWake(t *testing.T) {
	for _, woken := range []bool{true, false} {
		t.Run(fmt.Sprintf("woken %v", woken), func(t *testing.T) {
			inBubble(t, Options{Poll: 7 * time.Second}, func(r *rig) {
				r.save(anAutomation(hook))
				r.pass(time.Second)
				began := time.Now()
				if _, err := r.PublishTo(context.Background(), store.Publisher(r.store), []events.Event{tagged(1)}...); err != nil {
					r.Fatal(err)
				}
				if woken {
					r.Wake()
				}
				r.pass(10 * time.Second)
				r.arrivedOnce(hook, 1)
				wait := r.net.at(hook)[0].At.Sub(began)
				if woken && wait != 0 || wait > 7*time.Second {
					r.Errorf("it was sent after %v", wait)
				}
			})
		})
	}
}
