package webhook

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// erases reports if erasing e removes something else than want.
func (r *rig) erases(want Erased, e runs.Erasure) {
	r.Helper()
	got, err := r.Erase(context.Background(), e)
	if err != nil {
		r.Errorf("Erase(%+v): %v", e, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("Erase(%+v) (-want +got):\n%s", e, diff)
	}
}

// about returns the n-th event that is about a contact with this address.
func about(n int, email string) events.Event {
	ev := tagged(n)
	data := ev.Data.(events.TagAdded)
	data.Contact.Email = email
	ev.Data = data
	return ev
}

// R4: a person's runs go, whatever their status; a result that comes late changes nothing.
func TestErasingAPersonRemovesTheirRuns(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		const slow, failing = hook + "/slow", hook + "/failing"
		r.net.set(slow, answersAfter(5*time.Second, 200))
		r.net.set(failing, answers(500))
		for _, url := range []string{hook, slow, failing} {
			r.save(anAutomation(url))
		}
		r.publishes(about(1, "ann@example.com"), about(2, "joann@example.com"))
		r.pass(time.Second)
		r.countsAre(runs.Counts{runs.Succeeded: 2, runs.Running: 2, runs.Scheduled: 2})
		r.erases(Erased{Runs: 3, Messages: 1, Attempts: 2}, runs.Erasure{Account: account, Email: "ANN@example.com"})
		r.countsAre(runs.Counts{runs.Succeeded: 1, runs.Running: 1, runs.Scheduled: 1})
		r.pass(10 * time.Second)
		r.countsAre(runs.Counts{runs.Succeeded: 2, runs.Scheduled: 1})
		r.erases(Erased{}, runs.Erasure{Account: account, Email: "ann@example.com"})
		r.erases(Erased{}, runs.Erasure{Account: "acct_2", Email: "joann@example.com"})
		r.pass(time.Hour)
		if n := len(r.net.at(failing)); n != 2+3 {
			r.Errorf("%d requests of two runs, of which one was erased after its first; want 5", n)
		}
	})
}

// R4.
func TestErasingARunRemovesItAlone(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))
		r.publishesOne(tagged(2))
		r.pass(time.Second)
		r.erases(Erased{Runs: 1, Messages: 1, Attempts: 1}, runs.Erasure{Account: account, Run: run.ID})
		r.countsAre(runs.Counts{runs.Succeeded: 1})
	})
}

// R4: no new runs come while an automation's are removed, not from a process that knows it still either.
func TestErasingAnAutomationDeletesItFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		r, other := newRig(t, st, Options{}), newRig(t, st, Options{})
		r.start()
		a := r.save(anAutomation(hook))
		kept := r.save(anAutomation(hook + "/kept"))
		r.publishesMany(0, 450)
		r.pass(time.Second)
		other.publishes(tagged(1000))
		go func() {
			<-time.After(other.options.Refresh / 2) // it still knows the automation
			other.publishes(tagged(1001))
		}()
		got, err := r.Erase(context.Background(), runs.Erasure{Account: account, Automation: a.ID})
		if err != nil || got.Automations != 1 || got.Runs != 452 {
			r.Errorf("Erase = %+v, %v; want an automation and 452 runs", got, err)
		}
		if _, err := r.Automation(context.Background(), account, a.ID); !errors.Is(err, store.ErrNotFound) {
			r.Errorf("the automation is still there: %v", err)
		}
		r.current(kept.ID)
		other.publishes(tagged(1002))
		r.pass(2 * time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 453})
	})
}

// R4.
func TestErasingAnAccountRemovesAllOfIt(t *testing.T) {
	o := Options{Variables: func(context.Context, string, string) ([]labels.Variable, error) {
		return []labels.Variable{{ID: "q1", Kind: labels.Question, Name: "How old are you?"}}, nil
	}}
	inBubble(t, o, func(r *rig) {
		ctx := context.Background()
		for _, own := range []string{account, "acct_2"} {
			for range 2 {
				a := anAutomation(hook)
				a.Account = own
				r.save(a)
			}
			if _, err := r.SetLabels(ctx, own, "s1", map[string]string{"q1": "age"}); err != nil {
				r.Fatal(err)
			}
			ev := tagged(1)
			ev.Account.ID = own
			r.publishes(ev)
		}
		r.pass(time.Second)
		r.erases(Erased{Automations: 2, Runs: 2, Messages: 1, Attempts: 2}, runs.Erasure{Account: account})
		r.erases(Erased{}, runs.Erasure{Account: account})
		for own, want := range map[string]int{account: 0, "acct_2": 2} {
			list, err := r.Automations(ctx, own)
			if err != nil || len(list) != want {
				r.Errorf("%s has %d automations, error %v; want %d", own, len(list), err, want)
			}
			saved, err := r.store.Labels(ctx, own, "s1")
			if err != nil || len(saved.Labels) != want/2 {
				r.Errorf("%s has data labels %v, error %v", own, saved.Labels, err)
			}
		}
		r.countsAre(runs.Counts{runs.Succeeded: 2})
	})
}

// tests adds keys to an automation, which remember test requests that held this, and returns what they hold.
func (r *rig) tests(a automation.Automation, held ...string) func() []string {
	r.Helper()
	ctx := context.Background()
	for i, text := range held {
		k := store.Key{ID: fmt.Sprint(a.ID, "_", i), Account: a.Account, Automation: a.ID, Hash: []byte(fmt.Sprint(a.ID, i))}
		if _, err := r.store.PutKeys(ctx, []store.Key{k}); err != nil {
			r.Fatal(err)
		}
		if err := r.store.MarkKeys(ctx, []store.KeyMark{{Account: a.Account, ID: k.ID, Test: []byte(text)}}); err != nil {
			r.Fatal(err)
		}
	}
	return func() (left []string) {
		keys, err := r.store.Keys(ctx, a.Account, a.ID)
		if err != nil {
			r.Fatal(err)
		}
		for _, k := range keys {
			left = append(left, string(k.Test))
		}
		return left
	}
}

// R4, I6: a remembered test request may hold a person's data.
func TestErasingAPersonForgetsTestRequestsThatMentionThem(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		a, other := r.save(anAutomation(hook)), anAutomation(hook)
		other.Account = "acct_2"
		other = r.save(other)
		left := r.tests(a, `{"email":"Ann\u0040example.com"}`, "to=ann%40example.com", "joann@example.com", "")
		kept := r.tests(other, "ann@example.com")
		r.publishes(about(1, "ann@example.com"))
		r.pass(time.Second)
		person := runs.Erasure{Account: account, Email: "ann@example.com"}
		r.erases(Erased{Runs: 1, Messages: 1, Attempts: 1, Tests: 2}, person)
		for of, want := range map[string][2][]string{
			"the account": {{"", "", "joann@example.com", ""}, left()}, "another account": {{"ann@example.com"}, kept()},
		} {
			if diff := cmp.Diff(want[0], want[1]); diff != "" {
				r.Errorf("test requests that keys of %s remember (-want +got):\n%s", of, diff)
			}
		}
		r.erases(Erased{}, person)
	})
}

// R4.
func TestErasingAnAutomationOrAccountRemovesItsKeys(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		first, second, other := r.save(anAutomation(hook)), r.save(anAutomation(hook)), anAutomation(hook)
		other.Account = "acct_2"
		other = r.save(other)
		ofFirst, ofSecond, ofOther := r.tests(first, "a", "b"), r.tests(second, "c"), r.tests(other, "d")
		left := func(when string, want ...int) {
			if diff := cmp.Diff(want, []int{len(ofFirst()), len(ofSecond()), len(ofOther())}); diff != "" {
				r.Errorf("keys left after the erasure of %s (-want +got):\n%s", when, diff)
			}
		}
		left("nothing", 2, 1, 1)
		r.erases(Erased{Automations: 1}, runs.Erasure{Account: account, Automation: first.ID})
		left("an automation", 0, 1, 1)
		r.erases(Erased{Automations: 1}, runs.Erasure{Account: account})
		left("the account", 0, 0, 1)
	})
}

// R4: a store that fails is told of, and doing it again forgets the rest.
func TestErasureThatCannotForgetATestRequestTells(t *testing.T) {
	for _, fails := range []string{"Keys", "MarkKeys"} {
		synctest.Test(t, func(t *testing.T) {
			st := &storetest.Faulty{Store: memory.New(), Fail: func(verb string, n int) storetest.Fault {
				if verb == fails && n == 2 {
					return storetest.Before
				}
				return storetest.NoFault
			}}
			r := newRig(t, st, Options{})
			a := r.save(anAutomation(hook))
			left := r.tests(a, "ann@example.com")
			if fails == "Keys" {
				left()
			}
			person := runs.Erasure{Account: account, Email: "ann@example.com"}
			if got, err := r.Erase(context.Background(), person); !errors.Is(err, storetest.ErrFault) || got != (Erased{}) {
				t.Errorf("Erase whose %s fails = %+v, %v; want storetest.ErrFault", fails, got, err)
			}
			r.erases(Erased{Tests: 1}, person)
			if diff := cmp.Diff([]string{""}, left()); diff != "" {
				t.Errorf("test requests left (-want +got):\n%s", diff)
			}
		})
	}
}

// R4.
func TestErasureOfWhatIsNotThereIsTold(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))
		r.pass(time.Second)
		for _, e := range []runs.Erasure{
			{Account: account, Run: "run_none"}, {Account: account, Automation: "aut_none"},
			{Account: "acct_2", Run: run.ID}, {Account: "acct_2", Automation: a.ID},
		} {
			if got, err := r.Erase(context.Background(), e); !errors.Is(err, store.ErrNotFound) || got != (Erased{}) {
				r.Errorf("Erase(%+v) = %+v, %v; want ErrNotFound", e, got, err)
			}
		}
		for _, e := range []runs.Erasure{{}, {Automation: a.ID}, {Account: account, Email: "ann"}} {
			if got, err := r.Erase(context.Background(), e); err == nil || got != (Erased{}) {
				r.Errorf("Erase(%+v) = %+v, %v; want an error", e, got, err)
			}
		}
		if err := r.Delete(context.Background(), account, a.ID); err != nil {
			r.Fatal(err)
		}
		r.erases(Erased{Runs: 1, Messages: 1, Attempts: 1}, runs.Erasure{Account: account, Automation: a.ID})
	})
}

// R4: an erasure that is stopped, or fails, tells what it has removed; doing it again removes the rest.
func TestErasureThatStopsTellsWhatIsGone(t *testing.T) {
	for name, fails := range map[string]bool{"its context ends": false, "the store fails": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(context.Background())
				st := &storetest.Faulty{Store: memory.New(), Fail: func(verb string, n int) storetest.Fault {
					switch {
					case verb != "Erase" || n != 3:
					case fails:
						return storetest.Before
					default:
						cancel()
					}
					return storetest.NoFault
				}}
				r := newRig(t, st, Options{})
				r.save(anAutomation(hook))
				r.publishesMany(0, 1000)
				got, err := r.Erase(ctx, runs.Erasure{Account: account})
				if want := (Erased{Automations: 1, Runs: 400, Messages: 400}); err == nil || got != want {
					t.Errorf("Erase = %+v, %v; want %+v and an error", got, err, want)
				}
				r.countsAre(runs.Counts{runs.Scheduled: 600})
				cancel()
				r.erases(Erased{Runs: 600, Messages: 600}, runs.Erasure{Account: account})
			})
		})
	}
}
