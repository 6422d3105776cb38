package webhook_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// oddNames are what people and software put into a text.
var oddNames = []string{
	"VIP", "", "Zażółć gęślą jaźń", "a\u2028b\u2029c", "\u0000\u001b[31m", "<script>alert(1)</script>", "2.x", "👩‍👩‍👧",
	`\" \\ /`, strings.Repeat("é", 100_000),
}

// oddEvents returns events whose bodies are hard to sign: odd text, numbers beyond 2^53, other key orders and spaces.
func oddEvents() []events.Event {
	var evs []events.Event
	for _, name := range oddNames {
		evs = append(evs, events.New(account, events.TagAdded{Tag: events.Tag{ID: "9007199254740993", Name: name}}))
	}
	for _, data := range []string{`{"b":1e308,"a":1.0,"b2":null}`, `{ "n" : 123456789012345678901234567890 , "t":"\ud83d\ude00" }`, `[]`, `"text"`} {
		evs = append(evs, events.New(account, events.Raw{Name: "contact.custom", JSON: json.RawMessage(data)}))
	}
	return evs
}

func secretOf(t testing.TB, key string) signature.Secret {
	t.Helper()
	s, err := signature.ParseSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte(key)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// captured returns every request of a dispatcher that sends the odd events, fails once each, and replays all; and the
// secrets that each of them is signed with.
func captured(t *testing.T, st store.Store) ([]request, automation.Secrets) {
	in := newInbox(t, nil)
	in.refuses = true
	total := len(oddEvents())
	d := dispatch(t, st, webhook.Options{})
	a := pushTo(in.URL)
	secrets := automation.Secrets{secretOf(t, "the new key of twenty-four"), secretOf(t, "the old key, while it lasts")}
	a.Actions[0].Push.Secrets = secrets
	a.Actions[0].Push.Headers = map[string]string{"X-Tenant": "7", "Authorization": "Bearer abc"}
	save(t, d, a)
	if _, err := d.Publish(t.Context(), oddEvents()...); err != nil {
		t.Fatal(err)
	}
	awaitCounts(t, st, runs.Counts{runs.Succeeded: total})
	if got, err := d.Replay(t.Context(), runs.Filter{}, webhook.ReplayOptions{}); err != nil || got.Runs != total {
		t.Fatalf("Replay: %+v, %v", got, err)
	}
	in.await(3 * total)
	awaitCounts(t, st, runs.Counts{runs.Succeeded: total})
	if _, err := d.Test(context.Background(), a, "1", ""); err != nil {
		t.Fatal(err)
	}
	return in.requests(), secrets
}

// O7: the official Go library accepts every request, with either of two secrets, and none that was altered.
func TestOfficialGoLibraryAcceptsEveryRequest(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		requests, secrets := captured(t, st)
		if want := 3*len(oddEvents()) + 1; len(requests) != want {
			t.Errorf("%d requests, want %d", len(requests), want)
		}
		for _, s := range secrets {
			official, err := standardwebhooks.NewWebhook(s.Reveal())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range requests {
				if err := official.Verify(r.Body, r.Header); err != nil {
					t.Errorf("request %s: %v", r.Header.Get("webhook-id"), err)
				}
				if official.Verify(append(r.Body, ' '), r.Header) == nil {
					t.Error("an altered body is accepted")
				}
			}
		}
	})
}

// O7: so do the official libraries in JavaScript.
func TestJavaScriptLibrariesAcceptEveryRequest(t *testing.T) {
	folder := need.Npm(t, "standardwebhooks@1.1.1", "svix@1")
	type message struct {
		Secret  string            `json:"secret"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	onEachStore(t, func(t *testing.T, st store.Store) {
		requests, secrets := captured(t, st)
		var lines []message
		for _, s := range secrets {
			for _, r := range requests {
				headers := map[string]string{}
				for _, name := range []string{signature.HeaderID, signature.HeaderTimestamp, signature.HeaderSignature} {
					headers[name] = r.Header.Get(name)
				}
				lines = append(lines, message{s.Reveal(), headers, string(r.Body)})
			}
		}
		for i, answer := range need.Script(t, lines, "signature/testdata/receive.mjs", folder) {
			if answer != `{"standardwebhooks":true,"svix":true}` {
				t.Errorf("request %d: accepted by %s", i, answer)
			}
		}
	})
}
