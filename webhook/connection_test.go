package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// O4: creating an automation takes a successful test of each action; one that fails is told, and nothing is saved.
func TestCreatingTakesASuccessfulTest(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		second := *a.Actions[0].Push
		second.URL = hook + "/second"
		a.Actions = append(a.Actions, automation.Action{Push: &second})
		r.net.set(second.URL, answers(500))
		_, err := r.Save(context.Background(), a, SaveOptions{})
		var failed *TestError
		if !errors.As(err, &failed) || failed.Action != "2" || failed.Attempt.StatusCode != 500 {
			r.Fatalf("Save: %v, want the failed test of action 2", err)
		}
		r.savedAre()
		r.countsAre(runs.Counts{})
		r.net.set(second.URL, answers(200))
		saved, err := r.Save(context.Background(), a, SaveOptions{})
		if err != nil {
			r.Fatal(err)
		}
		if n := len(r.net.at("")); n != 4 {
			r.Errorf("%d requests, want one an action and Save", n)
		}
		r.net.set(hook, answers(500))
		saved.Name = "Changed"
		if _, err := r.Save(context.Background(), saved, SaveOptions{}); err != nil || len(r.net.at("")) != 4 {
			r.Errorf("replacing one tests it: %v", err)
		}
		r.countsAre(runs.Counts{})
	})
}

// O4: a test that gets no answer is told too, within the timeout.
func TestConnectionTestEndsWithItsTimeout(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, hangs)
		got, err := r.Test(context.Background(), anAutomation(hook), "1", "")
		if err != nil || got.Class != runs.ClassTimeout || got.Duration != 10*time.Second {
			r.Errorf("Test: %+v, %v", got, err)
		}
	})
}

// O4: the test sends a signed sample of the chosen event to the action, whether or not its filter takes the sample and the
// automation is enabled, and makes no run.
func TestConnectionTestSendsASignedSample(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		a.Trigger.Filter = &automation.Condition{Field: "tag.name", Op: automation.Equals, Value: "no sample has it"}
		a.Disabled = &automation.Disabled{}
		secret := NewSecret()
		a.Actions[0].Push.Secrets = automation.Secrets{secret}
		got, err := r.Test(context.Background(), a, "1", "contact.webinar.registered")
		if err != nil || got.StatusCode != 204 || !got.At.Equal(r.begun) {
			r.Fatalf("Test: %+v, %v", got, err)
		}
		sent := r.net.at(hook)[0]
		verifier, err := signature.NewVerifier(secret)
		if err != nil {
			r.Fatal(err)
		}
		if err := verifier.Verify(sent.Header, []byte(sent.Body), time.Now()); err != nil {
			r.Errorf("the sample is not signed: %v", err)
		}
		ev, err := events.Decode([]byte(sent.Body))
		if err != nil || ev.Type != "contact.webinar.registered" || ev.Account.ID != account {
			r.Errorf("sent %q of account %q: %v", ev.Type, ev.Account.ID, err)
		}
		if err := events.Validate([]byte(sent.Body)); err != nil {
			r.Errorf("the sample is not valid: %v", err)
		}
		r.pass(time.Minute)
		r.countsAre(runs.Counts{})
		r.savedAre()
	})
}

// O4: every type of the catalogue that an automation may be triggered by can be tested.
func TestEveryTypeCanBeTested(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		a.Trigger.Types = []string{"*"}
		for _, each := range events.Standard().Types() {
			if got, err := r.Test(context.Background(), a, "1", each.Name); err != nil || !got.OK() {
				r.Errorf("test with %s: %+v, %v", each.Name, got, err)
			}
		}
	})
}

// O4: what cannot be tested is refused and sends nothing.
func TestConnectionTestRefusesWhatItCannotSend(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		valid, nameless := anAutomation(hook), anAutomation(hook)
		nameless.Name = ""
		unknown := anAutomation(hook)
		unknown.Trigger.Types = []string{"shop.opened"}
		for name, try := range map[string]func() (runs.Attempt, error){
			"an unknown action": func() (runs.Attempt, error) { return r.Test(context.Background(), valid, "2", "") },
			"a type that is not its": func() (runs.Attempt, error) {
				return r.Test(context.Background(), valid, "1", "customer.sale.completed")
			},
			"an unknown type":             func() (runs.Attempt, error) { return r.Test(context.Background(), valid, "1", "contact.opened") },
			"an invalid automation":       func() (runs.Attempt, error) { return r.Test(context.Background(), nameless, "1", "") },
			"a type without a sample":     func() (runs.Attempt, error) { return r.Test(context.Background(), unknown, "1", "") },
			"a type without one, by name": func() (runs.Attempt, error) { return r.Test(context.Background(), unknown, "1", "shop.opened") },
		} {
			if got, err := try(); err == nil {
				r.Errorf("testing %s: %+v", name, got)
			}
		}
		r.arrivedOnce("", 0)
	})
}

// dataOf returns the keys of a message's data in order.
func (r *rig) dataOf(a arrival) []string {
	r.Helper()
	var m struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(a.Body), &m); err != nil {
		r.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(m.Data))
	var keys []string
	for depth, isKey := 0, false; ; {
		t, err := d.Token()
		if err != nil {
			return keys
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
			isKey = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			isKey = depth == 1
			continue
		}
		if depth == 1 {
			if isKey {
				keys = append(keys, t.(string))
			}
			isKey = !isKey
		}
	}
}

// O4, S3, S4: the test sends what a run would: the selection in its order, under the labels that a run uses.
func TestConnectionTestUsesSelectionAndLabels(t *testing.T) {
	inBubble(t, surveyed, func(r *rig) {
		if _, err := r.SetLabels(context.Background(), account, "42", map[string]string{"q2": "woonplaats"}); err != nil {
			r.Fatal(err)
		}
		for _, labelling := range []automation.Labelling{automation.Automatic, automation.Data} {
			a := ofSurvey("42", "segment", "q2", "q1")
			a.Actions[0].Push.Body.Labels = labelling
			a.Actions[0].Push.URL = hook + "/" + string(labelling)
			if _, err := r.Test(context.Background(), a, "1", ""); err != nil {
				r.Fatal(err)
			}
			r.save(a)
		}
		answer := func(id string) events.Answer {
			return events.Answer{VariableID: id, Type: "text", Value: json.RawMessage(`"x"`)}
		}
		r.publishes(events.New(account, events.SurveyResponseCompleted{
			Survey:     events.Survey{ID: "42", Name: "Customers"},
			Answers:    []events.Answer{answer("q1"), answer("q2")},
			Background: []events.Answer{answer("segment")},
		}))
		r.pass(time.Second)
		for url, want := range map[string][]string{
			hook + "/":     {"b_segment", "q_q2", "q_q1"},
			hook + "/data": {"b_segment", "woonplaats", "q_q1"},
		} {
			sent := r.net.at(url)
			if len(sent) != 2 {
				r.Fatalf("%d requests to %s, want the test and the run", len(sent), url)
			}
			for i, what := range []string{"test", "run"} {
				if diff := cmp.Diff(want, r.dataOf(sent[i])); diff != "" {
					r.Errorf("labels of the %s (-want +got):\n%s", what, diff)
				}
			}
		}
	})
}

// S3, S4, S5: data labels of a survey are read and set; a violation is told with its rule and changes nothing.
func TestSetLabelsTakesAllOrNone(t *testing.T) {
	inBubble(t, surveyed, func(r *rig) {
		ctx := context.Background()
		set, err := r.SetLabels(ctx, account, "42", map[string]string{"q1": "leeftijd"})
		if err != nil {
			r.Fatal(err)
		}
		if got, _ := set.Data("q1"); got != "leeftijd" {
			r.Errorf("label is %q", got)
		}
		_, err = r.SetLabels(ctx, account, "42", map[string]string{"q2": "plaats", "segment": "leeftijd", "q1_o1": "jong", "q9": "x", "q1": "a b"})
		var all labels.Errors
		if !errors.As(err, &all) {
			r.Fatalf("SetLabels: %v, want labels.Errors", err)
		}
		var refused []string
		for _, e := range all {
			refused = append(refused, e.Variable)
		}
		slices.Sort(refused)
		if diff := cmp.Diff([]string{"q1", "q1_o1", "q9"}, slices.DeleteFunc(refused, func(id string) bool { return id == "segment" })); diff != "" {
			r.Errorf("refused (-want +got):\n%s", diff)
		}
		set, err = r.Labels(ctx, account, "42")
		if err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"q1": "leeftijd"}, set.Stored()); diff != "" {
			r.Errorf("labels after the refused edit (-want +got):\n%s", diff)
		}
	})
}

// Without the host's surveys there are no labels, and it says so.
func TestLabelsNeedTheHostsVariables(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		if _, err := r.Labels(context.Background(), account, "42"); !errors.Is(err, ErrNoVariables) {
			r.Errorf("Labels: %v, want ErrNoVariables", err)
		}
		if _, err := r.SetLabels(context.Background(), account, "42", nil); !errors.Is(err, ErrNoVariables) {
			r.Errorf("SetLabels: %v, want ErrNoVariables", err)
		}
	})
}
