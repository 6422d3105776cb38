package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// variablesOf is where a host looks up the variables of a survey.
func variablesOf(_ context.Context, _, _ string) ([]labels.Variable, error) {
	return []labels.Variable{
		{ID: "12", Kind: labels.Question, Name: "What do you earn?"},
		{ID: "segment", Kind: labels.Background, Name: "Segment"},
	}, nil
}

// Some answers to one survey, under the customer's own names, to a receiver that verifies as GitHub's do.
func ExampleDispatcher_Save() {
	ctx := context.Background()
	d, err := webhook.NewDispatcher(memory.New(), webhook.Options{Variables: variablesOf})
	if err != nil {
		panic(err)
	}
	if _, err := d.SetLabels(ctx, "acct_1", "sur_1", map[string]string{"12": "income"}); err != nil {
		panic(err)
	}
	a, err := d.Save(ctx, automation.Automation{
		Account: "acct_1", Name: "Good incomes to the CRM",
		Trigger: automation.Trigger{
			Types: []string{"survey.response.completed"}, Survey: "sur_1",
			Filter: &automation.Condition{Field: "12", Op: automation.Greater, Value: 1000},
		},
		Actions: []automation.Action{{Push: &automation.Push{
			URL:     "https://crm.example/hook",
			Body:    automation.Body{Form: automation.Selected, Variables: []string{"12", "segment"}, Labels: automation.Data},
			Headers: map[string]string{"X-Team": "sales"},
			Schemes: []signature.Scheme{{Kind: signature.Standard}, {Kind: signature.GitHub}},
		}}},
		Limits: automation.Limits{PerSecond: 10, Ordered: true},
	}, webhook.SaveOptions{Untested: true})
	if err != nil {
		panic(err)
	}
	fmt.Println("secrets of action", a.Actions[0].ID, a.Actions[0].Push.Secrets) // Reveal shows one, to be given to the receiver

	for _, income := range []string{"900", "2100"} {
		made, err := d.Publish(ctx, events.New("acct_1", events.SurveyResponseCompleted{
			Survey:      events.Survey{ID: "sur_1", Name: "Incomes"},
			CompletedAt: events.At(time.Now()),
			Answers:     []events.Answer{{VariableID: "12", Type: "number", Value: json.RawMessage(income)}},
			Background:  []events.Answer{{VariableID: "segment", Type: "text", Value: json.RawMessage(`"vip"`)}},
		}))
		if err != nil {
			panic(err)
		}
		for _, run := range made {
			data, _ := events.Find(run.Message, "data")
			fmt.Println(income, string(data))
		}
	}
	a.Name = ""
	_, err = d.Save(ctx, a, webhook.SaveOptions{})
	fmt.Println(err)
	// Output:
	// secrets of action 1 [***]
	// 2100 {"income":2100,"b_segment":"vip"}
	// check automation: /name: name: it is empty: give it a name
}
