package webhook_test

import (
	"errors"
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
