package route_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/route"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
)

// polite is an inviter whom nobody refuses.
type polite struct{}

// Invite implements [webhook.Inviter].
func (polite) Invite(context.Context, automation.Invitation) error { return nil }

// A process that starts while a database is down serves the accounts of the others. What concerns one of its own is refused until it
// is back, and not mistaken for something that was deleted.
func TestProcessThatStartsBesideALostShardServesTheOthers(t *testing.T) {
	arrived := make(chan string, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.URL.Path
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	var down atomic.Bool
	folder := t.TempDir()
	open := func(t *testing.T) *route.Store {
		var shards []store.Store
		for i := range 2 {
			st, err := sqlite.Open(t.Context(), filepath.Join(folder, fmt.Sprint(i, ".db")))
			if err != nil {
				t.Fatal(err)
			}
			shards = append(shards, st)
		}
		shards[1] = breakable(shards[1], &down)
		return routed(t, shards, spread)
	}
	publish := func(d *webhook.Dispatcher, account string) error {
		_, err := d.Publish(t.Context(), events.New(account, events.TagAdded{Tag: events.Tag{ID: "1", Name: "Crew"}}))
		return err
	}
	var in automation.Automation
	var key webhook.APIKey
	t.Run("before", func(t *testing.T) { // the store is closed with the subtest
		d, err := webhook.NewDispatcher(open(t), webhook.Options{Inviter: polite{}}) // it sends nothing, as it does not run
		if err != nil {
			t.Fatal(err)
		}
		save := func(a automation.Automation) automation.Automation {
			saved, err := d.Save(t.Context(), a, webhook.SaveOptions{Untested: true})
			if err != nil {
				t.Fatal(err)
			}
			return saved
		}
		for _, account := range []string{"acct_1", "acct_2"} {
			save(automation.Automation{
				Account: account, Name: "push", Trigger: automation.Trigger{Types: []string{"contact.*"}},
				Actions: []automation.Action{{Push: &automation.Push{URL: srv.URL + "/" + account, AllowHTTP: true}}},
			})
		}
		in = save(automation.Automation{
			Account: "acct_2", Name: "invite",
			Trigger: automation.Trigger{Survey: "s1", Incoming: &automation.Incoming{
				Fields: []automation.Field{{Name: "email", Type: automation.TypeEmail, Required: true}},
			}},
			Actions: []automation.Action{{Invite: &automation.Invite{Recipient: "email", Template: automation.Template{ID: "1"}}}},
		})
		if key, _, err = d.IssueKey(t.Context(), "acct_2", in.ID, "sender"); err != nil {
			t.Fatal(err)
		}
		if err := publish(d, "acct_2"); err != nil {
			t.Fatal(err)
		}
	})
	down.Store(true)
	after := serve(t, open(t), srv.URL)
	door := webhook.NewReceiver(after, webhook.ReceiverOptions{})
	send := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/in/"+in.ID, strings.NewReader(`{"email":"ann@example.com"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+key.Reveal())
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		return w
	}
	if err := publish(after, "acct_1"); err != nil {
		t.Errorf("of the other shard: %v", err)
	}
	if got := <-arrived; got != "/acct_1" {
		t.Errorf("%s arrived", got)
	}
	err1 := publish(after, "acct_2")
	_, err2 := after.Automations(t.Context(), "acct_2")
	_, err3 := after.Erase(t.Context(), runs.Erasure{Account: "acct_2"})
	if err1 == nil || err2 == nil || err3 == nil {
		t.Errorf("what concerns the lost shard gave %v, %v, %v, want errors", err1, err2, err3)
	}
	if w := send(); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a request to an automation of the lost shard is answered %d %s", w.Code, w.Body)
	}
	down.Store(false)
	for publish(after, "acct_2") != nil && t.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	for range 2 {
		if got := <-arrived; got != "/acct_2" {
			t.Errorf("%s arrived", got)
		}
	}
	if w := send(); w.Code != http.StatusAccepted {
		t.Errorf("once it is back, answered %d %s", w.Code, w.Body)
	}
}
