package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// ATTACKS 34, 36: of headers that are nearly right, none is believed, and what is too much of them is refused before it is
// computed with.
func TestNearlySignedRequestsAreRefused(t *testing.T) {
	h, a, secret := signedHouse(t)
	signer, err := signature.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signed, err := signer.Sign("msg_1", now, []byte(someone))
	if err != nil {
		t.Fatal(err)
	}
	seconds := fmt.Sprint(now.Unix())
	post := func(timestamp, text string) int {
		r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/in/"+a.ID, strings.NewReader(someone))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {timestamp}, "Webhook-Signature": {text}}
		return h.do(r).Status
	}
	for _, text := range []string{"", "v1,", "v1,AAAA", signed[:len(signed)-4], signed + ",", signed + " v1", "v2," + signed[3:], signed[3:],
		strings.Repeat("v1,AAAA ", 17) + signed, strings.Repeat("v1,AAAA ", 20_000) + signed} {
		if got := post(seconds, text); got != http.StatusUnauthorized {
			t.Errorf("signature %.60q is answered %d", text, got)
		}
	}
	for _, timestamp := range []string{"", "+" + seconds, "0" + seconds, seconds + "000", "1e9", "-1", "9223372036854775808", fmt.Sprint(now.Unix() - 301), fmt.Sprint(now.Unix() + 330)} {
		if got := post(timestamp, signed); got != http.StatusUnauthorized {
			t.Errorf("timestamp %q is answered %d", timestamp, got)
		}
	}
	if got := post(seconds, signed); got != http.StatusAccepted || h.total() != 1 {
		t.Errorf("the right one is answered %d, %d runs", got, h.total())
	}
}

// ATTACKS 38: an automation whose stored scheme is not known here believes nobody.
func TestUnknownSchemeBelievesNobody(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	secret := secretOf(t, "a secret of the senders'")
	a := inviting()
	a.ID, a.Actions[0].ID = "aut_later", "1"
	a.Trigger.Incoming.Schemes = []signature.Scheme{{Kind: "none"}}
	a.Trigger.Incoming.Secrets = automation.Secrets{secret}
	if _, err := h.st.Put(t.Context(), []automation.Automation{a}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.d.Automation(t.Context(), account, a.ID); err != nil { // it is known from here on
		t.Fatal(err)
	}
	seal, err := signature.NewSeal(nil, secret)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	if err := seal.Set(header, "msg_1", time.Now(), []byte(someone)); err != nil {
		t.Fatal(err)
	}
	c := call{path: "/in/" + a.ID, header: map[string]string{"Content-Type": "application/json"}, body: someone}
	for name := range header {
		c.header[name] = header.Get(name)
	}
	if got := h.send(c); got.Status != http.StatusUnauthorized || h.total() != 0 {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
}

// ATTACKS 41: data that is built to confuse is taken for what it is or refused by name; no digit is lost, and nothing is logged.
func TestConfusingDataIsTakenForWhatItIs(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a := inviting()
	a.Trigger.Incoming.Fields = append(a.Trigger.Incoming.Fields, automation.Field{Name: "items.0.sku", Type: automation.TypeText},
		automation.Field{Name: "__proto__.admin", Type: automation.TypeBoolean})
	a, key := h.open(a)
	const rest = `"email":"ada@example.com"`
	for body, want := range map[string]int{
		`{` + rest + `,"score":9007199254740993}`:                          202,
		`{` + rest + `,"score":"9007199254740993"}`:                        202,
		`{` + rest + `,"score":"1,5"}`:                                     422,
		`{` + rest + `,"items":[{"sku":"canary"}]}`:                        202,
		`{` + rest + `,"items":{"0":{"sku":"canary"}}}`:                    202,
		`{` + rest + `,"items":["canary"]}`:                                422,
		`{` + rest + `,"items":{"-1":"canary","1e9":"canary"}}`:            202,
		`{` + rest + `,"__proto__":{"admin":true}}`:                        202,
		`{` + rest + `,"__proto__":{"admin":"canary"}}`:                    422,
		`{` + rest + `,"` + strings.Repeat("k", 1<<20-100) + `":"canary"}`: 202,
		`{"` + strings.Repeat("k", 1<<19) + `":{"canary":1,"canary":2}}`:   422,
		`{"email":["canary"]}`:                                             422,
		`{"email":{"$gt":"canary"}}`:                                       422,
	} {
		got := h.send(jsonCall("/in/"+a.ID, key, body))
		if got.Status != want || len(got.Body) > 4096 || strings.Contains(got.Body, "canary") {
			t.Errorf("%.80s: answered %d %.500s, want %d", body, got.Status, got.Body, want)
		}
	}
	page, err := h.st.List(context.Background(), runsOf(a), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	exact := 0
	for _, r := range page.Runs {
		run, err := h.st.Get(t.Context(), account, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		exact += strings.Count(string(run.Message), `:9007199254740993`)
	}
	if exact != 2 || strings.Contains(h.log.String(), "canary") || strings.Contains(h.log.String(), "ada@") {
		t.Errorf("the number is kept %d times, or the log names data:\n%s", exact, h.log)
	}
}

// ATTACKS 32: a key in a query, where it is taken, is in no log.
func TestKeyInQueryIsNotLogged(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a := inviting()
	a.Trigger.Incoming.QueryKey = true
	a, key := h.open(a)
	for _, query := range []string{"?email=ada@example.com&api_key=" + key, "?email=;&api_key=" + key, "?email=1&api_key=" + key, "?api_key=" + key + "&api_key=" + key} {
		got := h.send(call{method: "GET", path: "/in/" + a.ID + query})
		if got.Header.Get("Referrer-Policy") != "no-referrer" || got.Header.Get("Cache-Control") != "no-store" || strings.Contains(got.Body, key[4:]) {
			t.Errorf("answered %v %s", got.Header, got.Body)
		}
	}
	if log := h.log.String(); log == "" || strings.Contains(log, key[4:]) {
		t.Errorf("the log is empty or names the key: %s", log)
	}
}

func runsOf(a automation.Automation) runs.Filter {
	return runs.Filter{Account: a.Account, Automation: a.ID}
}
