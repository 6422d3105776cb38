package signature_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// bodies are what senders send, and what senders should not.
var bodies = map[string]string{
	"ascii":     `{"type":"contact.tag.added","data":{"id":1}}`,
	"unicode":   `{"name":"Zażółć Gößling 김 👩‍👩‍👧"}`,
	"U+2028":    "{\"name\":\"a\u2028b\u2029c\"}",
	"escapes":   `{"name":"\u0000\u2028\ud83d\ude00"}`,
	"spaces":    " {\"a\" :\t1}\r\n",
	"full stop": `"2.x"`,
	"empty":     "",
	"big":       `"` + strings.Repeat("é", 1<<19) + `"`,
}

func official(t *testing.T, text string) *standardwebhooks.Webhook {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// O7: the official Go library accepts what we sign, whichever of our secrets it knows.
func TestOfficialGoLibraryAcceptsWhatWeSign(t *testing.T) {
	now := time.Now()
	s := signer(t, newText, privateText, oldText)
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			h := headers("run_1", unix(now), sign(t, s, "run_1", now, []byte(body)))
			for _, text := range []string{newText, oldText} {
				if err := official(t, text).Verify([]byte(body), h); err != nil {
					t.Errorf("official library: %v", err)
				}
				if err := official(t, text).Verify([]byte(body+"x"), h); err == nil {
					t.Error("official library accepts another body")
				}
			}
		})
	}
}

// O7: and we accept what it signs.
func TestWeAcceptWhatTheOfficialGoLibrarySigns(t *testing.T) {
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			var signatures []string
			for _, text := range []string{newText, oldText} {
				one, err := official(t, text).Sign("msg_1", signedAt, []byte(body))
				if err != nil {
					t.Fatal(err)
				}
				signatures = append(signatures, one)
			}
			h := headers("msg_1", unix(signedAt), strings.Join(signatures, " "))
			for _, text := range []string{newText, oldText} {
				if err := verifier(t, secret(t, text)).Verify(h, []byte(body), signedAt); err != nil {
					t.Error(err)
				}
				if err := verifier(t, secret(t, text)).Verify(h, []byte(body+"x"), signedAt); err == nil {
					t.Error("another body is accepted")
				}
			}
		})
	}
}

// message is a line that testdata/receive.mjs reads.
type message struct {
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	name    string
	genuine bool
}

func signedMessage(t *testing.T, id, body string, at time.Time) message {
	signatures := sign(t, signer(t, newText, privateText, oldText), id, at, []byte(body))
	return message{
		Headers: map[string]string{
			signature.HeaderID: id, signature.HeaderTimestamp: unix(at), signature.HeaderSignature: signatures,
		},
		Body: body,
	}
}

// messages holds, for every secret that a receiver may know and every body, the genuine message and altered ones.
func messages(t *testing.T) []message {
	now := time.Now()
	var all []message
	for _, known := range []string{newText, oldText, public(t, privateText).Reveal()} {
		add := func(name string, m message, genuine bool) {
			m.Secret, m.name, m.genuine = known, known[:6]+" "+name, genuine
			all = append(all, m)
		}
		for name, body := range bodies {
			m := signedMessage(t, "run_1", body, now)
			add(name, m, true)
			m.Body += " "
			add(name+", altered body", m, false)
		}
		signatures := signedMessage(t, "run_1", bodyText, now).Headers[signature.HeaderSignature]
		for name, altered := range map[string][2]string{
			"other id":         {signature.HeaderID, "run_2"},
			"other time":       {signature.HeaderTimestamp, unix(now.Add(time.Second))},
			"other signatures": {signature.HeaderSignature, "v1," + b64(counting(32)) + " v1a," + b64(counting(64))},
			"cut signatures":   {signature.HeaderSignature, signatures[:30]},
		} {
			m := signedMessage(t, "run_1", bodyText, now)
			m.Headers[altered[0]] = altered[1]
			add(name, m, false)
		}
	}
	stranger := signedMessage(t, "run_1", bodyText, now)
	stranger.Secret, stranger.name = "whsec_"+b64(counting(24)), "unknown secret"
	return append(all, stranger)
}

// O7: receivers in JavaScript accept what we sign and refuse it altered; for Ed25519 it is Node's own crypto.
func TestJavaScriptReceiversAgree(t *testing.T) {
	folder := need.Npm(t, "standardwebhooks@1.1.1", "svix@1")
	all := messages(t)
	answers := need.Script(t, all, "testdata/receive.mjs", folder)
	for i, m := range all {
		want := map[string]bool{"standardwebhooks": m.genuine, "svix": m.genuine}
		if strings.HasPrefix(m.Secret, "whpk_") {
			want = map[string]bool{"node": m.genuine}
		}
		var got map[string]bool
		if err := json.Unmarshal([]byte(answers[i]), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: accepted (-want +got):\n%s", m.name, diff)
		}
	}
}
