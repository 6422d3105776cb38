package signature_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

type schemes = []signature.Scheme

func kinds(all ...signature.Kind) schemes {
	var list schemes
	for _, kind := range all {
		list = append(list, signature.Scheme{Kind: kind})
	}
	return list
}

// O7, ATTACKS 15 and 38.
func TestUnfitSchemesAreRefused(t *testing.T) {
	header := func(name string) signature.Scheme { return signature.Scheme{Kind: signature.Custom, Header: name} }
	prefix := func(text string) signature.Scheme {
		return signature.Scheme{Kind: signature.Custom, Header: "X", Prefix: text}
	}
	for name, s := range map[string]signature.Scheme{
		"no kind":                   {},
		"an unknown kind":           {Kind: "sha1"},
		"a kind in capitals":        {Kind: "GitHub"},
		"standard, own header":      {Kind: signature.Standard, Header: "X-Signature"},
		"github, own header":        {Kind: signature.GitHub, Header: "X-Signature"},
		"github, own prefix":        {Kind: signature.GitHub, Prefix: "sha1="},
		"x_webhook in base64":       {Kind: signature.XWebhook, Encoding: signature.Base64},
		"stripe, own prefix":        {Kind: signature.Stripe, Prefix: "v1="},
		"stripe in base64":          {Kind: signature.Stripe, Encoding: signature.Base64},
		"stripe, strange header":    {Kind: signature.Stripe, Header: "a b"},
		"an unknown encoding":       {Kind: signature.Custom, Header: "X", Encoding: "hex"},
		"no header":                 header(""),
		"a space":                   header("X Signature"),
		"a colon":                   header("X:"),
		"a line break":              header("X\r\nHost"),
		"NUL":                       header("X\x00"),
		"not ASCII":                 header("X-Sïgn"),
		"the Kelvin sign":           header("X-\u212aey"),
		"a mark like a hyphen":      header("X_Signature"),
		"a long header":             header(strings.Repeat("a", 101)),
		"Standard Webhooks' id":     header("webhook-id"),
		"Standard Webhooks' own":    header("WEBHOOK-Signature"),
		"one of Standard Webhooks'": {Kind: signature.Stripe, Header: "webhook-x"},
		"space before":              prefix(" sha256="),
		"a line break in it":        prefix("a\r\nb"),
		"a tab in it":               prefix("a\tb"),
		"DEL in it":                 prefix("a\x7f"),
		"not ASCII in it":           prefix("é"),
		"a long prefix":             prefix(strings.Repeat("a", 65)),
	} {
		t.Run(name, func(t *testing.T) {
			if err := s.Validate(); !errors.Is(err, signature.ErrScheme) {
				t.Errorf("Validate = %v; want ErrScheme", err)
			}
			if _, err := signature.NewSeal(schemes{s}, secret(t, oldText)); !errors.Is(err, signature.ErrScheme) {
				t.Errorf("NewSeal = %v; want ErrScheme", err)
			}
		})
	}
}

func TestSchemesAtTheirBoundsAreAccepted(t *testing.T) {
	for _, s := range []signature.Scheme{
		{Kind: signature.Custom, Header: strings.Repeat("a", 100), Prefix: strings.Repeat("~", 64)},
		{Kind: signature.Custom, Header: "x-9", Prefix: "HMAC key=\"1\", signature= "},
		{Kind: signature.Custom, Header: "Authorization", Prefix: "HMAC ", Encoding: signature.Base64},
		{Kind: signature.Stripe, Header: "acme-signature"},
	} {
		if err := s.Validate(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// A host stores schemes and shows them to people; there is no secret in them.
func TestSchemesAreJSON(t *testing.T) {
	want := schemes{
		{Kind: signature.Standard}, {Kind: signature.Stripe, Header: "Acme-Signature"},
		{Kind: signature.Custom, Header: "X-Acme", Prefix: "sha256=", Encoding: signature.Base64},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const spelled = `[{"kind":"standard"},{"kind":"stripe","header":"Acme-Signature"},` +
		`{"kind":"custom","header":"X-Acme","prefix":"sha256=","encoding":"base64"}]`
	if string(text) != spelled {
		t.Errorf("schemes are\n%s\nwant\n%s", text, spelled)
	}
	var got schemes
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schemes (-written +read):\n%s", diff)
	}
}

// O7: who signs with what, and says so when the secret is of another kind.
func TestEachSchemeTakesItsSecrets(t *testing.T) {
	text, private := ownText(t, "correct horse"), secret(t, privateText)
	for _, tt := range []struct {
		name     string
		secret   signature.Secret
		standard bool
		others   bool
	}{
		{"whsec_", secret(t, oldText), true, true},
		{"whsk_", private, true, false},
		{"whpk_", public(t, privateText), false, false},
		{"text_", text, false, true},
		{"zero", signature.Secret{}, false, false},
	} {
		for _, kind := range []signature.Kind{signature.Standard, signature.Stripe, signature.GitHub, signature.XWebhook, signature.Custom} {
			want := tt.others
			if kind == signature.Standard {
				want = tt.standard
			}
			err := signature.Scheme{Kind: kind}.Takes(tt.secret)
			if (err == nil) != want || err != nil && !errors.Is(err, signature.ErrSecret) {
				t.Errorf("%s takes a %s secret: %v; want it taken: %v", kind, tt.name, err, want)
			}
		}
		if err := signature.CheckSecret(tt.secret); (err == nil) != tt.standard {
			t.Errorf("Standard Webhooks alone, a %s secret: %v", tt.name, err)
		}
		if err := signature.CheckSecret(tt.secret, kinds(signature.GitHub, signature.Standard)...); (err == nil) != (tt.standard || tt.others) {
			t.Errorf("github and Standard Webhooks, a %s secret: %v", tt.name, err)
		}
	}
}

// Whatever is accepted makes requests that net/http writes and reads back as they were meant, and no header of another's.
func FuzzScheme(f *testing.F) {
	f.Add("custom", "X-Acme", "sha256=", "base64")
	f.Add("stripe", "acme-signature", "", "")
	f.Add("custom", "webhook-id", " ", "")
	f.Add("custom", "a\r\nb", "\u2028", "hex")
	body := []byte(bodyText)
	f.Fuzz(func(t *testing.T, kind, header, prefix, encoding string) {
		s := signature.Scheme{Kind: signature.Kind(kind), Header: header, Prefix: prefix, Encoding: signature.Encoding(encoding)}
		seal, err := signature.NewSeal(schemes{s, {Kind: signature.Standard}}, secret(t, oldText))
		if s.Validate() != nil || s.Kind == signature.Standard {
			if err == nil {
				t.Fatalf("%+v made a seal", s)
			}
			return
		}
		if err != nil {
			t.Fatalf("%+v is valid, but %v", s, err)
		}
		request, err := http.NewRequest(http.MethodPost, "https://receiver.example/", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := seal.Set(request.Header, "run_1", signedAt, body); err != nil {
			t.Fatal(err)
		}
		names := append(s.Headers(), "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature")
		if len(request.Header) != len(names) {
			t.Errorf("%+v: headers %v, want %v", s, request.Header, names)
		}
		arrived := roundTrip(t, request)
		for _, name := range names {
			if textproto.CanonicalMIMEHeaderKey(name) != name {
				t.Errorf("%+v: header %q is no key", s, name)
			}
			if diff := cmp.Diff(request.Header[name], arrived[name]); diff != "" || len(arrived[name]) != 1 {
				t.Errorf("%+v: header %s (-sent +arrived):\n%s", s, name, diff)
			}
		}
	})
}

// roundTrip returns the headers of a request after it was on the wire.
func roundTrip(t testing.TB, request *http.Request) http.Header {
	t.Helper()
	var wire bytes.Buffer
	if err := request.Write(&wire); err != nil {
		t.Fatal(err)
	}
	arrived, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	return arrived.Header
}
