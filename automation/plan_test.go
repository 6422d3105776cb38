package automation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// O6, R1: one run for each action of each automation that matches, in order.
func TestEventMakesARunForEachAction(t *testing.T) {
	workflow, other, later := rule(automation.Body{}, automation.Body{}), rule(), rule()
	workflow.Actions[1].Delay = 36 * time.Hour
	workflow.Actions[1].Push.URL = "http://hooks.example/second"
	other.ID, other.Trigger.Types = "aut_2", []string{"contact.created"}
	later.ID, later.Actions[0].Delay = "aut_3", time.Minute
	later.Actions[0].Push.Retry = runs.Policy{Schedule: []time.Duration{time.Second, time.Hour}}

	planned := plan(t, tagAdded(), nil, workflow, other, later)
	body, err := tagAdded().Encode()
	if err != nil {
		t.Fatal(err)
	}
	run := runs.Run{
		Account: "acct_1", Event: "evt_1", EventType: "contact.tag.added", Message: body,
		Respondent: runs.Respondent{ID: "905511", FirstName: "Noor", LastName: "Lindqvist", Email: "noor@lindqvist.example"},
	}
	var want []automation.Planned
	for _, w := range []struct {
		automation, action, url string
		delay                   time.Duration
	}{
		{"aut_1", "1", "https://hooks.example/in", 0},
		{"aut_1", "2", "http://hooks.example/second", 36 * time.Hour},
		{"aut_3", "1", "https://hooks.example/in", time.Minute + time.Second},
	} {
		run.Automation, run.Action, run.URL = w.automation, w.action, w.url
		run.ID = planned[len(want)].Run.ID // see TestRunIDFollowsFromWhatTheRunIsAbout
		want = append(want, automation.Planned{Run: run, Delay: w.delay})
	}
	if diff := cmp.Diff(want, planned); diff != "" {
		t.Errorf("planned (-want +got):\n%s", diff)
	}
}

// O2, O3, O6: each step of a workflow is a run of its own, with its own delay, URL and body, in order of the steps.
func TestWorkflowMakesARunForEachStep(t *testing.T) {
	a := rule(selection("contact.email"), automation.Body{Form: automation.Thin}, automation.Body{})
	for i, step := range []struct {
		delay time.Duration
		url   string
	}{{48 * time.Hour, "https://mail.example/[ID_RESPONDENT]"}, {0, "https://crm.example/in"}, {time.Minute, "https://mail.example/[tag__id]?e=[EMAIL]"}} {
		a.Actions[i].Delay, a.Actions[i].Push.URL = step.delay, step.url
	}
	const head, tail = `{"type":"contact.tag.added","data":`, `,"account":{"id":"acct_1","email":""},"created_at":"2026-03-14T09:26:53+00:00"}`
	type made struct {
		Action, URL, Message string
		Delay                time.Duration
	}
	var got []made
	ids := map[string]bool{}
	for _, p := range plan(t, tagAdded(), nil, a) {
		got = append(got, made{p.Run.Action, p.Run.URL, string(p.Run.Message), p.Delay})
		ids[p.Run.ID] = true
	}
	want := []made{
		{"1", "https://mail.example/905511", head + `{"contact__email":"noor@lindqvist.example"}` + tail, 48 * time.Hour},
		{"2", "https://crm.example/in", head + `{"event_id":"evt_1","contact":{"id":905511},"tag":{"id":3302}}` + tail, 0},
		{"3", "https://mail.example/3302?e=noor%40lindqvist.example", message(t, tagAdded(), nil, automation.Body{}), time.Minute},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(ids) != 3 {
		t.Errorf("%d ids; runs (-want +got):\n%s", len(ids), diff)
	}
}

func TestEventThatNoAutomationWantsMakesNoRun(t *testing.T) {
	foreign, gone, unwanted := rule(), rule(), rule()
	foreign.Account, gone.Deleted, unwanted.Trigger.Types = "acct_2", true, []string{"customer.*"}
	gone.RecordDisabled = true
	for name, a := range map[string]automation.Automation{"of another account": foreign, "deleted": gone, "of another trigger": unwanted} {
		if planned := plan(t, tagAdded(), nil, a); len(planned) != 0 {
			t.Errorf("an automation %s made %d runs", name, len(planned))
		}
	}
}

// O5.
func TestDisabledAutomationMakesRunsOnlyToBeHeld(t *testing.T) {
	a := rule()
	a.Disabled = &automation.Disabled{Reason: automation.ByGone}
	if planned := plan(t, tagAdded(), nil, a); len(planned) != 0 {
		t.Errorf("a disabled automation made %d runs", len(planned))
	}
	a.RecordDisabled = true
	held := plan(t, tagAdded(), nil, a)
	if len(held) != 1 || held[0].Run.Held != runs.HoldDisabled {
		t.Fatalf("a recording disabled automation planned %+v; want one held run", held)
	}
	a.Disabled = nil
	enabled := plan(t, tagAdded(), nil, a)
	if enabled[0].Run.Held != "" || enabled[0].Run.ID != held[0].Run.ID {
		t.Errorf("enabled, it planned %q held %q; want run %q not held", enabled[0].Run.ID, enabled[0].Run.Held, held[0].Run.ID)
	}
}

// An automation that a later version of the library saved may have actions that this one does not know.
func TestActionOfUnknownKindIsLeftOut(t *testing.T) {
	a := rule(automation.Body{}, automation.Body{})
	a.Actions[0].Push = nil
	planned := plan(t, tagAdded(), nil, a)
	if len(planned) != 1 || planned[0].Run.Action != "2" {
		t.Errorf("planned %+v; want a run of action 2 alone", planned)
	}
}

func runID(t *testing.T, account, event, automationID, action string) string {
	t.Helper()
	ev := tagAdded()
	ev.ID, ev.Account.ID = event, account
	a := rule()
	a.ID, a.Account, a.Actions[0].ID = automationID, account, action
	return plan(t, ev, nil, a)[0].Run.ID
}

// R6: publishing an event again finds the run that it made.
func TestRunIDFollowsFromWhatTheRunIsAbout(t *testing.T) {
	const stored = "run_20wpp4qgvnpwpfk6818g69c8pd" // stores hold such ids: it must never change
	if got := runID(t, "acct_1", "evt_1", "aut_1", "1"); got != stored {
		t.Errorf("run id is %s, want %s", got, stored)
	}
	seen := map[string][]string{}
	for _, about := range [][]string{
		{"acct_1", "evt_1", "aut_1", "1"}, {"acct_2", "evt_1", "aut_1", "1"}, {"acct_1", "evt_2", "aut_1", "1"},
		{"acct_1", "evt_1", "aut_2", "1"}, {"acct_1", "evt_1", "aut_1", "2"},
		{"acct_1e", "vt_1", "aut_1", "1"}, {"acct_1", "evt_1a", "ut_1", "1"}, {"acct_1", "evt_1", "aut_11", ""}, // parts run together
	} {
		id := runID(t, about[0], about[1], about[2], about[3])
		if seen[id] != nil {
			t.Errorf("%q and %q have one run id", seen[id], about)
		}
		seen[id] = about
	}
}

// O7: the run's id is the webhook-id, and what is signed is parted by full stops.
func TestRunIDCanBeSigned(t *testing.T) {
	signer, err := signature.NewSigner(secret(t, canarySecret))
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{"evt_1", "evt_01hqzx3k9v8m2n4p6r7s5t0w1y", "a.b", "ä\x00", strings.Repeat("x", 10000)} {
		id := runID(t, "acct.1", event, "aut.1", "1")
		if _, err := signer.Sign(id, happened, nil); err != nil || strings.Contains(id, ".") || len(id) != len("run_")+26 {
			t.Errorf("event %.20q: run id %q: %v", event, id, err)
		}
	}
}

func TestRunIDKeepsTheTimeOfADrawnEventID(t *testing.T) {
	for event, kept := range map[string]bool{
		"evt_01hqzx3k9v8m2n4p6r7s5t0w1y":  true,
		"evt_01hqzx3k9v8m2n4p6r7s5t0w1":   false,
		"evt_01hqzx3k9v8m2n4p6r7s5t0w1y0": false,
		"evt_01hqzx3k9v8m2n4p6r7s5t0w1u":  false, // no u in the alphabet
		"EVT_01hqzx3k9v8m2n4p6r7s5t0w1y":  false,
	} {
		if got := runID(t, "acct_1", event, "aut_1", "1"); strings.HasPrefix(got, "run_01hqzx3k9v") != kept {
			t.Errorf("%s: run id %s keeps the time: want %v", event, got, kept)
		}
	}
}

// E3, S7: what cannot be sent whole makes no run, whatever part of it an automation selects, and no filter takes it for what it
// does not concern.
func TestMalformedEventIsRefused(t *testing.T) {
	broken, other := tagAdded(), tagAdded()
	broken.Type, broken.Data = "shop.order.paid", events.Raw{Name: "shop.order.paid", JSON: []byte(`{"total":`)}
	other.Type = "contact.tag.removed"
	filtered := rule()
	filtered.Trigger.Filter = &automation.Condition{Field: "total", Op: automation.Equals, Value: 1}
	for name, a := range map[string]automation.Automation{
		"whole": rule(), "selected": rule(selection("total")), "thin": rule(automation.Body{Form: automation.Thin}), "filtered": filtered,
	} {
		a.Trigger.Types = []string{"*"}
		for _, ev := range []events.Event{broken, other} {
			if planned, err := automation.Plan(ev, []automation.Automation{a}, nil); !errors.Is(err, automation.ErrMalformed) || planned != nil {
				t.Errorf("%s: %s makes %d runs, %v; want %v", name, ev.Type, len(planned), err, automation.ErrMalformed)
			}
		}
	}
}

func TestIncompleteEventIsRefused(t *testing.T) {
	for name, edit := range map[string]func(*events.Event){
		"no id":      func(ev *events.Event) { ev.ID = "" },
		"no time":    func(ev *events.Event) { ev.CreatedAt = events.Time{} },
		"no account": func(ev *events.Event) { ev.Account.ID = "" },
		"no type":    func(ev *events.Event) { ev.Type = "" },
		"no data":    func(ev *events.Event) { ev.Data = nil },
	} {
		ev := tagAdded()
		edit(&ev)
		if planned, err := automation.Plan(ev, []automation.Automation{rule()}, nil); !errors.Is(err, automation.ErrIncomplete) || planned != nil {
			t.Errorf("%s: got %d runs, %v; want %v", name, len(planned), err, automation.ErrIncomplete)
		}
	}
}

func TestEventThatCannotBeEncodedIsRefused(t *testing.T) {
	for name, ev := range map[string]events.Event{"no JSON": raw(`{"a":`), "another type's data": tagAdded()} {
		if name == "another type's data" {
			ev.Type = "contact.tag.removed"
		}
		if planned, err := automation.Plan(ev, []automation.Automation{rule()}, nil); err == nil || planned != nil {
			t.Errorf("%s: got %d runs, %v; want an error", name, len(planned), err)
		}
	}
}

// TestPlanIsPure plans random events for random automations twice, the second time from copies of its own.
func TestPlanIsPure(t *testing.T) {
	for seed := range uint64(300) {
		inputs := func() (events.Event, []automation.Automation, map[string]string) {
			r := rand.New(rand.NewPCG(seed, 1))
			automations := make([]automation.Automation, r.IntN(8))
			for i := range automations {
				automations[i] = randomAutomation(r, i)
			}
			return randomEvent(r), automations, map[string]string{"101": "guide", "7": "q_102"}
		}
		ev, automations, data := inputs()
		first, err1 := automation.Plan(ev, automations, data)
		again, err2 := automation.Plan(ev, automations, data)
		if err1 != nil || err2 != nil || !reflect.DeepEqual(first, again) {
			t.Fatalf("seed %d: planned again, it differs: %v, %v\n%s", seed, err1, err2, cmp.Diff(first, again))
		}
		ev2, automations2, data2 := inputs()
		if third, err := automation.Plan(ev2, automations2, data2); err != nil || !reflect.DeepEqual(first, third) {
			t.Fatalf("seed %d: from equal inputs, it differs: %v\n%s", seed, err, cmp.Diff(first, third))
		}
		if !reflect.DeepEqual(automations, automations2) || !reflect.DeepEqual(data, data2) || !reflect.DeepEqual(ev, ev2) {
			t.Fatalf("seed %d: Plan changed what it was given", seed)
		}
		ids := map[string]bool{}
		for _, p := range first {
			ids[p.Run.ID] = true
		}
		if len(ids) != len(first) {
			t.Fatalf("seed %d: %d runs have %d ids", seed, len(first), len(ids))
		}
	}
}

func randomEvent(r *rand.Rand) events.Event {
	s := response()
	s.Survey.Anonymous = r.IntN(2) == 0
	ev := []events.Event{tagAdded(), identified(s), raw(subject), raw(fmt.Sprintf(`[%d]`, r.Int()))}[r.IntN(4)]
	ev.ID = fmt.Sprint("evt_", r.Int())
	ev.Extra = map[string]json.RawMessage{"b": json.RawMessage("1"), "a": json.RawMessage(`"x"`)}
	return ev
}

func randomAutomation(r *rand.Rand, i int) automation.Automation {
	bodies := []automation.Body{
		{}, {Form: automation.Selected}, {Form: automation.Selected, Labels: automation.Data}, selection("7", "gone", "101"), selection("tag.name", "s"),
		{Form: automation.Thin},
	}
	r.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	a := rule(bodies[:1+r.IntN(len(bodies))]...)
	a.ID = fmt.Sprint("aut_", i)
	a.Trigger.Types = []string{[]string{"*", "contact.*", "survey.*", "parcel.sent"}[r.IntN(4)]}
	a.RecordDisabled = r.IntN(2) == 0
	if r.IntN(4) == 0 {
		a.Disabled = &automation.Disabled{Reason: automation.ByUser}
	}
	if r.IntN(2) == 0 {
		ops := []automation.Op{automation.Exists, automation.NotEquals, automation.Contains}
		a.Trigger.Filter = &automation.Condition{Field: []string{"s", "tag.name", "101"}[r.IntN(3)], Op: ops[r.IntN(3)], Value: "ing"}
	}
	for i := range a.Actions {
		a.Actions[i].Delay = time.Duration(r.Int64N(int64(time.Hour)))
		a.Actions[i].Push.URL += []string{"", "/[EMAIL]", "?[tag__name]&[L1]"}[r.IntN(3)]
		a.Actions[i].Push.Body.Variables = slices.Clone(a.Actions[i].Push.Body.Variables)
	}
	return a
}
