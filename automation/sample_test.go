package automation_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

var happened = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// identified returns an event of acct_1 as it is after it was published.
func identified(p events.Payload) events.Event {
	ev := events.New("acct_1", p)
	ev.ID, ev.CreatedAt = "evt_1", events.At(happened)
	return ev
}

func tagAdded() events.Event {
	return identified(events.TagAdded{
		Tag:     events.Tag{ID: "3302", Name: "Sailing course"},
		Contact: events.Contact{ID: "905511", Email: "noor@lindqvist.example", Fields: events.Fields{"first_name": "Noor", "surname": "Lindqvist"}},
	})
}

// raw returns an event of a type that the library does not know.
func raw(data string) events.Event {
	return identified(events.Raw{Name: "parcel.sent", JSON: json.RawMessage(data)})
}

// response returns the answers to a survey with two questions and one background variable.
func response() events.SurveyResponseCompleted {
	text := func(s string) *string { return &s }
	return events.SurveyResponseCompleted{
		Survey:      events.Survey{ID: "sv_214", Name: "After the harbour tour"},
		Respondent:  &events.SurveyRespondent{ID: "rsp_88", FirstName: "Ewa", LastName: "Zielińska", Email: "ewa@zielinska.example", Language: "pl"},
		CompletedAt: events.At(happened),
		Answers: []events.Answer{
			{VariableID: "101", Type: "rating", Value: json.RawMessage("9007199254740993"), Text: text("9")},
			{VariableID: "102", Type: "multiple_choice", Value: json.RawMessage(`["tower","boat"]`), Text: text("Tower, Boat")},
		},
		Background: []events.Answer{{VariableID: "7", Type: "text", Value: json.RawMessage(`"spring"`), Text: text("Spring")}},
	}
}

// rule returns an automation with one push for each body, of the whole event if none is named.
func rule(bodies ...automation.Body) automation.Automation {
	if len(bodies) == 0 {
		bodies = []automation.Body{{}}
	}
	a := automation.Automation{ID: "aut_1", Account: "acct_1", Name: "Tell the harbour", Trigger: automation.Trigger{Types: []string{"*"}}}
	for i, body := range bodies {
		a.Actions = append(a.Actions, automation.Action{
			ID: string(rune('1' + i)), Push: &automation.Push{URL: "https://hooks.example/in", Body: body},
		})
	}
	return a
}

func plan(t testing.TB, ev events.Event, data map[string]string, automations ...automation.Automation) []automation.Planned {
	t.Helper()
	planned, err := automation.Plan(ev, automations, data)
	if err != nil {
		t.Fatal(err)
	}
	return planned
}

// message returns what a push with this body sends.
func message(t testing.TB, ev events.Event, data map[string]string, body automation.Body) string {
	t.Helper()
	planned := plan(t, ev, data, rule(body))
	if len(planned) != 1 {
		t.Fatalf("%d runs were planned, want 1", len(planned))
	}
	return string(planned[0].Run.Message)
}

func secret(t testing.TB, text string) signature.Secret {
	t.Helper()
	s, err := signature.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// canarySecret is a key that must never be shown.
const canarySecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
