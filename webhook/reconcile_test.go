package webhook

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
)

// O5: a process that died after it saved an automation, and before the runs were held or released, leaves nothing stuck.
func TestHoldsFollowWhatIsSavedWhoeverDied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		r := newRig(t, st, Options{})
		a := r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))

		put := func(why *automation.Disabled) {
			a.Disabled = why
			saved, err := st.Put(t.Context(), []automation.Automation{a})
			if err != nil {
				t.Fatal(err)
			}
			a = saved[0]
		}
		put(&automation.Disabled{Reason: automation.ByUser})
		r.pass(2 * time.Second) // what it knows is no older than Options.Refresh
		r.start()
		r.pass(time.Minute)
		if got, err := st.Get(t.Context(), account, run.ID); err != nil || got.Held != runs.HoldDisabled || got.Tries != 0 {
			t.Errorf("run of the disabled automation is held as %q after %d tries, error %v; want it held untried", got.Held, got.Tries, err)
		}

		put(nil)
		r.pass(time.Minute)
		if got, err := st.Get(t.Context(), account, run.ID); err != nil || got.Status != runs.Succeeded {
			t.Errorf("run of the enabled automation is %s, held as %q, error %v; want it succeeded", got.Status, got.Held, err)
		}
	})
}
