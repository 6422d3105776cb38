package webhook

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// O12: a successful test of an automation that failures had disabled enables it, and what waited goes out.
func TestSuccessfulTestEnablesAgain(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(410))
		id := r.save(anAutomation(hook)).ID
		r.publishesOne(tagged(1))
		r.pass(time.Second)
		if _, err := r.Test(context.Background(), r.current(id), "1", ""); err != nil {
			r.Fatal(err)
		}
		if r.current(id).Enabled() {
			r.Error("a failed test enabled it")
		}
		r.net.set(hook, answers(204))
		if _, err := r.Test(context.Background(), r.current(id), "1", ""); err != nil {
			r.Fatal(err)
		}
		if why := r.current(id).Disabled; why != nil {
			r.Errorf("still disabled as %q after a successful test", why.Reason)
		}
		r.publishesOne(tagged(2))
		r.pass(time.Minute)
		r.toldOf(notify.Disabled, notify.Recovered)
	})
}

// O12: what a person disabled, or what was tested otherwise than it is saved, stays disabled.
func TestTestEnablesNothingElse(t *testing.T) {
	for name, tt := range map[string]struct {
		reason automation.Reason
		change func(*automation.Automation)
	}{
		"disabled by a person": {automation.ByUser, func(*automation.Automation) {}},
		"with another URL":     {automation.ByDuration, func(a *automation.Automation) { a.Actions[0].Push.URL += "/new" }},
		"of an older version":  {automation.ByDuration, func(a *automation.Automation) { a.Version-- }},
		"not saved":            {automation.ByDuration, func(a *automation.Automation) { a.Version = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				a := anAutomation(hook)
				a.Disabled = &automation.Disabled{Reason: tt.reason}
				id := r.save(r.save(a)).ID
				a = r.current(id)
				a.Actions = []automation.Action{{ID: "1", Push: new(automation.Push)}}
				*a.Actions[0].Push = *r.current(id).Actions[0].Push
				tt.change(&a)
				if got, err := r.Test(context.Background(), a, "1", ""); err != nil || !got.OK() {
					r.Fatalf("test: %v, %v", got, err)
				}
				if r.current(id).Enabled() {
					r.Error("it was enabled")
				}
			})
		})
	}
}

// traced is what was seen of an automation within ten minutes: its state, or what people were told.
type traced struct {
	At   time.Duration
	What string
}

// trace does something every ten minutes and notes what changes of an automation.
func (r *rig) trace(id string, until time.Duration, do func(at time.Duration, n int)) (seen []traced) {
	const step = 10 * time.Minute
	state, told := "enabled", 0
	for n := range int(until / step) {
		at := step * time.Duration(n)
		aside := time.Duration(n%7) * time.Second // no two things an hour apart, so that none falls together with a notice of that hour
		r.pass(aside)
		do(at, n)
		r.pass(step - aside)
		if is := stateOf(r.current(id)); is != state {
			state = is
			seen = append(seen, traced{at, is})
		}
		for _, n := range r.told.list()[told:] {
			told++
			seen = append(seen, traced{at, fmt.Sprintf("told: %s, %d, %d", n.Kind, n.Count, n.StatusCode)})
		}
	}
	return seen
}

func stateOf(a automation.Automation) string {
	if a.Enabled() {
		return "enabled"
	}
	return "disabled: " + string(a.Disabled.Reason)
}

// moods is how an endpoint answers over six days.
func moods(at time.Duration) int {
	const h = time.Hour
	switch {
	case at < 10*h:
		return 500
	case at < 12*h: // a good spell
		return 204
	case at < 12*h+30*time.Minute: // a bad one
		return 503
	case at < 14*h: // good and bad ones by turns: one notice of a kind an hour
		return 204 + 299*(int(at/(10*time.Minute))%2)
	case at < 24*h:
		return 204
	case at < 24*h+30*time.Minute:
		return 410
	case at < 40*h:
		return 204
	}
	return 500
}

// O12, N1: days of failures, successes in between, a 410, and being enabled again, by a test and by a person.
func TestSixDaysAreToldAsTheyWere(t *testing.T) {
	const h = time.Hour
	inBubble(t, longPoll, func(r *rig) {
		r.net.set(hook, func(context.Context, int) (egress.Response, error) {
			return egress.Response{Status: moods(time.Since(r.begun))}, nil
		})
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = onceOnly
		a.DisableRule.After = 3 * 24 * h
		id := r.save(a).ID
		const m = time.Minute
		want := []traced{
			{0, "told: first_failure, 1, 500"},
			{10 * h, "told: recovered, 1, 204"},
			{12 * h, "told: first_failure, 1, 503"},
			{12*h + 40*m, "told: recovered, 1, 204"},
			{13 * h, "told: first_failure, 1, 503"}, // of 12:50
			{13*h + 40*m, "told: recovered, 3, 204"},
			{14 * h, "told: first_failure, 3, 503"}, // of 13:10, 13:30 and 13:50
			{14*h + 40*m, "told: recovered, 1, 204"},
			{24 * h, "disabled: gone"},
			{24 * h, "told: disabled, 1, 410"},
			{30 * h, "enabled"},
			{30 * h, "told: recovered, 1, 204"},
			{40 * h, "told: first_failure, 1, 500"},
			{112*h + 10*m, "disabled: failing_long"}, // the attempt at 112 h came two seconds before three days were over
			{112*h + 10*m, "told: disabled, 1, 500"},
			{140 * h, "enabled"}, // and it fails on, which was told
		}
		got := r.trace(id, 6*24*h, func(at time.Duration, n int) {
			switch at {
			case 30 * h:
				if _, err := r.Test(context.Background(), r.current(id), "1", ""); err != nil {
					r.Error(err)
				}
			case 140 * h:
				r.enable(id)
			}
			r.publishes(tagged(n))
		})
		if diff := cmp.Diff(want, got); diff != "" {
			r.Errorf("trace (-want +got):\n%s", diff)
		}
	})
}

// N1: a transition is written with the outcome that caused it: whichever write or process fails, people are told once.
func TestNoticesAreNeitherLostNorDoubled(t *testing.T) {
	for name, fault := range map[string]storetest.Fault{"before": storetest.Before, "after": storetest.After} {
		for _, verb := range []string{"Settle", "ClaimNotices", "SettleNotices"} {
			t.Run(verb+" fails "+name+" its effect", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					st := &storetest.Faulty{Store: memory.New(), Fail: func(v string, n int) storetest.Fault {
						if v == verb && n == 1 {
							return fault
						}
						return storetest.NoFault
					}}
					first := newRig(t, st, Options{})
					stop := first.start()
					first.net.set(hook, answers(410))
					first.save(anAutomation(hook))
					first.publishesOne(tagged(1))
					first.pass(time.Second)
					stop()
					second := newRig(t, st, Options{})
					second.start()
					second.pass(time.Hour)
					told := len(first.told.list()) + len(second.told.list())
					most := 1
					if verb == "SettleNotices" && fault == storetest.Before {
						most = 2 // told, and died before it could say so: at least once
					}
					if told < 1 || told > most {
						t.Errorf("people were told %d times", told)
					}
				})
			})
		}
	}
}

// N1: a process that dies before it tells leaves that to another.
func TestAnotherProcessTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		first := newRig(t, st, Options{})
		a := first.save(anAutomation(hook))
		first.publishesOne(tagged(1))
		c, err := st.Claim(t.Context(), store.Lease{Max: 1, For: time.Minute})
		if err != nil || len(c.Runs) != 1 {
			t.Fatalf("claimed %v, %v", c.Runs, err)
		}
		res := runs.Decide(c.Runs[0], runs.Attempt{At: time.Now(), StatusCode: 410, Class: runs.ClassGone}, runs.Policy{})
		if _, err := st.Settle(t.Context(), []store.Outcome{{Result: res, Automation: a.ID, Rule: &a.DisableRule}}); err != nil {
			t.Fatal(err)
		}
		second := newRig(t, st, Options{})
		second.start()
		second.pass(time.Second)
		second.toldOf(notify.Disabled)
	})
}
