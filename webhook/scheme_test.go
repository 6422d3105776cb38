package webhook_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// sealed returns every request of a dispatcher that sends the odd events under these schemes, failing once each, and a test.
func sealed(t *testing.T, st store.Store, secrets automation.Secrets, schemes ...signature.Scheme) []request {
	in := newInbox(t, nil)
	in.refuses = true
	total := len(oddEvents())
	d := dispatch(t, st, webhook.Options{})
	a := pushTo(in.URL)
	push := a.Actions[0].Push
	push.Secrets, push.Schemes = secrets, schemes
	save(t, d, a)
	if _, err := d.Publish(t.Context(), oddEvents()...); err != nil {
		t.Fatal(err)
	}
	awaitCounts(t, st, runs.Counts{runs.Succeeded: total})
	if _, err := d.Test(t.Context(), a, "1", ""); err != nil {
		t.Fatal(err)
	}
	requests := in.requests()
	if want := 2*total + 1; len(requests) != want {
		t.Errorf("%d requests, want %d", len(requests), want)
	}
	return requests
}

// sealedMessage is a line that signature/testdata/schemes.mjs reads, and what its verifiers have to say to it.
type sealedMessage struct {
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	want    map[string]bool
}

func messageFor(secret string, r request, want map[string]bool) sealedMessage {
	m := sealedMessage{Secret: secret, Headers: map[string]string{}, Body: string(r.Body), want: want}
	for name := range r.Header {
		m.Headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	return m
}

// O7: Stripe's and GitHub's libraries accept every request, with the secret as it was shown, and none that was altered; while
// secrets rotate, Stripe's accepts with either.
func TestLibrariesOfOtherSchemesAcceptEveryRequest(t *testing.T) {
	folder := need.Npm(t, "stripe@23", "@octokit/webhooks-methods@6")
	first, second := secretOf(t, "the first key of twenty-four"), secretOf(t, "the second key, to come later")
	all := func(accepted bool) map[string]bool {
		return map[string]bool{"stripe": accepted, "octokit": accepted, "x_webhook": accepted}
	}
	onEachStore(t, func(t *testing.T, st store.Store) {
		var messages []sealedMessage
		for _, r := range sealed(t, st, automation.Secrets{first, second},
			signature.Scheme{Kind: signature.Standard}, signature.Scheme{Kind: signature.Stripe},
			signature.Scheme{Kind: signature.GitHub}, signature.Scheme{Kind: signature.XWebhook}) {
			altered := r
			altered.Body = append(slices.Clone(r.Body), ' ')
			messages = append(messages,
				messageFor(first.Reveal(), r, all(true)),
				messageFor(first.Reveal(), altered, all(false)),
				messageFor(second.Reveal(), r, map[string]bool{"stripe": true, "octokit": false, "x_webhook": false}),
				messageFor(second.Reveal()+"x", r, all(false)))
		}
		mustAgree(t, messages, folder)
	})
}

// O7: a receiver that knows a secret of its own is served under that, with Standard Webhooks left out.
func TestLibrariesAcceptWhatAReceiversOwnTextSigns(t *testing.T) {
	folder := need.Npm(t, "stripe@23", "@octokit/webhooks-methods@6")
	const text = "It's a Secret to Everybody, žluťoučký kůň"
	own, err := signature.NewText(text)
	if err != nil {
		t.Fatal(err)
	}
	onEachStore(t, func(t *testing.T, st store.Store) {
		var messages []sealedMessage
		for _, r := range sealed(t, st, automation.Secrets{own}, signature.Scheme{Kind: signature.Stripe}, signature.Scheme{Kind: signature.GitHub},
			signature.Scheme{Kind: signature.Custom, Header: "x-acme-HMAC", Encoding: signature.Base64}) {
			messages = append(messages, messageFor(text, r, map[string]bool{"stripe": true, "octokit": true, "base64": true}))
		}
		mustAgree(t, messages, folder)
	})
}

func mustAgree(t *testing.T, messages []sealedMessage, folder string) {
	t.Helper()
	for i, answer := range need.Script(t, messages, "signature/testdata/schemes.mjs", folder) {
		var got map[string]bool
		if err := json.Unmarshal([]byte(answer), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(messages[i].want, got); diff != "" {
			t.Errorf("message %d: accepted (-want +got):\n%s", i, diff)
		}
	}
}

// O7: other schemes stand beside Standard Webhooks or in its place; the id that tells a repeated message is always there, and
// the same at every attempt.
func TestSchemesAreSentBesideOrInstead(t *testing.T) {
	library := []string{"Content-Length", "Content-Type", "User-Agent", "Webhook-Id"}
	for name, tt := range map[string]struct {
		schemes []signature.Scheme
		want    []string
	}{
		"none said": {nil, []string{"Webhook-Signature", "Webhook-Timestamp"}},
		"beside": {[]signature.Scheme{{Kind: signature.Standard}, {Kind: signature.GitHub}},
			[]string{"Webhook-Signature", "Webhook-Timestamp", "X-Hub-Signature-256"}},
		"instead": {[]signature.Scheme{{Kind: signature.XWebhook}, {Kind: signature.Stripe, Header: "acme-signature"}},
			[]string{"Acme-Signature", "X-Webhook-Id", "X-Webhook-Signature", "X-Webhook-Timestamp"}},
	} {
		t.Run(name, func(t *testing.T) {
			attempts := map[string]int{}
			for _, r := range sealed(t, memory.New(), automation.Secrets{webhook.NewSecret()}, tt.schemes...) {
				got := slices.Sorted(maps.Keys(r.Header))
				if diff := cmp.Diff(slices.Sorted(slices.Values(slices.Concat(library, tt.want))), got); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
				attempts[r.Header.Get("Webhook-Id")]++
				if id := r.Header.Get("X-Webhook-Id"); id != "" && id != r.Header.Get("Webhook-Id") {
					t.Errorf("X-Webhook-Id is %q, want the webhook-id %q", id, r.Header.Get("Webhook-Id"))
				}
			}
			if want := len(oddEvents()) + 1; len(attempts) != want {
				t.Errorf("%d webhook-ids, want one for each of %d runs", len(attempts), want)
			}
		})
	}
}

// O7: what cannot be signed is refused at the door, and not when the first event comes.
func TestUnfitSecretIsRefusedWhenSaved(t *testing.T) {
	private, err := signature.NewPrivate(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	d := dispatch(t, memory.New(), webhook.Options{})
	a := pushTo("https://receiver.example/")
	a.Actions[0].Push.Secrets = automation.Secrets{private}
	a.Actions[0].Push.Schemes = []signature.Scheme{{Kind: signature.Stripe}}
	_, err = d.Save(t.Context(), a, webhook.SaveOptions{Untested: true})
	const want = "/actions/0/push/secrets/0: secret: secret cannot be used: scheme stripe does not sign with an Ed25519 key; give a whsec_ secret"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Save = %v; want %q", err, want)
	}
	a.Actions[0].Push.Secrets = nil // a new one is made, which suits every scheme
	if _, err := d.Save(t.Context(), a, webhook.SaveOptions{Untested: true}); err != nil {
		t.Error(err)
	}
}
