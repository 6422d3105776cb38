package automation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/tenterhook/tenterhook/automation"
)

// bookings invites guests two days after they left.
func bookings() automation.Automation {
	return automation.Automation{
		ID: "aut_1", Account: "acct_1", Name: "After the stay",
		Trigger: automation.Trigger{
			Survey: "sv_214",
			Filter: &automation.Condition{Field: "nights", Op: automation.Greater, Value: 1},
			Incoming: &automation.Incoming{Fields: []automation.Field{
				{Name: "guest.email", Type: automation.TypeEmail, Required: true},
				{Name: "nights", Type: automation.TypeNumber, Variable: "7"},
			}},
		},
		Actions: []automation.Action{{ID: "1", Delay: 48 * time.Hour, Invite: &automation.Invite{
			Recipient: "guest.email", Template: automation.Template{ID: "msg_1"},
		}}},
	}
}

func ExampleAutomation_Take() {
	for _, data := range []string{
		`{"guest":{"email":"ewa@zielinska.example"},"nights":"3"}`,
		`{"guest":{"email":"ewa@zielinska.example"},"nights":1}`,
		`{"guest":{"email":"Ewa"},"nights":"three"}`,
	} {
		taken, err := bookings().Take(automation.Request{ID: "booking-1", JSON: json.RawMessage(data)})
		if refused, ok := errors.AsType[*automation.RequestError](err); ok {
			for _, v := range refused.Violations {
				fmt.Println(v.Field, v.Message)
			}
			continue
		}
		if taken.Unmet != "" {
			fmt.Println("skipped:", taken.Unmet)
		}
		for _, p := range taken.Runs {
			fmt.Println("in", p.Delay, string(p.Run.Message))
		}
	}
	// Output:
	// in 48h0m0s {"account":"acct_1","survey":"sv_214","recipient":"ewa@zielinska.example","template":{"id":"msg_1"},"variables":[{"variable":"7","value":3}],"fields":{"guest.email":"ewa@zielinska.example","nights":3}}
	// skipped: the condition at /trigger/filter does not hold: "nights" is not greater than its value
	// /guest/email field "guest.email" is a text of another form: send one e-mail address in ASCII, as name@example.com
	// /nights field "nights" is a text of another form: send a number, or a text that is one, as 12.5
}

// A receiver keeps a Taker for each automation as it is saved.
func ExampleNewTaker() {
	taker := automation.NewTaker(bookings())
	for _, id := range []string{"booking-1", "booking-2", "booking-1"} {
		taken, err := taker.Take(automation.Request{ID: id, Values: url.Values{"guest.email": {"ewa@zielinska.example"}, "nights": {"3"}}})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(taken.Runs[0].Run.ID)
	}
	// Output:
	// run_rg4xj68smvg68c54zdq9fdhen3
	// run_3y4wwmxtc4h1tj7q3vhmfmev0q
	// run_rg4xj68smvg68c54zdq9fdhen3
}

func ExampleIncoming_Schema() {
	fmt.Println(string(bookings().Trigger.Incoming.Schema()))
	// Output:
	// {"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"guest":{"properties":{"email":{"format":"email","type":["string"]}},"required":["email"],"type":["object"]},"nights":{"pattern":"^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$","type":["number","string","null"]}},"required":["guest"],"type":["object"]}
}

func ExampleParseCall() {
	calls := automation.Automation{ID: "aut_2", Account: "acct_1", Name: "Calls", Trigger: automation.Trigger{
		Incoming: &automation.Incoming{URLWebhooks: true},
	}}
	parameters := url.Values{"id_survey": {"399793"}, "id_respondent": {"12345"}, "l4": {"SuperVIP"}, "l7": {"9"}}
	call, err := automation.ParseCall("acct_1", "update-respondent", parameters)
	if err != nil {
		fmt.Println(err)
		return
	}
	planned, err := calls.PlanCall("req_1", call)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(planned[0].Run.Action, string(planned[0].Run.Message))
	fmt.Println(call.Name.Success())

	_, err = automation.ParseCall("acct_1", "update-respondent", url.Values{"id_survey": {"399793"}, "l44": {"SuperVIP"}})
	fmt.Println(err)
	// Output:
	// update-respondent {"account":"acct_1","survey":"399793","id":"12345","labels":{"l4":"SuperVIP","l7":"9"}}
	// Respondent has been updated on the survey's mailing list
	// Parameter "l44" is not known to update-respondent: use id_survey, id_respondent, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10
}

func ExampleTemplate_Render() {
	message, err := automation.Template{
		Subject: "How was it, [guest.first]?",
		Text:    "Dear [guest.first],\n\ntell us: [SURVEY_LINK]",
	}.Render(map[string]json.RawMessage{"guest.first": json.RawMessage(`"Ewa\r\nBcc: all@example.com"`)}, "https://survey.example/s/1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(message.Subject)
	fmt.Println(message.HTML)
	// Output:
	// How was it, Ewa  Bcc: all@example.com?
	// <p>Dear Ewa<br>
	// Bcc: all@example.com,</p>
	// <p>tell us: <a href="https://survey.example/s/1">https://survey.example/s/1</a></p>
}
