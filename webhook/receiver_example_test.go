package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

// printer is a host's Inviter and Respondents.
type printer struct{ invited chan string }

// Invite implements [webhook.Inviter].
func (p printer) Invite(_ context.Context, i automation.Invitation) error {
	p.invited <- fmt.Sprintf("invite %s to %s with %s", i.Recipient, i.Survey, i.Template.ID)
	return nil
}

// UpdateRespondent implements [webhook.Respondents].
func (printer) UpdateRespondent(_ context.Context, r automation.Respondent) error {
	if r.Survey != "399793" {
		return fmt.Errorf("survey %s is not known: %w", r.Survey, automation.ErrRefused)
	}
	fmt.Printf("update %s of %s: %v\n", r.ID, r.Survey, r.Labels)
	return nil
}

// AddRespondent implements [webhook.Respondents].
func (printer) AddRespondent(context.Context, automation.Respondent) error { return nil }

// An automation that invites the customers whom another service names, and that service.
func ExampleNewReceiver() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	host := printer{make(chan string, 1)}
	d, err := webhook.NewDispatcher(memory.New(), webhook.Options{Inviter: host})
	if err != nil {
		panic(err)
	}
	go d.Run(ctx)
	mux := http.NewServeMux()
	mux.Handle("/in/", webhook.NewReceiver(d, webhook.ReceiverOptions{}))

	a, err := d.Save(ctx, automation.Automation{
		Account: "acct_1", Name: "Invite customers",
		Trigger: automation.Trigger{Survey: "sur_1", Incoming: &automation.Incoming{Fields: []automation.Field{
			{Name: "customer.email", Type: automation.TypeEmail, Required: true},
		}}},
		Actions: []automation.Action{{Invite: &automation.Invite{Recipient: "customer.email", Template: automation.Template{ID: "tpl_1"}}}},
	}, webhook.SaveOptions{})
	if err != nil {
		panic(err)
	}
	key, _, err := d.IssueKey(ctx, "acct_1", a.ID, "the shop")
	if err != nil {
		panic(err)
	}

	for _, body := range []string{`{"customer":{"email":"ada@example.com"}}`, `{"customer":{}}`} {
		r := httptest.NewRequest("POST", "/in/"+a.ID, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key.Reveal())
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "order-1")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, http.StatusText(w.Code))
		if w.Code != http.StatusAccepted {
			fmt.Println(w.Body)
			continue
		}
		fmt.Println(<-host.invited)
	}
	fmt.Println("the key prints as", key)
	// Output:
	// 202 Accepted
	// invite ada@example.com to sur_1 with tpl_1
	// 422 Unprocessable Entity
	// {"title":"Unprocessable Entity","status":422,"detail":"the data does not fit: see errors","errors":[{"pointer":"/customer/email","detail":"field \"customer.email\" is missing or null: send one e-mail address in ASCII, as name@example.com"}]}
	// the key prints as ***
}

// A call that updates a respondent, and one of a survey that the host does not have.
func ExampleNewURLReceiver() {
	d, err := webhook.NewDispatcher(memory.New(), webhook.Options{Respondents: printer{}})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks/", webhook.NewURLReceiver(d, webhook.ReceiverOptions{}))

	c, err := d.EnableURLWebhooks(context.Background(), "387487")
	if err != nil {
		panic(err)
	}
	path := c.Path("/webhooks", automation.UpdateRespondent) // to be shown once
	for _, query := range []string{"?id_survey=399793&id_respondent=12345&l4=SuperVIP&l7=9", "?id_survey=1"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path+query, nil))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// update 12345 of 399793: map[l4:SuperVIP l7:9]
	// 200 {"type":"success","msg":"Respondent has been updated on the survey's mailing list"}
	// 422 {"type":"error","msg":"survey 1 is not known: refused"}
}

// What a request would become, without a key and before anything is saved.
func ExampleDispatcher_DryRun() {
	d, err := webhook.NewDispatcher(memory.New(), webhook.Options{})
	if err != nil {
		panic(err)
	}
	a := automation.Automation{
		Account: "acct_1", Name: "Invite big customers",
		Trigger: automation.Trigger{
			Survey: "sur_1",
			Filter: &automation.Condition{Field: "total", Op: automation.Greater, Value: 100},
			Incoming: &automation.Incoming{Fields: []automation.Field{
				{Name: "email", Type: automation.TypeEmail, Required: true},
				{Name: "total", Type: automation.TypeNumber},
			}},
		},
		Actions: []automation.Action{{Invite: &automation.Invite{Recipient: "email", Template: automation.Template{ID: "tpl_1"}}}},
	}
	for _, total := range []string{"99.5", "250"} {
		got, err := d.DryRun(context.Background(), a, automation.Request{JSON: []byte(`{"email":"ada@example.com","total":` + total + `}`)})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %d runs %s\n", got.Fields[1].Value, len(got.Runs), got.Unmet)
	}
	// Output:
	// 99.5: 0 runs the condition at /trigger/filter does not hold: "total" is not greater than its value
	// 250: 1 runs
}
