package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// signedHouse is a house with an automation that believes signatures under three schemes, and their secret.
func signedHouse(t *testing.T) (*house, automation.Automation, signature.Secret) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{FailuresPerMinute: 100_000})
	secret := secretOf(t, "a secret of the senders'")
	a := inviting()
	a.Trigger.Incoming.Schemes = []signature.Scheme{{Kind: signature.Standard}, {Kind: signature.Stripe}, {Kind: signature.GitHub}}
	a.Trigger.Incoming.Secrets = automation.Secrets{secret}
	return h, save(t, h.d, a), secret
}

// message is what a sender signs.
type message struct {
	Secret string `json:"secret"`
	ID     string `json:"id"`
	Body   string `json:"body"`
}

// I1: what the official Go library signs is taken, and nothing that was altered.
func TestOfficialGoLibrarySignsWhatIsTaken(t *testing.T) {
	h, a, secret := signedHouse(t)
	official, err := standardwebhooks.NewWebhook(secret.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range oddNames {
		text, err := json.Marshal(map[string]any{"email": "ada@example.com", "rest": name, "score": json.Number("9007199254740993")})
		if err != nil {
			t.Fatal(err)
		}
		id, now := fmt.Sprintf("msg_%d", i), time.Now()
		signed, err := official.Sign(id, now, text)
		if err != nil {
			t.Fatal(err)
		}
		header := map[string]string{"Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": fmt.Sprint(now.Unix()), "webhook-signature": signed}
		h.send(call{path: "/in/" + a.ID, header: header, body: string(text)}).runs(t)
		if got := h.send(call{path: "/in/" + a.ID, header: header, body: string(text) + " "}); got.Status != http.StatusUnauthorized {
			t.Errorf("an altered body is answered %d", got.Status)
		}
	}
}

// I1: so is what the libraries of Stripe, of GitHub and of Standard Webhooks sign in JavaScript, of GitHub's own examples.
func TestJavaScriptLibrariesSignWhatIsTaken(t *testing.T) {
	folder := need.Npm(t, "stripe@23", "@octokit/webhooks-methods@6", "@octokit/webhooks-examples@7", "standardwebhooks@1.1.1")
	h, a, secret := signedHouse(t)
	var lines []message
	for i, example := range gitHubExamples(t, folder) {
		lines = append(lines, message{secret.Reveal(), fmt.Sprintf("msg_%d", i), fmt.Sprintf(`{"email":"ada@example.com","n":%d,"payload":%s}`, i, example)})
	}
	taken := 0
	for i, answer := range need.Script(t, lines, "testdata/senders.mjs", folder) {
		var senders map[string]map[string]string
		if err := json.Unmarshal([]byte(answer), &senders); err != nil || len(senders) != 3 {
			t.Fatalf("%.200s: %v", answer, err)
		}
		for sender, header := range senders {
			header["Content-Type"] = "application/json"
			h.send(call{path: "/in/" + a.ID, header: header, body: lines[i].Body}).runs(t)
			taken++
			if got := h.send(call{path: "/in/" + a.ID, header: header, body: strings.Replace(lines[i].Body, "ada", "bob", 1)}); got.Status != http.StatusUnauthorized {
				t.Errorf("%s: an altered body is answered %d", sender, got.Status)
			}
		}
	}
	t.Logf("%d requests were taken", taken)
}

// gitHubExamples returns the payloads of GitHub's examples, each as it is written.
func gitHubExamples(t *testing.T, folder string) []json.RawMessage {
	text, err := os.ReadFile(filepath.Join(folder, "node_modules", "@octokit", "webhooks-examples", "api.github.com", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var events []struct{ Examples []json.RawMessage }
	if err := json.Unmarshal(text, &events); err != nil {
		t.Fatal(err)
	}
	var all []json.RawMessage
	for _, e := range events {
		all = append(all, e.Examples...)
	}
	if len(all) < 100 {
		t.Fatalf("%d examples", len(all))
	}
	return all
}
