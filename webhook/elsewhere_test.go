package webhook

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
)

// asks answers a code with a Retry-After.
func asks(code int, seconds string) endpoint {
	return func(context.Context, int) (egress.Response, error) {
		return egress.Response{Status: code, Header: map[string][]string{"Retry-After": {seconds}}}, nil
	}
}

// O10: a higher rate holds from the moment it is saved, whatever the old one still kept waiting.
func TestRaisedRateTakesEffectAtOnce(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		a.Limits = automation.Limits{PerSecond: 1.0 / 3600, Burst: 100}
		a = r.save(a)
		r.publishesMany(0, 101)
		r.pass(time.Minute)
		a = r.current(a.ID)
		a.Limits = automation.Limits{PerSecond: 100}
		r.save(a)
		r.pass(time.Hour)
		r.countsAre(runs.Counts{runs.Succeeded: 101})
	})
}

// O10: who saves an automation ends its pause, even one that the endpoint asked for.
func TestSavingEndsThePause(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, asks(503, "86400"))
		a := r.save(anAutomation(hook))
		r.publishesMany(0, 10)
		r.pass(time.Minute)
		r.net.set(hook, nil)
		a = r.current(a.ID)
		a.Name = "Moved"
		r.save(a)
		r.publishesMany(10, 10)
		r.pass(time.Hour)
		if n := r.counts()[runs.Succeeded]; n < 18 {
			r.Errorf("%d succeeded, %d are held as slow an hour after the save", n, r.held(runs.HoldSlow))
		}
	})
}

// D2, O5: what another process enables is sent here, without asking the store over and over meanwhile.
func TestEnablingElsewhereIsNoticed(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		second := newRig(r.T, r.store, Options{})
		second.net = r.net
		second.connect = func() sender { return r.net }
		second.start()
		a := r.save(anAutomation(hook))
		r.net.set(hook, answers(500, 204))
		r.publishesOne(tagged(0))
		r.pass(time.Second)
		a = r.disableByUser(a.ID)
		r.pass(10 * time.Second) // its retry is held
		if _, err := second.config.read(context.Background()); err != nil {
			r.Fatal(err)
		}
		r.pass(time.Second / 10)
		r.enableElsewhere(r.store, a.ID)
		second.Wake()
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 1})
	})
}

// enableElsewhere enables an automation as a third process would.
func (r *rig) enableElsewhere(st store.Store, id string) {
	r.Helper()
	a := r.current(id)
	a.Disabled = nil
	if _, err := st.Put(context.Background(), []automation.Automation{a}); err != nil {
		r.Fatal(err)
	}
}

// D2, O10: a pause that another process's success ended is over here too.
func TestPauseEndedElsewhereIsOver(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		second := newRig(r.T, r.store, Options{})
		stop := second.start()
		second.net.set(hook, answersAfter(2*time.Second, 204))
		r.net.set(hook, asks(503, "3600"))
		r.save(anAutomation(hook))
		second.publishesOne(tagged(0))
		r.pass(time.Second)
		r.publishesOne(tagged(1))
		r.pass(5 * time.Second)
		stop()
		r.net.set(hook, nil)
		r.publishesMany(2, 200)
		r.pass(time.Minute)
		if n := r.counts()[runs.Succeeded]; n != 201 {
			r.Errorf("%d succeeded", n)
		}
	})
}

// D2, O12: a success counts for the rule, whichever process saw it.
func TestSuccessOfAnotherProcessCounts(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		second := newRig(r.T, r.store, Options{})
		second.start()
		second.net.set(hook, answers(500))
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = onceOnly
		a = r.save(a)
		r.publishesOne(tagged(0)) // well
		r.pass(time.Second)
		second.publishesOne(tagged(1)) // fails for good
		r.pass(time.Second)
		r.publishesOne(tagged(2)) // well
		r.pass(6 * 24 * time.Hour)
		second.publishesOne(tagged(3)) // the first failure since
		r.pass(time.Second)
		if now := r.current(a.ID); !now.Enabled() {
			r.Errorf("disabled %q after one failure since a success", now.Disabled.Reason)
		}
	})
}

// slowSettle is a store that takes its time to settle.
type slowSettle struct {
	store.Store
	wait time.Duration
}

func (s slowSettle) Settle(ctx context.Context, o []store.Outcome) (store.Settled, error) {
	<-time.After(s.wait)
	return s.Store.Settle(ctx, o)
}

// O12: a success counts that came while the failure before it was being written.
func TestSuccessRightAfterAFailureCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, slowSettle{memory.New(), 10 * time.Millisecond}, Options{})
		r.start()
		r.net.set(hook, func(ctx context.Context, n int) (egress.Response, error) {
			if n == 3 {
				<-time.After(time.Millisecond)
			}
			return egress.Response{Status: []int{204, 500, 204, 500}[n-1]}, nil
		})
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = onceOnly
		a = r.save(a)
		r.publishesOne(tagged(0))
		r.pass(time.Second)
		r.publishesMany(1, 2)
		r.pass(6 * 24 * time.Hour)
		r.publishesOne(tagged(3))
		r.pass(time.Second)
		if now := r.current(a.ID); !now.Enabled() {
			r.Errorf("disabled %q after one failure since a success", now.Disabled.Reason)
		}
	})
}

// D2, O10: a probe closes the circuit, also when a process makes it that knew nothing of the failures.
func TestProbeOfAnotherProcessClosesTheCircuit(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		second := newRig(r.T, r.store, Options{})
		stop := second.start()
		second.net.set(hook, answers(500))
		r.save(anAutomation(hook))
		r.publishesOne(tagged(1000))
		r.pass(time.Second)
		second.publishesMany(0, 20)
		r.pass(time.Second)
		stop()
		r.pass(20 * time.Second)
		if n := r.held(runs.HoldFailing); n > 0 {
			r.Errorf("%d runs are held as failing 15 s after a probe succeeded", n)
		}
	})
}

// D2, O10: an open circuit holds in every process.
func TestOpenCircuitHoldsInAllProcesses(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		second := newRig(r.T, r.store, Options{})
		second.start()
		slow500 := answersAfter(10*time.Millisecond, 500)
		second.net.set(hook, slow500)
		r.net.set(hook, slow500)
		r.save(anAutomation(hook))
		r.pass(10 * time.Second)
		r.publishesMany(0, 64)
		second.publishesMany(100, 64)
		r.pass(4 * time.Second)
		if n := len(r.net.at(hook)) + len(second.net.at(hook)); n > 20 {
			r.Errorf("%d requests (%d, %d) while the circuit is open", n, len(r.net.at(hook)), len(second.net.at(hook)))
		}
	})
}

// slowPublish is a store that takes its time to publish several runs.
type slowPublish struct {
	store.Store
}

func (s slowPublish) Publish(ctx context.Context, e []store.Entry) ([]runs.Run, error) {
	if len(e) > 1 {
		<-time.After(100 * time.Millisecond)
	}
	return s.Store.Publish(ctx, e)
}

// O9: a run that comes back unsent, because its lane paused while it was published, has its try back.
func TestNoTryIsLostWhenALanePausesDuringAPublish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, slowPublish{memory.New()}, Options{Workers: 2})
		r.start()
		r.net.set(hook, func(ctx context.Context, n int) (egress.Response, error) {
			if n > 1 {
				return egress.Response{Status: 204}, nil
			}
			<-time.After(50 * time.Millisecond)
			return asks(503, "2")(ctx, n)
		})
		r.save(anAutomation(hook))
		r.publishesOne(tagged(999))
		r.publishesMany(0, 50)
		r.pass(5 * time.Minute)
		page, err := r.store.List(context.Background(), runs.Filter{}, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		lost := 0
		for _, run := range page.Runs {
			run = r.get(run.ID)
			if run.Tries != len(run.Attempts) {
				lost++
			}
		}
		if lost > 0 {
			t.Errorf("%d runs lost a try", lost)
		}
	})
}

// O10: runs of an automation that is deleted while it fails elsewhere are not held for it.
func TestRunsOfADeletedAutomationEnd(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		second := newRig(r.T, r.store, Options{})
		second.start()
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = runs.Policy{Schedule: []time.Duration{0, 30 * time.Second}, Exact: true}
		a = r.save(a)
		second.net.set(hook, func(ctx context.Context, n int) (egress.Response, error) {
			if n <= 3 {
				return egress.Response{Status: 500}, nil
			}
			<-time.After(time.Second / 2)
			return asks(503, "36000")(ctx, n)
		})
		second.publishesOne(tagged(0))
		second.publishesOne(tagged(1))
		second.publishesOne(tagged(2))
		second.pass(10 * time.Second)
		second.publishesOne(tagged(3))
		r.pass(time.Second / 4)
		if err := r.Delete(context.Background(), account, a.ID); err != nil {
			r.Fatal(err)
		}
		r.pass(time.Hour)
		if c := r.counts(); c[runs.Scheduled] > 1 {
			r.Errorf("runs %v an hour after their automation was deleted", c)
		}
	})
}

// O8, O10: after a failure a lane has no turn before the verdict.
func TestLaneWaitsForTheVerdict(t *testing.T) {
	l := openLanes(8, "a")
	l.add(jobsOf("a", 3, 1), true)
	var p place
	j, _ := l.next(&p)
	l.done(j, &p, &runs.Attempt{At: time.Now(), StatusCode: 500, Class: runs.ClassStatus})
	if l.proven.len()+l.suspects.len() > 0 {
		t.Error("a lane has a turn although it waits for a verdict")
	}
}

// Lanes that were closed begin with nothing under way.
func TestClosedLanesStartAfresh(t *testing.T) {
	l := openLanes(2)
	l.add(jobsOf("a", 1, 1), true)
	var p place
	j, _ := l.next(&p)
	l.reserve("a")
	l.close()
	l.add(jobsOf("a", 1, 1), true)
	l.done(j, &p, nil)
	l.open(func() {})
	if e := l.lanes["a"]; e != nil && e.underway != 0 {
		t.Errorf("%d under way in a lane that begins", e.underway)
	}
}

// O10: an endpoint that answers well but slowly keeps nobody else waiting.
func TestSlowSuccessesLeaveWorkersToOthers(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook+"/slow", answersAfter(9*time.Second, 204))
		a := anAutomation(hook + "/slow")
		a.Trigger.Types = []string{"contact.tag.removed"}
		r.save(a)
		b := anAutomation(hook + "/quick")
		b.Trigger.Types = []string{"contact.tag.added"}
		r.save(b)
		for i := range 1000 {
			r.publishes(removed(i))
		}
		var worst, sum time.Duration
		for i := range 300 {
			run := r.publishesOne(tagged(i))
			begun := time.Now()
			for r.get(run.ID).Status != runs.Succeeded {
				r.pass(100 * time.Millisecond)
			}
			took := time.Since(begun)
			worst, sum = max(worst, took), sum+took
			r.pass(time.Second - time.Since(begun)%time.Second)
		}
		if worst > time.Second {
			r.Errorf("a run waited %v for another customer's slow endpoint", worst)
		}
	})
}

// O9: waiting for a worker uses no try.
func TestWaitingForAWorkerCostsNoTry(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		for n := range 2 {
			url := fmt.Sprintf("%s/%d", hook, n)
			r.net.set(url, answersAfter(9*time.Second, 204))
			a := anAutomation(url)
			if n == 1 {
				a.Limits.Concurrency = 1
			}
			r.save(a)
		}
		for i := range 40 {
			r.publishesMany(100*i, 20)
			r.pass(time.Second / 4)
		}
		r.pass(6 * time.Hour)
		page, err := r.store.List(context.Background(), runs.Filter{}, "", 5000)
		if err != nil {
			t.Fatal(err)
		}
		lost := 0
		for _, run := range page.Runs {
			if run.Tries > 1 {
				lost++
			}
		}
		if lost > 0 {
			t.Errorf("%d of %d runs used tries without being sent: %v", lost, len(page.Runs), r.counts())
		}
	})
}
