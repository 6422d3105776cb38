package webhook_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

// S8: what the host refuses is told in its words, to people who may not be told whom it was about.
func TestRefusalNamesNobody(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	h.say(func(string) error {
		const text = "no mail reaches Ann <ann@example.com>, 'miles.o'brien@example.com', see https://crm.example/?to=ann%2540example.com"
		return fmt.Errorf("%s: %w", text, automation.ErrRefused)
	})
	a := inviting()
	a.Trigger.Incoming.Anonymous = true
	a, key := h.open(a)
	ids := h.send(jsonCall("/in/"+a.ID, key, `{"email":"ann@example.com"}`)).runs(t)
	got := awaitEnd(t, h.st, ids[0])
	if want := "no mail reaches Ann <***>, '***', see https:***: refused"; got.Attempts[0].Detail != want {
		t.Errorf("the run says %q, want %q", got.Attempts[0].Detail, want)
	}
}

// I8, X1, ATTACKS 44: what goes wrong within the host is for its own people: the log says what it was, of which run and without
// the person's address, the answer and the run do not.
func TestHostsTroubleIsForItsLog(t *testing.T) {
	const trouble = `Get "https://crm.internal/?email=ann%40example.com&n=1": dial 10.0.0.3: none for <ann@example.com>, "bob+1@example.com"`
	for name, tt := range map[string]struct {
		answer func(string) error
		logged string
	}{
		"an error": {func(string) error { return errors.New(trouble) }, "dial 10.0.0.3"},
		"a panic":  {func(string) error { panic(trouble) }, "hand_test.go:"}, // the place
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
			h.say(tt.answer)
			c, err := h.d.EnableURLWebhooks(t.Context(), account)
			if err != nil {
				t.Fatal(err)
			}
			got := h.send(call{method: "GET", path: c.Path("/webhooks", automation.UpdateRespondent) + "?id_survey=1"})
			if want := `{"type":"error","msg":"it has not been done yet, and is tried again: the service could not do it now"}`; got.Body != want {
				t.Errorf("answered %s, want %s", got.Body, want)
			}
			id := h.changes()[0].Run
			if run, err := h.st.Get(t.Context(), account, id); err != nil || strings.Contains(run.Attempts[0].Detail, "10.0.0.3") {
				t.Errorf("the run says %q (%v)", run.Attempts[0].Detail, err)
			}
			log := h.log.String()
			for _, want := range []string{tt.logged, id, "10.0.0.3"} {
				if !strings.Contains(log, want) {
					t.Errorf("the log does not say %q:\n%s", want, log)
				}
			}
			if strings.Contains(log, "example.com") {
				t.Errorf("the log names people:\n%s", log)
			}
		})
	}
}
