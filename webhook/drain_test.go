package webhook

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// drained runs a dispatcher over a slow endpoint with many runs waiting, stops it after a second, and returns it with
// how long stopping took.
func drained(t *testing.T, answer time.Duration, o Options) (*rig, time.Duration) {
	t.Helper()
	r := newRig(t, memory.New(), o)
	stop := r.start()
	r.net.set(hook, answersAfter(answer, 200))
	r.save(anAutomation(hook))
	r.publishesMany(0, 200)
	r.pass(time.Second)
	began := time.Now()
	stop()
	return r, time.Since(began)
}

// X1: what is under way when Run ends is finished and written; what waits is due again at once with its try unused.
func TestRunDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, took := drained(t, 3*time.Second, Options{})
		if took != 2*time.Second {
			t.Errorf("draining took %v, want the 2 s that the attempts under way need", took)
		}
		sent := len(r.net.at(hook))
		r.countsAre(runs.Counts{runs.Succeeded: sent, runs.Scheduled: 200 - sent})
		page, err := r.store.List(context.Background(), runs.Filter{Statuses: []runs.Status{runs.Scheduled}}, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range page.Runs {
			if run.Tries != 0 || run.Due.After(time.Now()) {
				t.Fatalf("run that was not sent has %d tries and is due %v", run.Tries, run.Due)
			}
		}
		if err := storetest.Check(context.Background(), r.store); err != nil {
			t.Error(err)
		}
	})
}

// X1: the wait is bounded; what is cut off says nothing of the endpoint, and is due again.
func TestDrainIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, took := drained(t, 9*time.Second, Options{Drain: 3 * time.Second})
		if took != 3*time.Second {
			t.Errorf("draining took %v, want the bound of 3 s", took)
		}
		r.countsAre(runs.Counts{runs.Scheduled: 200})
		for _, a := range r.net.at(hook) {
			if got := r.get(a.id()); got.Tries != 0 || len(got.Attempts) != 0 {
				t.Errorf("run that was cut off has %d tries and %d attempts", got.Tries, len(got.Attempts))
			}
		}
		r.toldOf()
	})
}

// X1: a store that fails throughout keeps Run no longer than its bound.
func TestFailingStoreDoesNotKeepRunFromEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		o := &outage{from: now.Add(time.Second), to: now.Add(time.Hour), fault: storetest.Before,
			verbs: map[string]bool{"Settle": true, "Claim": true, "Changes": true, "Flow": true, "Put": true}}
		r := newRig(t, &storetest.Faulty{Store: memory.New(), Fail: o.fail}, Options{Drain: 5 * time.Second})
		stop := r.start()
		r.net.set(hook, answersAfter(2*time.Second, 200))
		r.save(anAutomation(hook))
		r.publishesMany(0, 500)
		r.pass(10 * time.Second)
		began := time.Now()
		stop()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("stopping took %v, want at most the bound of 5 s", took)
		}
	})
}

// X1: one Run at a time; another may follow, and delivers what the first gave back.
func TestRunMayFollowRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory.New(), Options{})
		stop := r.start()
		if err := r.Dispatcher.Run(context.Background()); !errors.Is(err, ErrRunning) {
			t.Errorf("a second Run returned %v, want ErrRunning", err)
		}
		r.net.set(hook, answersAfter(100*time.Millisecond, 200))
		r.save(anAutomation(hook))
		for i := range 5 {
			r.publishesMany(i*100, 100)
			r.pass(50 * time.Millisecond)
			stop()
			r.publishesMany(1000+i*100, 100) // while nobody runs
			stop = r.start()
		}
		r.pass(time.Minute)
		r.arrivedOnce(hook, 1000)
		r.countsAre(runs.Counts{runs.Succeeded: 1000})
	})
}

// R6: publishing works without Run; the runs wait for one.
func TestPublishWorksWithoutRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory.New(), Options{})
		r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))
		if run.Status != runs.Scheduled {
			t.Errorf("run is %s, want scheduled", run.Status)
		}
		time.Sleep(time.Hour)
		r.start()
		synctest.Wait()
		r.arrivedAfter(hook, time.Hour)
	})
}

// R6: no run that was published while Run ended is lost, however the two meet.
func TestRunsPublishedWhileRunEndsAreNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory.New(), Options{})
		r.save(anAutomation(hook))
		for i := range 200 {
			stop := r.start()
			done := make(chan struct{})
			go func() {
				defer close(done)
				for k := range 5 {
					r.publishes(tagged(i*5 + k))
					runtime.Gosched()
				}
			}()
			for range i % 7 {
				runtime.Gosched()
			}
			stop()
			<-done
		}
		r.start()
		r.pass(5 * time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 1000})
		r.arrivedOnce(hook, 1000)
	})
}

// X1: a Run whose context ended before it began ends too.
func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory.New(), Options{})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := r.Dispatcher.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// X1, O9: runs that were claimed and found no room when Run ends are given back too, their tries unused, also where their lanes
// cannot be held.
func TestRunsClaimedInVainAreGivenBackAtTheEnd(t *testing.T) {
	for name, fault := range map[string]storetest.Fault{"held": storetest.NoFault, "not held": storetest.Before} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { claimsInVain(t, fault) }) })
	}
}

// claimsInVain ends Run with the first call that holds lanes, in which fault happens.
func claimsInVain(t *testing.T, fault storetest.Fault) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := newRig(t, &storetest.Faulty{Store: memory.New(), Fail: func(verb string, _ int) storetest.Fault {
		if verb != "Flow" { // to hold the runs of a lane that is full
			return storetest.NoFault
		}
		cancel()
		return fault
	}}, Options{})
	done := make(chan error, 1)
	go func() { done <- r.Dispatcher.Run(ctx) }()
	synctest.Wait()
	r.net.set(hook, answersAfter(time.Second, 200))
	r.save(anAutomation(hook))
	r.publishesMany(0, 200)
	if err := <-done; err != nil {
		t.Fatalf("Run: %v", err)
	}
	sent := len(r.net.at(hook))
	r.countsAre(runs.Counts{runs.Succeeded: sent, runs.Scheduled: 200 - sent})
	page, err := r.store.List(context.Background(), runs.Filter{Statuses: []runs.Status{runs.Scheduled}}, "", 200)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range page.Runs {
		if run.Tries != 0 {
			t.Fatalf("a run that was not sent has used %d tries", run.Tries)
		}
	}
}
