package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

// teller is a host's Notifier.
type teller chan notify.Kind

// Notify implements [notify.Notifier].
func (t teller) Notify(_ context.Context, notices []notify.Notice) error {
	for _, n := range notices {
		t <- n.Kind
	}
	return nil
}

// printRuns lists runs, a page at a time, with their attempts.
func printRuns(ctx context.Context, st store.Reader, f runs.Filter) error {
	for cursor, more := "", true; more; more = cursor != "" {
		page, err := st.List(ctx, f, cursor, 100)
		if err != nil {
			return err
		}
		for _, r := range page.Runs {
			full, err := st.Get(ctx, r.Account, r.ID)
			if err != nil {
				return err
			}
			fmt.Println(full.Status, len(full.Attempts), full.Attempts[0].Detail)
		}
		cursor = page.Next
	}
	return nil
}

// What failed is listed page by page, and sent again when the endpoint has been mended.
func ExampleDispatcher_Replay() {
	var mended atomic.Bool
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !mended.Load() {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer endpoint.Close()
	ctx, stop := context.WithCancel(context.Background())
	st, told := memory.New(), make(teller, 2)
	d, err := webhook.NewDispatcher(st, webhook.Options{
		Notifier:      told,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // the endpoint is on this machine
	})
	if err != nil {
		panic(err)
	}
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()

	_, err = d.Save(ctx, automation.Automation{
		Account: "acct_1", Name: "Tell the CRM", Trigger: automation.Trigger{Types: []string{"contact.tag.added"}},
		Actions: []automation.Action{{Push: &automation.Push{
			URL: endpoint.URL, AllowHTTP: true, Retry: runs.Policy{FinalClientErrors: true},
		}}},
	}, webhook.SaveOptions{Untested: true})
	if err != nil {
		panic(err)
	}
	if _, err := d.Publish(ctx, events.New("acct_1", events.TagAdded{Tag: events.Tag{ID: "7", Name: "VIP"}})); err != nil {
		panic(err)
	}
	fmt.Println("told:", <-told)

	failed := runs.Filter{Account: "acct_1", Statuses: []runs.Status{runs.Failed}}
	if err := printRuns(ctx, st, failed); err != nil {
		panic(err)
	}

	mended.Store(true)
	again, err := d.Replay(ctx, failed, webhook.ReplayOptions{})
	fmt.Println("replayed:", again.Runs, err)
	fmt.Println("told:", <-told)
	stop()
	fmt.Println("stopped:", <-done)
	// Output:
	// told: first_failure
	// failed 1 the endpoint answered 404; it has to answer 2xx
	// replayed: 1 <nil>
	// told: recovered
	// stopped: <nil>
}
