package webhook

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// O5: events make no runs of a disabled automation, whether it was disabled later or created so.
func TestDisabledAutomationMakesNoRuns(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := r.save(anAutomation(hook))
		born := anAutomation(hook + "/born")
		born.Disabled = &automation.Disabled{}
		b := r.save(born)
		r.disableByUser(a.ID)
		if created := r.publishes(tagged(1)); len(created) != 0 {
			r.Errorf("%d runs of disabled automations, want none", len(created))
		}
		r.enable(a.ID)
		r.enable(b.ID)
		if created := r.publishes(tagged(2)); len(created) != 2 {
			r.Errorf("%d runs of enabled automations, want 2", len(created))
		}
		r.pass(10 * time.Second)
		r.arrivedOnce(hook, 1)
		r.arrivedOnce(hook+"/born", 1)
	})
}

// O5: runs that are due while their automation is disabled wait, and go out when it is enabled again, the oldest first.
func TestDueRunsOfADisabledAutomationWaitForIt(t *testing.T) {
	const runsHeld = 300 // more than a lane takes in
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(503))
		a := r.save(anAutomation(hook))
		r.publishesMany(0, runsHeld)
		r.pass(time.Second)
		r.disableByUser(a.ID)
		before := len(r.net.at(hook))
		r.net.set(hook, answers(200))
		r.pass(24 * time.Hour)
		if late := len(r.net.at(hook)) - before; late != 0 {
			r.Errorf("%d requests while it was disabled", late)
		}
		page, err := r.store.List(context.Background(), runs.Filter{}, "", 1000)
		if err != nil {
			r.Fatal(err)
		}
		for _, run := range page.Runs {
			if run.Status != runs.Scheduled || run.Held != runs.HoldDisabled {
				r.Fatalf("run is %s, held as %q", run.Status, run.Held)
			}
		}
		r.enable(a.ID)
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: runsHeld})
	})
}

// O5: by option, what happens while it is disabled is recorded, and goes out when it is enabled.
func TestRecordedRunsGoOutWhenEnabled(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		a.RecordDisabled, a.Disabled = true, &automation.Disabled{}
		id := r.save(a).ID
		created := r.publishes(tagged(1), tagged(2))
		if len(created) != 2 {
			r.Fatalf("%d runs recorded, want 2", len(created))
		}
		r.pass(time.Hour)
		r.arrivedOnce(hook, 0)
		if got := r.get(created[0].ID); got.Held != runs.HoldDisabled || got.Fence != 0 {
			r.Errorf("recorded run is held as %q after %d leases", got.Held, got.Fence)
		}
		r.enable(id)
		r.pass(10 * time.Second)
		r.arrivedOnce(hook, 2)
	})
}

// O12: 410 fails the run and disables at once; the runs that wait are kept.
func TestGoneDisablesAtOnce(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(410))
		a := anAutomation(hook)
		a.Limits.Concurrency = 1
		id := r.save(a).ID
		r.publishesMany(0, 20)
		r.pass(time.Hour)
		r.countsAre(runs.Counts{runs.Failed: 1, runs.Scheduled: 19})
		want := &automation.Disabled{Reason: automation.ByGone, At: r.begun.UTC()}
		if diff := cmp.Diff(want, r.current(id).Disabled); diff != "" {
			r.Errorf("disabled (-want +got):\n%s", diff)
		}
		r.toldOf(notify.Disabled)
	})
}

// O12: an automation whose every attempt failed for five days is disabled, with the reason and time kept and people told.
func TestFiveDaysOfFailureDisable(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.net.set(hook, answers(500))
		id := r.save(anAutomation(hook)).ID
		day := 0
		for ; r.current(id).Enabled() && day < 10; day++ {
			r.publishes(tagged(day))
			r.pass(24 * time.Hour)
		}
		why := r.current(id).Disabled
		if why == nil {
			r.Fatal("it is enabled after ten days of failure")
		}
		if wait := why.At.Sub(r.begun); why.Reason != automation.ByDuration || wait < 5*24*time.Hour || wait > 6*24*time.Hour {
			r.Errorf("disabled as %q after %v, want %q after five days", why.Reason, wait, automation.ByDuration)
		}
		r.toldOf(notify.FirstFailure, notify.Disabled)
		if c := r.counts(); c[runs.Failed]+c[runs.Scheduled] != day {
			r.Errorf("runs by status are %v, want all %d kept", c, day)
		}
	})
}

// O12: a success in between begins the five days anew.
func TestSuccessBeginsTheRuleAnew(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.net.set(hook, answers(500))
		id := r.save(anAutomation(hook)).ID
		for day := range 12 {
			r.publishes(tagged(day))
			r.pass(23 * time.Hour)
			if day%4 == 3 {
				r.net.set(hook, answers(200))
				r.publishes(tagged(1000 + day))
				r.pass(time.Minute)
				r.net.set(hook, answers(500))
			}
			r.pass(time.Hour)
		}
		if why := r.current(id).Disabled; why != nil {
			r.Errorf("disabled as %q although it never failed for five days", why.Reason)
		}
	})
}

// O12: the rule that counts failed runs disables at its count, and a success sets the count back.
func TestCountOfFailedRunsDisables(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		answer := 500
		r.net.set(hook, func(context.Context, int) (egress.Response, error) { return egress.Response{Status: answer}, nil })
		a := anAutomation(hook)
		a.DisableRule.FailedRuns = 3
		a.Actions[0].Push.Retry = runs.Policy{Schedule: []time.Duration{0}}
		id := r.save(a).ID
		for i, code := range []int{500, 500, 200, 500, 500, 500} {
			if !r.current(id).Enabled() {
				r.Fatalf("disabled before run %d", i)
			}
			answer = code
			r.publishes(tagged(i))
			r.pass(time.Second)
		}
		if why := r.current(id).Disabled; why == nil || why.Reason != automation.ByCount {
			r.Errorf("disabled is %+v, want reason %q", why, automation.ByCount)
		}
		r.toldOf(notify.FirstFailure, notify.Recovered, notify.Disabled)
		r.pass(time.Hour)
		r.toldOf(notify.FirstFailure, notify.Recovered, notify.Disabled, notify.FirstFailure) // N1: one of a kind an hour
	})
}

// O12: failures with successes in between are not in a row, though their outcomes are written together.
func TestOutcomesWrittenTogetherAreJudgedInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		o := &outage{from: now.Add(5 * time.Second), to: now.Add(10 * time.Second), verbs: map[string]bool{"Settle": true}, fault: storetest.Before}
		r := faultyRig(t, o)
		r.net.set(hook, answersAfter(100*time.Millisecond, 200))
		a := anAutomation(hook)
		a.DisableRule.FailedRuns = 3
		a.Actions[0].Push.Retry = onceOnly
		id := r.save(a).ID
		r.publishesMany(0, 60) // for a larger share
		r.pass(5 * time.Second)
		r.net.set(hook, func(ctx context.Context, n int) (egress.Response, error) { // one after the other: 500, 200, 500, …
			return answersAfter(time.Duration(n)*10*time.Millisecond, 200+300*(n%2))(ctx, n)
		})
		r.publishesMany(100, 12)
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 66, runs.Failed: 6})
		if why := r.current(id).Disabled; why != nil {
			r.Errorf("disabled as %q, though every second run succeeded", why.Reason)
		}
	})
}

// O12: enabling forgives what was: the rule begins anew.
func TestEnablingBeginsTheRuleAnew(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(500))
		a := anAutomation(hook)
		a.DisableRule.FailedRuns = 2
		a.Actions[0].Push.Retry = runs.Policy{Schedule: []time.Duration{0}}
		id := r.save(a).ID
		for i := range 2 {
			r.publishes(tagged(i))
			r.pass(time.Second)
		}
		r.enable(id)
		r.publishes(tagged(2))
		r.pass(time.Second)
		if why := r.current(id).Disabled; why != nil {
			r.Errorf("one failed run disabled it again, as %q", why.Reason)
		}
	})
}

// O12: health outlives the process, so that a rule of days is not begun anew by each start.
func TestHealthOutlivesTheDispatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newRig(t, memory.New(), longPoll)
		stop := first.start()
		first.net.set(hook, answers(500))
		id := first.save(anAutomation(hook)).ID
		for day := range 3 {
			first.publishes(tagged(day))
			first.pass(24 * time.Hour)
		}
		stop()
		second := newRig(t, first.store, longPoll)
		second.net.set(hook, answers(500))
		second.start()
		for day := 3; day < 6; day++ {
			second.publishes(tagged(day))
			second.pass(24 * time.Hour)
		}
		if why := second.current(id).Disabled; why == nil || why.Reason != automation.ByDuration {
			t.Errorf("disabled is %+v, want reason %q", why, automation.ByDuration)
		}
	})
}

// D2, O12: one process fails, long ago and now; another has delivered in between. Not every attempt failed.
func TestSuccessOfAnotherProcessIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		failing, well := newRig(t, st, longPoll), newRig(t, st, longPoll)
		failing.net.set(hook, answers(500))
		well.net.set(hook, answers(204))
		failing.start()
		well.start()
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = runs.Policy{Schedule: []time.Duration{0}}
		id := failing.save(a).ID
		failing.publishes(tagged(0))
		for day := 1; day < 7; day++ {
			failing.pass(24 * time.Hour)
			well.publishes(tagged(day))
		}
		failing.publishes(tagged(7))
		failing.pass(time.Minute)
		if why := failing.current(id).Disabled; why != nil {
			t.Errorf("disabled as %q, though five of its runs had succeeded since the first failure", why.Reason)
		}
	})
}

// O12: of many requests under way that are answered 410 at once, one disables, and people are told once.
func TestManyGoneAtOnceDisableOnce(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answersAfter(100*time.Millisecond, 200))
		id := r.save(anAutomation(hook)).ID
		r.publishesMany(0, 60) // for a larger share
		r.pass(5 * time.Second)
		r.net.set(hook, answersAfter(time.Second, 410))
		r.publishesMany(100, 60)
		r.pass(time.Minute)
		if c := r.counts(); c[runs.Failed] < 2 || c[runs.Scheduled] == 0 || r.current(id).Enabled() {
			r.Errorf("runs by status are %v, enabled %v", c, r.current(id).Enabled())
		}
		r.toldOf(notify.Disabled)
	})
}

// N1: what fails after a person disabled the automation is no news.
func TestFailureAfterDisablingIsNotTold(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answersAfter(2*time.Second, 500))
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = onceOnly
		a = r.save(a)
		r.publishesOne(tagged(1))
		r.pass(time.Second)
		r.disableByUser(a.ID)
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Failed: 1})
		r.toldOf()
	})
}
