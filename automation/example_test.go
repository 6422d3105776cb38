package automation_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
)

func ExamplePlan() {
	ev := events.New("acct_1", events.TagAdded{
		Tag:     events.Tag{ID: "3302", Name: "Sailing course"},
		Contact: events.Contact{ID: "905511", Email: "noor@lindqvist.example"},
	})
	ev.ID, ev.CreatedAt = "tag-3302-905511", events.At(time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC))

	planned, err := automation.Plan(ev, []automation.Automation{{
		ID: "aut_1", Account: "acct_1", Name: "Welcome on board",
		Trigger: automation.Trigger{
			Types:  []string{"contact.tag.*"},
			Filter: &automation.Condition{Field: "tag.name", Op: automation.StartsWith, Value: "Sailing"},
		},
		Actions: []automation.Action{
			{ID: "1", Push: &automation.Push{
				URL:  "https://crew.example/in",
				Body: automation.Body{Form: automation.Selected, Variables: []string{"contact.email"}},
			}},
			{ID: "2", Delay: 48 * time.Hour, Push: &automation.Push{URL: "https://mail.example/in"}},
		},
	}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(planned[0].Run.Message))
	for _, p := range planned {
		fmt.Println(p.Run.ID, p.Run.URL, "in", p.Delay)
	}
	// Output:
	// {"type":"contact.tag.added","data":{"contact__email":"noor@lindqvist.example"},"account":{"id":"acct_1","email":""},"created_at":"2026-03-03T10:00:00+00:00"}
	// run_ej3egtvh61rtx78mwtzgre90y8 https://crew.example/in in 0s
	// run_4h9qrsw6341r41wj69y6hza2wk https://mail.example/in in 48h0m0s
}

func ExamplePush() {
	ev := events.New("acct_1", events.TagAdded{
		Tag:     events.Tag{ID: "3302", Name: "Sailing course"},
		Contact: events.Contact{ID: "905511", Email: "noor@lindqvist.example"},
	})
	ev.ID, ev.CreatedAt = "tag-3302-905511", events.At(time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC))

	planned, err := automation.Plan(ev, []automation.Automation{{
		ID: "aut_1", Account: "acct_1", Name: "Tell the crew", Trigger: automation.Trigger{Types: []string{"contact.tag.added"}},
		Actions: []automation.Action{{ID: "1", Push: &automation.Push{
			URL:  "https://crew.example/people/[ID_RESPONDENT]?mail=[EMAIL]&tag=[tag__name]",
			Body: automation.Body{Form: automation.Thin},
		}}},
	}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(planned[0].Run.URL)
	fmt.Println(string(planned[0].Run.Message))
	// Output:
	// https://crew.example/people/905511?mail=noor%40lindqvist.example&tag=Sailing%20course
	// {"type":"contact.tag.added","data":{"event_id":"tag-3302-905511","contact":{"id":905511},"tag":{"id":3302}},"account":{"id":"acct_1","email":""},"created_at":"2026-03-03T10:00:00+00:00"}
}

func ExampleAutomation_Validate() {
	err := automation.Automation{
		Account: "acct_1", Name: "Welcome on board",
		Trigger:    automation.Trigger{Types: []string{"contact.tag.*"}},
		Actions:    []automation.Action{{Push: &automation.Push{URL: "http://crew.example/in", Headers: map[string]string{"Host": "x"}}}},
		Recipients: []string{"crew"},
	}.Validate(automation.Known{})

	var refused *automation.ValidationError
	if errors.As(err, &refused) {
		for _, v := range refused.Violations {
			fmt.Println(v)
		}
	}
	fmt.Println(errors.Is(err, automation.ErrURL))
	// Output:
	// /actions/0/push/url: push URL: it is http: use https, or allow http for this action
	// /actions/0/push/headers/Host: header: "Host" belongs to the library or the connection: choose another name
	// /recipients/0: recipient: "crew" is not an e-mail address: write it as name@example.com
	// true
}

func ExampleDisableRule_Judge() {
	rule := automation.DisableRule{FailedRuns: 2}
	var health automation.Health
	for range 2 {
		result := runs.Result{Status: runs.Failed, Attempt: &runs.Attempt{StatusCode: 500, Class: runs.ClassOf(500)}}
		v := rule.Judge(health, result)
		health = v.Health
		fmt.Printf("%d %q %q\n", health.FailedRuns, v.Change, v.Reason)
	}
	// Output:
	// 1 "failing" ""
	// 2 "disabling" "failing_runs"
}
