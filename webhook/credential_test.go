package webhook_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

const someone = `{"email":"ada@example.com"}`

// badCredentials returns requests that show no credentials of the automation that they name, of which key is one.
func badCredentials(h *house, a automation.Automation, key string) map[string]call {
	h.Helper()
	of := func(a automation.Automation) call { return jsonCall("/in/"+a.ID, key, someone) }
	elsewhere := inviting()
	elsewhere.Account = "acct_2"
	elsewhere, other := h.open(elsewhere)
	outgoing := save(h.T, h.d, pushTo("https://example.com/hook"))
	disabled := inviting()
	disabled.Disabled = &automation.Disabled{}
	disabled, _ = h.open(disabled)
	urls, err := h.d.EnableURLWebhooks(h.Context(), account)
	if err != nil {
		h.Fatal(err)
	}
	revoked, kept, err := h.d.IssueKey(h.Context(), account, a.ID, "revoked")
	if err != nil {
		h.Fatal(err)
	}
	if err := h.d.RevokeKey(h.Context(), account, a.ID, kept.ID); err != nil {
		h.Fatal(err)
	}
	signed := map[string]string{"Content-Type": "application/json", "Webhook-Id": "msg_1",
		"Webhook-Timestamp": fmt.Sprint(time.Now().Unix()), "Webhook-Signature": "v1,AAAA"}
	unsigned := map[string]string{"Content-Type": "application/json"}
	return map[string]call{
		"no key":                    {path: "/in/" + a.ID, header: unsigned, body: someone},
		"a part of the key":         jsonCall("/in/"+a.ID, key[:len(key)-1], someone),
		"the key and more":          jsonCall("/in/"+a.ID, key+"0", someone),
		"the key in capitals":       jsonCall("/in/"+a.ID, strings.ToUpper(key), someone),
		"a key of 100 kB":           jsonCall("/in/"+a.ID, strings.Repeat("k", 100_000), someone),
		"key of another tenant":     jsonCall("/in/"+a.ID, other, someone),
		"automation of another":     of(elsewhere),
		"revoked key":               jsonCall("/in/"+a.ID, revoked.Reveal(), someone),
		"unknown automation":        jsonCall("/in/aut_unknown", key, someone),
		"outgoing automation":       of(outgoing),
		"disabled automation":       of(disabled),
		"URL webhooks":              jsonCall("/in/"+urls.Stored.Automation, urls.Key.Reveal(), someone),
		"no automation":             jsonCall("/in/", key, someone),
		"a very long automation":    jsonCall("/in/"+strings.Repeat("a", 8000), key, someone),
		"key in the query":          {path: "/in/" + a.ID + "?api_key=" + key, header: unsigned, body: someone},
		"signature":                 {path: "/in/" + a.ID, header: signed, body: someone},
		"signature, unknown":        {path: "/in/aut_unknown", header: signed, body: someone},
		"basic authentication":      {path: "/in/" + a.ID, header: map[string]string{"Authorization": "Basic " + key, "Content-Type": "application/json"}, body: someone},
		"what cannot be read":       jsonCall("/in/"+a.ID, "thk_wrong", "{"),
		"test with a wrong key":     jsonCall("/in/"+a.ID+"/test", "thk_wrong", someone),
		"query with a wrong key":    {method: "GET", path: "/in/" + a.ID + "?email=a", header: map[string]string{"X-Api-Key": "thk_wrong"}},
		"query with a signature":    {method: "GET", path: "/in/" + a.ID + "?email=a", header: signed},
		"content type not accepted": {path: "/in/" + a.ID, header: map[string]string{"X-Api-Key": "thk_wrong", "Content-Type": "text/plain"}, body: "a"},
	}
}

// ATTACKS 31: whatever is wrong with the credentials, and whether there is such an automation or not, the answer is the same.
func TestEveryWrongCredentialIsAnsweredAlike(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		h := newHouse(t, st, webhook.ReceiverOptions{FailuresPerMinute: 1000})
		a, key := h.open(inviting())
		want := h.send(jsonCall("/in/"+a.ID, "thk_wrong", someone))
		if want.Status != http.StatusUnauthorized || want.Header.Get("Www-Authenticate") == "" {
			t.Fatalf("answered %d, %v", want.Status, want.Header)
		}
		for name, c := range badCredentials(h, a, key) {
			if diff := cmp.Diff(want, h.send(c)); diff != "" {
				t.Errorf("%s (-wrong key +it):\n%s", name, diff)
			}
		}
		if h.total() != 0 {
			t.Errorf("%d runs were made", h.total())
		}
	})
}

// ATTACKS 33: a request that shows a key twice is refused, whether they agree or not.
func TestKeyInTwoPlacesIsRefused(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a := inviting()
	a.Trigger.Incoming.QueryKey = true
	a, key := h.open(a)
	for name, change := range map[string]func(r *http.Request){
		"header twice":     func(r *http.Request) { r.Header.Add("X-Api-Key", key) },
		"header and other": func(r *http.Request) { r.Header.Add("X-Api-Key", "thk_other") },
		"bearer":           func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+key) },
		"query":            func(r *http.Request) { r.URL.RawQuery = "api_key=" + key },
		"query, other":     func(r *http.Request) { r.URL.RawQuery = "api%5Fkey=thk_other&api_key=x" },
		"query, escaped":   func(r *http.Request) { r.URL.RawQuery = "api%5Fkey=thk_other" },
		"query alone, twice": func(r *http.Request) {
			r.Header.Del("X-Api-Key")
			r.URL.RawQuery = "api_key=" + key + "&api_key=" + key
		},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/in/"+a.ID, strings.NewReader(someone))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Api-Key", key)
		r.Header.Set("Content-Type", "application/json")
		change(r)
		if got := h.do(r); got.Status != http.StatusBadRequest || !strings.Contains(got.Body, "more than one API key") {
			t.Errorf("%s: answered %d %s", name, got.Status, got.Body)
		}
	}
}

// I1: a key in the query is found however its name is escaped (RFC 3986, section 6.2.2.2).
func TestKeyInTheQueryIsFoundUnderAnySpelling(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a := inviting()
	a.Trigger.Incoming.QueryKey = true
	a, key := h.open(a)
	for _, name := range []string{"api_key", "api%5Fkey", "%61pi_key"} {
		got := h.send(call{method: "GET", path: "/in/" + a.ID + "?email=a@example.com&" + name + "=" + key})
		if got.Status != http.StatusAccepted {
			t.Errorf("%s: answered %d %s", name, got.Status, got.Body)
		}
	}
}

// I1: a rotated key is good for the overlap, a revoked one no longer than Options.Refresh in any process, and a use is noted.
func TestKeysRotateAndEnd(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		h, there := newHouse(t, st, webhook.ReceiverOptions{FailuresPerMinute: 100_000}), newHouse(t, st, webhook.ReceiverOptions{FailuresPerMinute: 100_000})
		a, old := h.open(inviting())
		status := func(at *house, key string) int { return at.send(jsonCall("/in/"+a.ID, key, someone)).Status }
		for status(there, old) != 202 { // until the other process knows the automation
		}
		keys, err := h.d.Keys(t.Context(), account, a.ID)
		if err != nil || len(keys) != 1 || keys[0].UsedAt.IsZero() || !strings.HasSuffix(old, keys[0].Hint) || len(keys[0].Hint) != 4 {
			t.Fatalf("keys are %+v, %v", keys, err)
		}
		fresh, kept, err := h.d.RotateKey(t.Context(), account, a.ID, keys[0].ID, time.Hour)
		if err != nil || kept.Name != "a sender" {
			t.Fatalf("rotated to %+v, %v", kept, err)
		}
		if got := []int{status(h, old), status(h, fresh.Reveal())}; !cmp.Equal(got, []int{202, 202}) {
			t.Errorf("old and new key are answered %v", got)
		}
		if err := h.d.RevokeKey(t.Context(), account, a.ID, keys[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := []int{status(h, old), status(h, fresh.Reveal())}; !cmp.Equal(got, []int{401, 202}) {
			t.Errorf("revoked and new key are answered %v", got)
		}
		for status(there, old) != 401 { // the other process has it no longer than Options.Refresh
		}
		if _, _, err := h.d.RotateKey(t.Context(), account, a.ID, kept.ID, 0); err != nil {
			t.Fatal(err)
		}
		if status(h, fresh.Reveal()) != 401 {
			t.Error("a key that was rotated without an overlap is good")
		}
	})
}

// I1: a key that is revoked is no good at once, however far the store's clock is from this process's.
func TestKeysEndByTheStoresClock(t *testing.T) {
	for _, ahead := range []time.Duration{-time.Hour, time.Hour} {
		st := memory.Options{Now: func() time.Time { return time.Now().Add(ahead) }}.New()
		h := newHouse(t, st, webhook.ReceiverOptions{})
		a, key := h.open(inviting())
		kept, err := h.d.Keys(t.Context(), account, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		next, _, err := h.d.RotateKey(t.Context(), account, a.ID, kept[0].ID, 10*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{key, next.Reveal()} {
			if got := h.send(jsonCall("/in/"+a.ID, text, someone)); got.Status != 202 {
				t.Errorf("%v ahead, both keys are good, answered %d %s", ahead, got.Status, got.Body)
			}
		}
		if err := h.d.RevokeKey(t.Context(), account, a.ID, kept[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := h.send(jsonCall("/in/"+a.ID, key, someone)); got.Status != 401 {
			t.Errorf("%v ahead, a revoked key is answered %d %s", ahead, got.Status, got.Body)
		}
	}
}

// I1, I7, ATTACKS 34, 36, 37: a signed request needs no key, its id cannot be changed, and without a signed id neither its body
// nor its query can be played again as another.
func TestSignedRequestsAreTaken(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a := inviting()
	secret := secretOf(t, "a secret of twenty-four b")
	a.Trigger.Incoming.Schemes = []signature.Scheme{{Kind: signature.Standard}, {Kind: signature.GitHub}}
	a.Trigger.Incoming.Secrets = automation.Secrets{secret}
	a = save(t, h.d, a)
	send := func(scheme signature.Kind, id string, change func(*http.Request)) reply {
		seal, err := signature.NewSeal([]signature.Scheme{{Kind: scheme}}, secret)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/in/"+a.ID, strings.NewReader(someone))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if err := seal.Set(r.Header, id, time.Now(), []byte(someone)); err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(r)
		}
		return h.do(r)
	}
	first := send(signature.Standard, "msg_1", nil)
	first.runs(t)
	if again := send(signature.Standard, "msg_1", func(r *http.Request) { r.Header.Set("Idempotency-Key", "another") }); again.Body != first.Body {
		t.Errorf("sent again, answered %s, at first %s", again.Body, first.Body)
	}
	if got := send(signature.Standard, "msg_1", func(r *http.Request) { r.Header.Set("Webhook-Id", "msg_2") }); got.Status != 401 {
		t.Errorf("with another id than is signed, answered %d", got.Status)
	}
	hub := send(signature.GitHub, "msg_1", nil)
	if hub.runs(t); hub.Body == first.Body {
		t.Error("an id that is not signed counts")
	}
	if again := send(signature.GitHub, "msg_3", func(r *http.Request) { r.Header.Set("Idempotency-Key", "another") }); again.Body != hub.Body {
		t.Errorf("played again under another id, answered %s, at first %s", again.Body, hub.Body)
	}
	if got := send(signature.GitHub, "msg_4", func(r *http.Request) { r.Method = "GET"; r.URL.RawQuery = "email=b@example.com" }); got.Status != 401 {
		t.Errorf("a query beside a signature is answered %d", got.Status)
	}
	if h.total() != 2 {
		t.Errorf("%d runs, want 2", h.total())
	}
}

// ATTACKS 31: who fails too often is told when to come again, others are heard, and no client is shut out by others.
func TestFailuresAreLimitedByClient(t *testing.T) {
	client := netip.MustParseAddr("2001:db8::1")
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{FailuresPerMinute: 3, ClientIP: func(*http.Request) netip.Addr { return client }})
	a, key := h.open(inviting())
	b, keyB := h.open(inviting())
	status := func(id, key string) int { return h.send(jsonCall("/in/"+id, key, someone)).Status }
	for i := range 3 {
		if got := status(a.ID, "thk_wrong"); got != 401 {
			t.Fatalf("failure %d is answered %d", i+1, got)
		}
	}
	got := h.send(jsonCall("/in/"+a.ID, "thk_wrong", someone))
	if wait := got.Header.Get("Retry-After"); got.Status != 429 || wait == "" || wait == "0" {
		t.Errorf("answered %d, Retry-After %q", got.Status, wait)
	}
	if status(a.ID, "") != 429 {
		t.Error("without a key it is heard")
	}
	if status(a.ID, key) != 202 {
		t.Error("who has the key, and shares its address with whoever has not, is shut out")
	}
	if status(b.ID, "thk_wrong") != 401 {
		t.Error("it is not heard at another address")
	}
	client = netip.MustParseAddr("2001:db8::2")
	if status(a.ID, "thk_wrong") != 429 {
		t.Error("another address of the same network is heard")
	}
	client = netip.MustParseAddr("2001:db8:0:1::1")
	if status(a.ID, "thk_wrong") != 401 {
		t.Error("another client is not heard")
	}
	for i := range 29 {
		if got := status(fmt.Sprintf("aut_%d", i), key); got != 401 {
			t.Fatalf("failure %d at different addresses is answered %d", i+2, got)
		}
	}
	if got := status(b.ID, "thk_wrong"); got != 429 {
		t.Errorf("who fails at many addresses is answered %d", got)
	}
	if status(b.ID, keyB) != 202 {
		t.Error("who has a key is shut out by failures at many addresses")
	}
}
