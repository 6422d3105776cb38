package webhook

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
)

// stuck is an Inviter that never returns, whatever its context says, until it is let go.
type stuck chan struct{}

// Invite implements [Inviter].
func (s stuck) Invite(context.Context, automation.Invitation) error {
	<-s
	return nil
}

// N2, X1: a notifier that breaks its contract and does not return does not keep Run from ending, and is never called twice at once.
func TestStuckNotifierDoesNotKeepRunFromEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		r := newRig(t, memory.New(), Options{Notifier: notifierFunc(func(context.Context, []notify.Notice) error {
			calls++
			<-time.After(24 * time.Hour)
			return nil
		})})
		stop := r.start()
		r.net.set(hook, answers(410))
		r.save(anAutomation(hook))
		r.save(anAutomation(hook))
		r.publishes(tagged(1))
		r.pass(time.Hour)
		began := time.Now()
		stop()
		if took := time.Since(began); took > stuckFor || calls != 1 {
			t.Errorf("stopping took %v, after %d calls", took, calls)
		}
		r.pass(24 * time.Hour)
	})
}

// I5, X1: an inviter that breaks its contract and never returns keeps no worker from what others are waiting for, and does not keep
// Run from ending.
func TestStuckInviterHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(stuck)
		defer close(never)
		r := newRig(t, memory.New(), Options{Workers: 1, Inviter: never, Drain: 3 * time.Second})
		stop := r.start()
		a := r.save(automation.Automation{
			Account: account, Name: "Invite customers",
			Trigger: automation.Trigger{Survey: "sur_1", Incoming: &automation.Incoming{
				Fields: []automation.Field{{Name: "email", Type: automation.TypeEmail, Required: true}},
			}},
			Actions: []automation.Action{{Invite: &automation.Invite{Recipient: "email", Template: automation.Template{ID: "tpl_1"}}}},
		})
		r.net.set(hook, answers(200))
		r.save(anAutomation(hook))
		for range 100 {
			in, err := a.Take(automation.Request{ID: drawRequestID(), JSON: []byte(`{"email":"ada@example.com"}`)})
			if err == nil {
				_, err = r.accept(context.Background(), in.Runs)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		r.pass(time.Minute)
		pushed := r.publishesOne(tagged(1))
		r.pass(time.Minute)
		if got := r.get(pushed.ID).Status; got != runs.Succeeded {
			t.Errorf("another automation's run is %s", got)
		}
		began := time.Now()
		stop()
		if took := time.Since(began); took > 3*time.Second+stuckFor {
			t.Errorf("stopping took %v", took)
		}
	})
}
