package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook"
)

const (
	account = "acct_harbour" // the customer
	survey  = "sv_214"       // one of the customer's surveys
)

// contacts sends whatever happens to a contact, whole.
func contacts(push automation.Push) automation.Automation {
	return automation.Automation{
		Account: account,
		Name:    "Contacts to the CRM",
		Trigger: automation.Trigger{Types: []string{"contact.*"}},
		Actions: []automation.Action{{Push: &push}},
	}
}

// answers sends some of a survey's variables: those with a data label under it, the rest under their automatic labels.
func answers(push automation.Push) automation.Automation {
	push.Body = automation.Body{
		Form:      automation.Selected,
		Variables: []string{"q101", "q104", "q105", "b7"},
		Labels:    automation.Data,
	}
	return automation.Automation{
		Account: account,
		Name:    "Answers to the dashboard",
		Trigger: automation.Trigger{Types: []string{"survey.response.completed"}, Survey: survey},
		Actions: []automation.Action{{Push: &push}},
	}
}

func dataLabels() map[string]string {
	return map[string]string{"q101": "tour", "q104": "rating", "b7": "season"}
}

// automate saves both automations. Save sends the receiver a signed sample first, and creates no automation whose test
// fails, so the receiver has to know its secret by then.
func (h *host) automate(ctx context.Context) ([]automation.Automation, error) {
	if _, err := h.SetLabels(ctx, account, survey, dataLabels()); err != nil {
		return nil, err
	}
	var saved []automation.Automation
	for _, each := range []struct {
		path string
		of   func(automation.Push) automation.Automation
	}{{"/contacts", contacts}, {"/answers", answers}} {
		push, err := h.push(each.path)
		if err != nil {
			return nil, err
		}
		a, err := h.Save(ctx, each.of(push), webhook.SaveOptions{})
		if err != nil {
			return nil, err
		}
		saved = append(saved, a)
	}
	return saved, nil
}

// push returns a push to a path of the receiver, which trusts it. For those who watch it is impatient: the default is
// 10 s for an answer, and ten attempts in about 75 hours.
func (h *host) push(path string) (automation.Push, error) {
	secret := webhook.NewSecret()
	return automation.Push{
		URL:       h.receiver.url + path,
		AllowHTTP: true, // only here: a customer's URL is https
		Secrets:   automation.Secrets{secret},
		Timeout:   time.Second,
		Retry:     runs.Policy{Schedule: []time.Duration{0, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond}},
	}, h.receiver.trust(path, secret)
}

// variables returns the variables of a survey: a host reads them from its database, this one from the sample.
func variables(_ context.Context, owner, id string) ([]labels.Variable, error) {
	t, _ := events.Standard().Lookup(events.SurveyResponseCompleted{}.EventType())
	var vars []labels.Variable
	if owner != account || id != survey {
		return nil, fmt.Errorf("account %q has no survey %q: create it first", owner, id)
	}
	for _, v := range t.Variables() {
		vars = append(vars, v.Variable)
	}
	return vars, nil
}
