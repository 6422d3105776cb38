package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/runs"
)

const surveyCompleted = "survey.response.completed"

// TestError is a test that did not succeed, of one action.
type TestError struct {
	Action  string
	Attempt runs.Attempt
}

// Error says which action, what came of its test, and what to do.
func (e *TestError) Error() string {
	return fmt.Sprintf("test action %q: %s: mend the endpoint or its URL, or save without a test", e.Action, e.Attempt.Detail)
}

// ErrIncoming is returned by [Dispatcher.Test] of an incoming automation.
var ErrIncoming = errors.New("test automation: an incoming one calls nobody: use DryRun, or send it a test request")

// Test sends a signed sample of one event type, with the action's own selection and labels, to its push URL, through the
// same guard and sender as every run, and returns the attempt: whether it succeeded is [runs.Attempt.OK], not the error. It
// creates no run, and the sample need not pass the filter. Its webhook-id begins with "test_".
//
// The automation need not be saved; its first action is "1" where it has no id. The type has to be one of the catalogue
// that it is triggered by, "" being the first of them.
//
// A success enables an automation that its rule or a 410 had disabled, when it is passed as it is saved.
func (d *Dispatcher) Test(ctx context.Context, a automation.Automation, action, eventType string) (runs.Attempt, error) {
	a = complete(a)
	known, err := d.known(ctx, a)
	if err != nil {
		return runs.Attempt{}, err
	}
	if err := a.Validate(known); err != nil {
		return runs.Attempt{}, err
	}
	attempt, err := d.test(ctx, a, action, eventType)
	if err != nil || !attempt.OK() {
		return attempt, err
	}
	return attempt, d.comeBack(ctx, a)
}

// comeBack enables an automation that failures had disabled, after a test of just what is saved (SPEC O12).
func (d *Dispatcher) comeBack(ctx context.Context, a automation.Automation) error {
	if a.Version == 0 || a.Enabled() || a.Disabled.Reason == automation.ByUser || a.Disabled.Reason == automation.ByUnreadable {
		return nil
	}
	saved, err := d.Automation(ctx, a.Account, a.ID)
	if err != nil || saved.Version != a.Version || !same(a, saved) {
		return err
	}
	a.Disabled = nil
	_, err = d.save(ctx, a)
	return err
}

// same tells whether two automations would be stored alike.
func same(a, b automation.Automation) bool {
	x, errX := automation.Marshal(a)
	y, errY := automation.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func (d *Dispatcher) testAll(ctx context.Context, a automation.Automation) error {
	if a.Trigger.Incoming != nil {
		return nil // there is nothing to call; see DryRun
	}
	for _, act := range a.Actions {
		attempt, err := d.test(ctx, a, act.ID, "")
		if err != nil {
			return err
		}
		if !attempt.OK() {
			return &TestError{Action: act.ID, Attempt: attempt}
		}
	}
	return nil
}

func (d *Dispatcher) test(ctx context.Context, a automation.Automation, action, eventType string) (runs.Attempt, error) {
	act, ok := a.Action(action)
	switch {
	case a.Trigger.Incoming != nil:
		return runs.Attempt{}, ErrIncoming
	case !ok:
		return runs.Attempt{}, fmt.Errorf("test automation: it has no action %q: name one that it has, as %q", action, a.Actions[0].ID)
	}
	ev, err := d.sample(ctx, a, eventType)
	if err != nil {
		return runs.Attempt{}, err
	}
	saved, err := d.store.Labels(ctx, a.Account, ev.SurveyID())
	if err != nil {
		return runs.Attempt{}, err
	}
	a.Actions, a.Disabled = []automation.Action{act}, nil
	a.Trigger = automation.Trigger{Types: []string{ev.Type}} // the sample need not pass the filter
	planned, err := automation.Plan(ev, []automation.Automation{a}, saved.Labels)
	if err != nil {
		return runs.Attempt{}, fmt.Errorf("test automation: %w", err)
	}
	r, err := pushing(*act.Push)
	if err != nil {
		return runs.Attempt{}, fmt.Errorf("test automation: %w", err)
	}
	run := planned[0].Run
	run.ID = ev.ID // "test_…", so that a receiver can tell
	client := d.connect()
	defer client.Close()
	return r.attempt(ctx, client, run), nil
}

// sample returns an event of a type that the automation is triggered by.
func (d *Dispatcher) sample(ctx context.Context, a automation.Automation, eventType string) (events.Event, error) {
	for _, t := range d.options.Catalogue.Types() {
		if eventType != "" && t.Name != eventType || !a.Trigger.Wants(t.Name) {
			continue
		}
		ev, err := d.options.Catalogue.Decode(t.Sample)
		if err != nil {
			return ev, fmt.Errorf("test automation: sample of %q: %w", t.Name, err)
		}
		now := time.Now()
		ev.ID, ev.Account.ID, ev.CreatedAt = drawID("test_", now), a.Account, events.At(now.UTC().Truncate(time.Second))
		if t.Name == surveyCompleted && a.Trigger.Survey != "" && d.options.Variables != nil {
			vars, err := d.surveyVariables(ctx, a.Account, a.Trigger.Survey)
			if err != nil {
				return ev, err
			}
			ev.Data = sampleResponse(a.Trigger.Survey, vars)
		}
		return ev, nil
	}
	if eventType == "" {
		return events.Event{}, fmt.Errorf("test automation: the catalogue has none of its event types, so there is no sample of %q: "+
			"correct them, add the type to Options.Catalogue, or save without a test", a.Trigger.Types)
	}
	return events.Event{}, fmt.Errorf("test automation: no type of the catalogue with a sample is %q and triggers it: choose one of its event types", eventType)
}

// sampleResponse returns a response to the host's own survey, in which every variable has a text for a value.
func sampleResponse(survey string, vars []labels.Variable) events.SurveyResponseCompleted {
	email := "respondent@example.com"
	first, last := "Sample", "Respondent"
	r := events.SurveyResponseCompleted{
		Survey:     events.Survey{ID: survey, Name: "Sample"},
		Respondent: &events.SurveyRespondent{ID: "0", FirstName: first, LastName: last, Email: email, Language: "en"},
	}
	for _, v := range vars {
		text := "Sample answer"
		value, _ := json.Marshal(text) // a string cannot fail
		answer := events.Answer{VariableID: v.ID, Type: "text", Value: value, Text: &text}
		switch v.Kind {
		case labels.Question:
			r.Answers = append(r.Answers, answer)
		case labels.Background:
			r.Background = append(r.Background, answer)
		}
	}
	return r
}
