package webhook_test

import (
	"context"
	"fmt"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

// A person asks to be forgotten: every run that mentions her goes.
func ExampleDispatcher_Erase() {
	ctx := context.Background()
	d, err := webhook.NewDispatcher(memory.New(), webhook.Options{})
	if err != nil {
		panic(err)
	}
	_, err = d.Save(ctx, automation.Automation{
		Account: "acct_1", Name: "Tell the CRM", Trigger: automation.Trigger{Types: []string{"contact.tag.added"}},
		Actions: []automation.Action{{Push: &automation.Push{URL: "https://example.com/hook"}}},
	}, webhook.SaveOptions{Untested: true})
	if err != nil {
		panic(err)
	}
	for _, email := range []string{"ann@example.com", "joann@example.com"} {
		ev := events.TagAdded{Tag: events.Tag{ID: "7", Name: "VIP"}, Contact: events.Contact{Email: email}}
		if _, err := d.Publish(ctx, events.New("acct_1", ev)); err != nil {
			panic(err)
		}
	}
	gone, err := d.Erase(ctx, runs.Erasure{Account: "acct_1", Email: "Ann@example.com"})
	fmt.Println(gone.Runs, gone.Messages, gone.Attempts, err)
	// Output: 1 1 0 <nil>
}
