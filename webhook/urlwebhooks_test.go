package webhook_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

// I8: an account has one automation of URL webhooks, so no other one takes the calls away from the credentials that are out.
func TestAccountHasOneAutomationOfURLWebhooks(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	at := h.urls()
	second := automation.Automation{Account: account, Name: "Mine", Trigger: automation.Trigger{Incoming: &automation.Incoming{URLWebhooks: true}}}
	for _, id := range []string{"", "aut_0"} {
		second.ID = id
		if a, err := h.d.Save(t.Context(), second, webhook.SaveOptions{}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("saved under id %q as %q: %v", id, a.ID, err)
		}
	}
	if got := h.send(call{method: "GET", path: at("update-respondent", "id_survey=1")}); got.Status != 200 {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
}

// I1, I8: whatever an automation can be called, its credentials can: they take its name.
func TestKeysAreNamedAsAutomationsAre(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	c, err := h.d.EnableURLWebhooks(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.d.Automation(t.Context(), account, c.Stored.Automation)
	if err != nil {
		t.Fatal(err)
	}
	a.Name = "Famille\u00a0👨‍👩‍👧 \ufffd" // a space and joiners that are not for printing
	a = save(t, h.d, a)
	if c, err = h.d.EnableURLWebhooks(t.Context(), account); err != nil || c.Stored.Name != a.Name {
		t.Errorf("credentials are called %q: %v", c.Stored.Name, err)
	}
	open := save(t, h.d, inviting())
	for _, name := range []string{"", " ", "a\nb", "a\u2028b", "\xff", strings.Repeat("é", automation.MaxName+1)} {
		if _, _, err := h.d.IssueKey(t.Context(), account, open.ID, name); !errors.Is(err, webhook.ErrKeyName) {
			t.Errorf("a key was called %.20q: %v", name, err)
		}
	}
}

// I7: a call that comes again is answered as it was, and one that says something else under the same id is not taken for it.
func TestIdOfAnotherCallIsRefused(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		h := newHouse(t, st, webhook.ReceiverOptions{})
		at := h.urls()
		for _, first := range []string{"update-respondent?id_survey=1&id_respondent=", "send-invitation?id_survey=1&id_template=2&email=a@example.com&reminder_delay=1&l1="} {
			name, query, _ := strings.Cut(first, "?")
			for _, c := range []struct {
				value string
				want  int
			}{{"1", 200}, {"1", 200}, {"2", 422}, {"1", 200}} {
				got := h.send(call{method: "GET", path: at(automation.CallName(name), query+c.value), header: map[string]string{"Idempotency-Key": "one"}})
				if got.Status != c.want {
					t.Errorf("%s%s is answered %d %s, want %d", first, c.value, got.Status, got.Body, c.want)
				}
			}
		}
		if n := h.total(); n != 3 { // a change, an invitation and its reminder
			t.Errorf("%d runs, want 3", n)
		}
	})
}

// I7, I9: of a call that is refused for its id nothing is left, not even the reminder, which the other call had none of.
func TestRefusedCallRemindsNobody(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		h := newHouse(t, st, webhook.ReceiverOptions{})
		at := h.urls()
		for _, c := range []struct {
			query string
			want  int
		}{{"email=a@example.com", 200}, {"email=b@example.com&reminder_delay=1", 422}} {
			path := at("send-invitation", "id_survey=1&id_template=2&"+c.query)
			got := h.send(call{method: "GET", path: path, header: map[string]string{"Idempotency-Key": "one"}})
			if got.Status != c.want {
				t.Errorf("%s is answered %d %s, want %d", c.query, got.Status, got.Body, c.want)
			}
		}
		if n := h.total(); n != 1 {
			t.Errorf("%d runs, want 1", n)
		}
	})
}
