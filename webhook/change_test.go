package webhook

import (
	"context"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
)

// ATTACKS 24: a retry goes to where the automation points now.
func TestRetriesGoToTheCurrentURL(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(500))
		a := r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))
		r.pass(time.Second)
		moved := *a.Actions[0].Push
		moved.URL = hook + "/moved"
		a.Actions = []automation.Action{{ID: a.Actions[0].ID, Push: &moved}}
		r.save(a)
		r.pass(time.Minute)
		r.arrivedAfter(hook, 0)
		r.arrivedAfter(moved.URL, 5*time.Second)
		got := r.get(run.ID)
		if len(got.Attempts) != 2 || got.Attempts[0].URL != hook || got.Attempts[1].URL != moved.URL || got.URL != hook {
			r.Errorf("run for %s has attempts %+v, want each with where it was sent", got.URL, got.Attempts)
		}
	})
}

// ATTACKS 24: runs that wait for a deleted automation fail as removed, the one under way ends, and nothing is sent any more.
func TestRunsOfADeletedAutomationFailAsRemoved(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answersAfter(2*time.Second, 200))
		a := anAutomation(hook)
		a.Limits.Concurrency = 1
		id := r.save(a).ID
		r.publishesMany(0, 3)
		r.pass(time.Second)
		if err := r.Delete(context.Background(), account, id); err != nil {
			r.Fatal(err)
		}
		r.pass(time.Minute)
		r.arrivedOnce(hook, 1)
		r.countsAre(runs.Counts{runs.Succeeded: 1, runs.Failed: 2})
		page, err := r.store.List(context.Background(), runs.Filter{Statuses: []runs.Status{runs.Failed}}, "", 10)
		if err != nil {
			r.Fatal(err)
		}
		for _, run := range page.Runs {
			got := r.get(run.ID).Attempts
			if len(got) != 1 || got[0].Class != runs.ClassRemoved || got[0].StatusCode != 0 {
				r.Errorf("attempts are %+v, want one of class %s", got, runs.ClassRemoved)
			}
		}
		r.toldOf()
	})
}

// ATTACKS 24: a run that waits held for a disabled automation fails as removed when that is deleted.
func TestHeldRunsOfADeletedAutomationFailAsRemoved(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		a.RecordDisabled, a.Disabled = true, &automation.Disabled{}
		id := r.save(a).ID
		r.publishesMany(0, 200)
		if err := r.Delete(context.Background(), account, id); err != nil {
			r.Fatal(err)
		}
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Failed: 200})
		r.arrivedOnce(hook, 0)
	})
}

// ATTACKS 24: so do runs of an action that was taken out.
func TestRunsOfARemovedActionFailAsRemoved(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		second := *a.Actions[0].Push
		second.URL = hook + "/second"
		a.Actions = append(a.Actions, automation.Action{Push: &second, Delay: time.Hour})
		a = r.save(a)
		created := r.publishes(tagged(1))
		a.Actions = a.Actions[:1]
		r.save(a)
		r.pass(2 * time.Hour)
		if got := r.get(created[1].ID); got.Status != runs.Failed || got.Attempts[0].Class != runs.ClassRemoved {
			r.Errorf("run of the removed action is %s: %+v", got.Status, got.Attempts)
		}
		r.arrivedOnce("", 1)
	})
}

// ATTACKS 29: a panic on the way is an attempt that failed. The worker lives: the next run goes out at once.
func TestPanicFailsTheAttemptAlone(t *testing.T) {
	inBubble(t, Options{Workers: 1, Buffer: 1}, func(r *rig) {
		r.net.set(hook, func(_ context.Context, n int) (egress.Response, error) {
			if n == 1 {
				panic("an endpoint's answer that nobody thought of")
			}
			return egress.Response{Status: 200}, nil
		})
		r.save(anAutomation(hook))
		first := r.publishesOne(tagged(1))
		r.pass(time.Second)
		second := r.publishesOne(tagged(2))
		r.pass(0)
		if got := r.get(second.ID).Status; got != runs.Succeeded {
			r.Errorf("the run after the panic is %s", got)
		}
		r.pass(10 * time.Second)
		got := r.get(first.ID)
		if got.Status != runs.Succeeded || len(got.Attempts) != 2 || got.Attempts[0].Class != runs.ClassInternal {
			r.Errorf("run is %s after %+v, want an internal error and then a success", got.Status, got.Attempts)
		}
	})
}

// A new secret signs the attempts after it, those of waiting runs too.
func TestRetriesAreSignedWithTheCurrentSecrets(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(500))
		a := r.save(anAutomation(hook))
		r.publishesOne(tagged(1))
		r.pass(time.Second)
		fresh := NewSecret()
		push := *a.Actions[0].Push
		push.Secrets = append(automation.Secrets{fresh}, push.Secrets...)
		a.Actions = []automation.Action{{ID: a.Actions[0].ID, Push: &push}}
		r.save(a)
		r.pass(10 * time.Second)
		got := r.net.at(hook)
		if len(got) != 2 {
			r.Fatalf("%d attempts, want 2", len(got))
		}
		for i, want := range []int{1, 2} {
			if n := len(splitSignatures(got[i])); n != want {
				r.Errorf("attempt %d has %d signatures, want %d", i+1, n, want)
			}
		}
	})
}
