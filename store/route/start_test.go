package route_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
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

// town is two databases of which one may be down, with an automation that pushes of an account in each, and one of the second account
// that takes requests.
type town struct {
	files [2]string
	down  atomic.Bool // the second
	in    automation.Automation
	key   webhook.APIKey
}

// found makes a town, in which a run waits for each account.
func found(t *testing.T, url string) *town {
	t.Helper()
	folder := t.TempDir()
	w := &town{files: [2]string{filepath.Join(folder, "1.db"), filepath.Join(folder, "2.db")}}
	st := w.open(t)
	d, err := webhook.NewDispatcher(st, webhook.Options{Inviter: polite{}}) // it sends nothing, as it does not run
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
		save(pushing(account, url))
		if err := publishTag(t, d, account); err != nil {
			t.Fatal(err)
		}
	}
	w.in = save(automation.Automation{
		Account: "acct_2", Name: "invite",
		Trigger: automation.Trigger{Survey: "s1", Incoming: &automation.Incoming{
			Fields: []automation.Field{{Name: "email", Type: automation.TypeEmail, Required: true}},
		}},
		Actions: []automation.Action{{Invite: &automation.Invite{Recipient: "email", Template: automation.Template{ID: "1"}}}},
	})
	if w.key, _, err = d.IssueKey(t.Context(), "acct_2", w.in.ID, "sender"); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) open(t *testing.T) *route.Store {
	t.Helper()
	var shards []store.Store
	for _, file := range w.files {
		st, err := sqlite.Open(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		shards = append(shards, st)
	}
	shards[1] = breakable(shards[1], &w.down)
	st, err := route.Options{Patience: time.Minute}.New(shards, spread)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// request sends one to the automation that takes them, and returns the status of the answer.
func (w *town) request(d *webhook.Dispatcher) int {
	r := httptest.NewRequest(http.MethodPost, "/in/"+w.in.ID, strings.NewReader(`{"email":"ann@example.com"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+w.key.Reveal())
	answer := httptest.NewRecorder()
	webhook.NewReceiver(d, webhook.ReceiverOptions{}).ServeHTTP(answer, r)
	return answer.Code
}

// A process that starts while a database is down serves the accounts of the others. What concerns one of its own is refused until it
// is back, and not mistaken for something that was deleted.
func TestProcessThatStartsBesideALostShardServesTheOthers(t *testing.T) {
	arrived := make(chan string, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.URL.Path
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	w := found(t, srv.URL)
	w.down.Store(true)
	st := w.open(t)
	t.Cleanup(func() { _ = st.Close() })
	d := serve(t, st, srv.URL)
	arrives := func(account string, times int) {
		t.Helper()
		for range times {
			if got := <-arrived; got != "/"+account {
				t.Errorf("%s arrived, want %s", got, account)
			}
		}
	}
	if err := publishTag(t, d, "acct_1"); err != nil {
		t.Errorf("of the other shard: %v", err)
	}
	arrives("acct_1", 2)
	_, err1 := d.Automations(t.Context(), "acct_2")
	_, err2 := d.Erase(t.Context(), runs.Erasure{Account: "acct_2"})
	if err := publishTag(t, d, "acct_2"); err == nil || err1 == nil || err2 == nil {
		t.Errorf("what concerns the lost shard gave %v, %v, %v, want errors", err, err1, err2)
	}
	if code := w.request(d); code != http.StatusServiceUnavailable {
		t.Errorf("a request to an automation of the lost shard is answered %d", code)
	}
	w.down.Store(false)
	for publishTag(t, d, "acct_2") != nil && t.Context().Err() == nil {
		<-time.After(10 * time.Millisecond)
	}
	arrives("acct_2", 2)
	if code := w.request(d); code != http.StatusAccepted {
		t.Errorf("once it is back, a request is answered %d", code)
	}
}
