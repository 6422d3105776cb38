package storetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

func entry(id string) store.Entry {
	return store.Entry{Planned: automation.Planned{Run: runs.Run{ID: id, Account: "acct_1", Automation: "auto_1", Message: []byte(id)}}}
}

// held is a run of an automation that was saved with a rate, so that it is born held.
var held = store.Entry{Planned: automation.Planned{Run: runs.Run{ID: "run_c", Account: "acct_1", Automation: "auto_2", Message: []byte("run_c")}}}

// calls call each method once, in an order in which each has something to do.
var calls = []struct {
	verb string
	call func(context.Context, store.Store) error
}{
	{"Put", func(ctx context.Context, st store.Store) error {
		_, err := st.Put(ctx, []automation.Automation{{ID: "auto_1", Account: "acct_1"}, {ID: "auto_2", Account: "acct_1", Limits: automation.Limits{PerSecond: 1}}})
		return err
	}},
	{"SetLabels", func(ctx context.Context, st store.Store) error {
		return st.SetLabels(ctx, []store.SurveyLabels{{Account: "acct_1", Survey: "s1", Labels: map[string]string{"q1": "age"}}})
	}},
	{"PutKeys", func(ctx context.Context, st store.Store) error {
		_, err := st.PutKeys(ctx, []store.Key{{ID: "key_a", Account: "acct_1", Automation: "auto_1", Hash: []byte("hash")}})
		return err
	}},
	{"MarkKeys", func(ctx context.Context, st store.Store) error {
		return st.MarkKeys(ctx, []store.KeyMark{{Account: "acct_1", ID: "key_a", Used: true}})
	}},
	{"Keys", func(ctx context.Context, st store.Store) error {
		_, err := st.Keys(ctx, "acct_1", "auto_1")
		return err
	}},
	{"Publish", func(ctx context.Context, st store.Store) error {
		_, err := st.Publish(ctx, []store.Entry{entry("run_a"), entry("run_b"), held})
		return err
	}},
	{"Claim", func(ctx context.Context, st store.Store) error {
		_, err := st.Claim(ctx, store.Lease{Max: 1, For: time.Hour})
		return err
	}},
	{"Settle", func(ctx context.Context, st store.Store) error {
		_, err := st.Settle(ctx, []store.Outcome{{Automation: "auto_1", Rule: &automation.DisableRule{FailedRuns: 1}, Result: runs.Result{
			ID: "run_a", Seq: 1, Fence: 1, Status: runs.Failed, Attempt: &runs.Attempt{StatusCode: 500, Class: runs.ClassStatus},
		}}})
		return err
	}},
	{"ClaimNotices", func(ctx context.Context, st store.Store) error {
		_, _, err := st.ClaimNotices(ctx, store.Lease{Max: 1, For: time.Minute})
		return err
	}},
	{"SettleNotices", func(ctx context.Context, st store.Store) error {
		return st.SettleNotices(ctx, []store.Notice{{Transition: automation.Transition{Automation: "auto_1", Change: automation.Disabling}, Count: 1, Fence: 1}}, time.Hour)
	}},
	{"Flow", func(ctx context.Context, st store.Store) error {
		return st.Flow(ctx, []store.Flow{{Automation: "auto_2", Hold: runs.HoldSlow, Pause: time.Minute}})
	}},
	{"Changes", func(ctx context.Context, st store.Store) error { _, err := st.Changes(ctx, ""); return err }},
	{"Labels", func(ctx context.Context, st store.Store) error { _, err := st.Labels(ctx, "acct_1", "s1"); return err }},
	{"List", func(ctx context.Context, st store.Store) error {
		_, err := st.List(ctx, runs.Filter{}, "", 9)
		return err
	}},
	{"Get", func(ctx context.Context, st store.Store) error { _, err := st.Get(ctx, "acct_1", "run_a"); return err }},
	{"Count", func(ctx context.Context, st store.Store) error { _, err := st.Count(ctx, runs.Filter{}); return err }},
	{"Accounts", func(ctx context.Context, st store.Store) error { _, err := st.Accounts(ctx, "", 9); return err }},
	{"PruneKeys", func(ctx context.Context, st store.Store) error {
		_, err := st.PruneKeys(ctx, "acct_1", []string{"auto_1"}, -time.Hour)
		return err
	}},
	{"Prune", func(ctx context.Context, st store.Store) error {
		_, err := st.Prune(ctx, "acct_1", -time.Hour, 0, 1)
		return err
	}},
	{"Replay", func(ctx context.Context, st store.Store) error {
		_, err := st.Replay(ctx, runs.Filter{}, 0, 9)
		return err
	}},
	{"Erase", func(ctx context.Context, st store.Store) error {
		_, err := st.Erase(ctx, runs.Erasure{Account: "acct_1"}, 0, 9)
		return err
	}},
	{"Delete", func(ctx context.Context, st store.Store) error { return st.Delete(ctx, "acct_1", []string{"auto_1"}) }},
}

// content is all that a store holds, as text.
func content(t *testing.T, st store.Store) string {
	t.Helper()
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	page, err := st.List(t.Context(), runs.Filter{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := st.Changes(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	notices, next, err := st.ClaimNotices(t.Context(), store.Lease{Max: 100, For: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := st.Claim(t.Context(), store.Lease{})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := st.Keys(t.Context(), "acct_1", "auto_1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent([]any{page, changes.Automations, changes.Health, changes.Labels, changes.Mark, keys, notices, next, claimed.Held}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// upTo returns a store on which the calls before the nth were made.
func upTo(t *testing.T, n int) *memory.Store {
	t.Helper()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	st := memory.Options{Now: func() time.Time { return now }}.New()
	for _, c := range calls[:n] {
		if err := c.call(t.Context(), st); err != nil {
			t.Fatalf("%s: %v", c.verb, err)
		}
	}
	return st
}

func TestFaultIsBeforeOrAfterTheEffect(t *testing.T) {
	for n, c := range calls {
		for fault, want := range map[storetest.Fault]store.Store{storetest.Before: upTo(t, n), storetest.After: upTo(t, n+1)} {
			under := upTo(t, n)
			st := &storetest.Faulty{Store: under, Fail: func(verb string, n int) storetest.Fault {
				if verb != c.verb || n != 1 {
					t.Errorf("asked about call %d of %s, want the first of %s", n, verb, c.verb)
				}
				return fault
			}}
			if err := c.call(t.Context(), st); !errors.Is(err, storetest.ErrFault) {
				t.Errorf("%s with fault %d: error %v, want storetest.ErrFault", c.verb, fault, err)
			}
			if diff := cmp.Diff(content(t, want), content(t, under)); diff != "" {
				t.Errorf("content after %s with fault %d (-want +got):\n%s", c.verb, fault, diff)
			}
		}
	}
}

func TestFaultHitsTheCallThatItIsMeantFor(t *testing.T) {
	st := &storetest.Faulty{Store: memory.New(), Fail: func(verb string, n int) storetest.Fault {
		if verb == "Publish" && n == 3 {
			return storetest.After
		}
		return storetest.NoFault
	}}
	for n := 1; n <= 5; n++ {
		_, err := st.Publish(t.Context(), []store.Entry{entry(fmt.Sprint("run_", n))})
		if errors.Is(err, storetest.ErrFault) != (n == 3) {
			t.Errorf("Publish, call %d: error %v", n, err)
		}
		if _, err := st.Count(t.Context(), runs.Filter{}); err != nil {
			t.Errorf("Count: %v", err)
		}
	}
	if n := st.Calls("Publish"); n != 5 {
		t.Errorf("Calls says %d, want 5", n)
	}
	if page, err := st.List(t.Context(), runs.Filter{}, "", 9); len(page.Runs) != 5 {
		t.Errorf("%d runs, error %v; want 5: the fault came after the effect", len(page.Runs), err)
	}
}

func TestErrorsOfTheStoreComeThrough(t *testing.T) {
	st := &storetest.Faulty{Store: memory.New(), Fail: func(string, int) storetest.Fault { return storetest.After }}
	if _, err := st.Get(t.Context(), "acct_1", "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of a run that is not there: error %v, want store.ErrNotFound", err)
	}
}

// A test of one's own code against a store that goes away.
func ExampleFaulty() {
	st := &storetest.Faulty{Store: memory.New(), Fail: func(verb string, n int) storetest.Fault {
		if verb == "Publish" && n == 1 {
			return storetest.After // stored, but the publisher does not get to know
		}
		return storetest.NoFault
	}}
	for range 2 {
		created, err := st.Publish(context.Background(), []store.Entry{entry("run_1")})
		fmt.Println(len(created), err)
	}
	fmt.Println(storetest.Check(context.Background(), st))
	// Output:
	// 0 Publish: fault of the test after its effect
	// 0 <nil>
	// <nil>
}
