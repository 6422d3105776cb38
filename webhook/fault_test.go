package webhook

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// outage fails all calls of some methods for a while.
type outage struct {
	from, to time.Time
	verbs    map[string]bool
	fault    storetest.Fault
}

func (o *outage) fail(verb string, _ int) storetest.Fault {
	if now := time.Now(); o.verbs[verb] && !now.Before(o.from) && now.Before(o.to) {
		return o.fault
	}
	return storetest.NoFault
}

// faultyRig returns a running rig whose store fails as the outage says.
func faultyRig(t *testing.T, o *outage) *rig {
	t.Helper()
	r := newRig(t, &storetest.Faulty{Store: memory.New(), Fail: o.fail}, Options{})
	r.start()
	return r
}

// R6: a result that the store never kept is sent again when the lease has passed, with the same webhook-id and body.
func TestLostSettleIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := memory.New()
		st := &storetest.Faulty{Store: inner, Fail: func(verb string, _ int) storetest.Fault {
			if verb == "Settle" {
				return storetest.Before
			}
			return storetest.NoFault
		}}
		first := newRig(t, st, Options{Drain: time.Second})
		stop := first.start()
		first.save(anAutomation(hook))
		run := first.publishesOne(tagged(1))
		synctest.Wait()
		stop() // with the result unwritten
		second := newRig(t, inner, Options{})
		second.start()
		second.pass(2 * time.Minute)
		before, after := first.net.at(hook), second.net.at(hook)
		if len(before) != 1 || len(after) != 1 {
			t.Fatalf("sent %d times before and %d times after, want once each", len(before), len(after))
		}
		if wait := after[0].At.Sub(before[0].At); wait < time.Minute {
			t.Errorf("it was sent again after %v, before its lease was over", wait)
		}
		if before[0].id() != run.ID || after[0].id() != run.ID || before[0].Body != after[0].Body {
			t.Error("it was sent again with another id or body")
		}
		second.countsAre(runs.Counts{runs.Succeeded: 1})
	})
}

// R6: whatever the store fails at for a while, before or after its effect, every run that was acknowledged arrives, and
// the dispatcher goes on by itself.
func TestDispatcherOutlivesOutagesOfItsStore(t *testing.T) {
	for _, verbs := range [][]string{{"Claim"}, {"Settle"}, {"Flow"}, {"Changes"}, {"Accounts", "Prune"}, {"Claim", "Settle", "Flow", "Changes", "Publish"}} {
		for fault, when := range map[storetest.Fault]string{storetest.Before: "before", storetest.After: "after"} {
			for _, length := range []time.Duration{3 * time.Second, 10 * time.Minute} {
				t.Run(verbs[0]+" fails "+when+" its effect for "+length.String(), func(t *testing.T) {
					o := &outage{verbs: map[string]bool{}, fault: fault}
					for _, v := range verbs {
						o.verbs[v] = true
					}
					outlives(t, o, length)
				})
			}
		}
	}
}

func outlives(t *testing.T, o *outage, length time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		o.from = time.Now().Add(time.Second)
		o.to = o.from.Add(length)
		r := faultyRig(t, o)
		r.net.set(hook, answersAfter(20*time.Millisecond, 200))
		r.save(anAutomation(hook))
		r.pass(500 * time.Millisecond)
		acknowledged := 0
		for i := range 60 {
			created, err := r.Publish(context.Background(), tagged(i*2), tagged(i*2+1))
			if err != nil && !errors.Is(err, storetest.ErrFault) {
				t.Fatal(err)
			}
			acknowledged += len(created)
			r.pass(50 * time.Millisecond)
		}
		if acknowledged < 20 {
			t.Fatalf("%d runs acknowledged: nothing is shown", acknowledged)
		}
		r.pass(length + 5*time.Minute)
		c := r.counts()
		if c[runs.Succeeded] < acknowledged || len(c) != 1 {
			t.Errorf("runs by status are %v, want all succeeded, at least the %d acknowledged", c, acknowledged)
		}
		if length < time.Minute { // shorter than a lease
			r.arrivedOnce(hook, c[runs.Succeeded])
		}
		r.publishesOne(tagged(1000))
		r.pass(time.Second)
		if got := r.counts()[runs.Succeeded]; got != c[runs.Succeeded]+1 {
			t.Error("it delivers no more after the outage")
		}
	})
}

// R6: a publish whose commit has an unknown outcome may be repeated: each event makes its run once, and is sent once.
func TestPublishAfterAnUnknownOutcomeMakesNoSecondRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		r := faultyRig(t, &outage{from: now.Add(time.Second), to: now.Add(2 * time.Second), verbs: map[string]bool{"Publish": true}, fault: storetest.After})
		r.save(anAutomation(hook))
		r.pass(time.Second)
		if _, err := r.Publish(context.Background(), tagged(1)); !errors.Is(err, storetest.ErrFault) {
			t.Fatalf("Publish: %v", err)
		}
		r.pass(time.Second)
		if created := r.publishes(tagged(1)); len(created) != 0 {
			t.Errorf("publishing again made %d runs", len(created))
		}
		r.pass(2 * time.Minute)
		r.arrivedOnce(hook, 1)
		r.countsAre(runs.Counts{runs.Succeeded: 1})
	})
}

// R6: a late result of a lease that was lost changes nothing.
func TestLateResultOfALostLeaseChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		o := &outage{from: now.Add(time.Second), to: now.Add(90 * time.Second), verbs: map[string]bool{"Claim": true, "Settle": true}, fault: storetest.Before}
		slow := faultyRig(t, o)
		slow.net.set(hook, answers(500))
		slow.save(anAutomation(hook))
		slow.pass(time.Second)
		run := slow.publishesOne(tagged(1)) // fails, and cannot say so before the lease is over
		slow.pass(time.Second)
		other := newRig(t, slow.store.(*storetest.Faulty).Store, Options{})
		other.start()
		other.pass(62 * time.Second)
		before := other.get(run.ID)
		if before.Status != runs.Succeeded {
			t.Fatalf("run is %s, want succeeded by the other dispatcher", before.Status)
		}
		slow.pass(10 * time.Minute)
		if after := slow.get(run.ID); after.Status != runs.Succeeded || len(after.Attempts) != 1 || after.Fence != before.Fence {
			t.Errorf("after the late result the run is %s with %d attempts", after.Status, len(after.Attempts))
		}
	})
}

// O12: a verdict that cannot be written waits with its outcome, and is written with it.
func TestVerdictOutlivesAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		o := &outage{from: now.Add(time.Second), to: now.Add(40 * time.Second), verbs: map[string]bool{"Settle": true}, fault: storetest.Before}
		r := faultyRig(t, o)
		r.net.set(hook, answers(410))
		id := r.save(anAutomation(hook)).ID
		r.pass(time.Second)
		r.publishesOne(tagged(1))
		r.pass(2 * time.Minute)
		if why := r.current(id).Disabled; why == nil || why.Reason != automation.ByGone {
			t.Errorf("disabled is %+v, want reason %q", why, automation.ByGone)
		}
		r.arrivedOnce(hook, 1)
		r.toldOf(notify.Disabled)
	})
}
