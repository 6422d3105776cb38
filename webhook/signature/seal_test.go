package signature_test

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

const (
	vectorID   = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorBody = `{"test": 2432232314}`
)

func seal(t testing.TB, list schemes, secrets ...signature.Secret) signature.Seal {
	t.Helper()
	s, err := signature.NewSeal(list, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sealed(t testing.TB, s signature.Seal, body string) http.Header {
	t.Helper()
	h := http.Header{}
	if err := s.Set(h, vectorID, signedAt, []byte(body)); err != nil {
		t.Fatal(err)
	}
	return h
}

func ownText(t testing.TB, text string) signature.Secret {
	t.Helper()
	s, err := signature.NewText(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What openssl makes of the vectors' body (printf '%s' "$body" | openssl dgst -sha256 -hmac "$secret", for base64 with -binary and
// piped to base64) and of time and body ("$time.$body"); -Old is by oldText, -New by newText.
const (
	bodyOld       = "80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c"
	bodyOldBase64 = "gOyKic480iEzoQZsrstNBP6nRnZXyFFNcX7ELDilyUw="
	bodyNew       = "67736d2664f4a0362b5edd77f2674dd356a9a4d93f7f60b3e3d8dcbfb0a35540"
	timedOld      = "2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964"
	timedNew      = "b3a32677d77b1e93e04741325d1af0628930a4e5c8d3514aeffe96abb0748ad8"
	standardOld   = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" // testdata/vectors.json
)

// O7: every preset, with one secret and while secrets rotate.
func TestSchemesSignAsOpenSSLDoes(t *testing.T) {
	one, two := []signature.Secret{secret(t, oldText)}, []signature.Secret{secret(t, oldText), secret(t, newText)}
	for _, tt := range []struct {
		name    string
		schemes schemes
		secrets []signature.Secret
		want    map[string]string // beside webhook-id
	}{
		{"nothing said", nil, one, map[string]string{"Webhook-Timestamp": "1614265330", "Webhook-Signature": standardOld}},
		{"standard", kinds(signature.Standard), one, map[string]string{"Webhook-Timestamp": "1614265330", "Webhook-Signature": standardOld}},
		{"stripe", kinds(signature.Stripe), one, map[string]string{"Stripe-Signature": "t=1614265330,v1=" + timedOld}},
		{"stripe, rotating", kinds(signature.Stripe), two, map[string]string{"Stripe-Signature": "t=1614265330,v1=" + timedOld + ",v1=" + timedNew}},
		{"stripe, own header", schemes{{Kind: signature.Stripe, Header: "acme-signature"}}, one, map[string]string{"Acme-Signature": "t=1614265330,v1=" + timedOld}},
		{"github", kinds(signature.GitHub), one, map[string]string{"X-Hub-Signature-256": "sha256=" + bodyOld}},
		{"github, rotating", kinds(signature.GitHub), []signature.Secret{two[1], two[0]}, map[string]string{"X-Hub-Signature-256": "sha256=" + bodyNew}},
		{"x_webhook", kinds(signature.XWebhook), two, map[string]string{
			"X-Webhook-Id": vectorID, "X-Webhook-Timestamp": "1614265330", "X-Webhook-Signature": timedOld,
		}},
		{"custom", schemes{{Kind: signature.Custom, Header: "x-acme-hmac"}}, two, map[string]string{"X-Acme-Hmac": bodyOld}},
		{"custom in base64", schemes{{Kind: signature.Custom, Header: "X-Shopify-Hmac-Sha256", Encoding: signature.Base64}}, one,
			map[string]string{"X-Shopify-Hmac-Sha256": bodyOldBase64}},
		{"custom with a prefix", schemes{{Kind: signature.Custom, Header: "Authorization", Prefix: "HMAC ", Encoding: signature.Base64}}, one,
			map[string]string{"Authorization": "HMAC " + bodyOldBase64}},
		{"beside", kinds(signature.GitHub, signature.Standard), one, map[string]string{
			"Webhook-Timestamp": "1614265330", "Webhook-Signature": standardOld, "X-Hub-Signature-256": "sha256=" + bodyOld,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := http.Header{"Webhook-Id": {vectorID}}
			for name, value := range tt.want {
				want[name] = []string{value}
			}
			if diff := cmp.Diff(want, sealed(t, seal(t, tt.schemes, tt.secrets...), vectorBody)); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

// The example in GitHub's documentation, "Testing the webhook payload validation": a secret that a receiver made up.
func TestGitHubsOwnExampleIsSignedAlike(t *testing.T) {
	h := sealed(t, seal(t, kinds(signature.GitHub), ownText(t, "It's a Secret to Everybody")), "Hello, World!")
	const want = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	if got := h.Get("X-Hub-Signature-256"); got != want {
		t.Errorf("signed %q, want %q", got, want)
	}
}

// Each scheme passes by the secrets that it does not take.
func TestSchemesShareSecretsOfSeveralKinds(t *testing.T) {
	h := sealed(t, seal(t, kinds(signature.Standard, signature.Stripe), secret(t, privateText), secret(t, oldText), ownText(t, newText)), vectorBody)
	if got := h.Get("Webhook-Signature"); !strings.HasPrefix(got, "v1a,") || !strings.HasSuffix(got, " "+standardOld) || strings.Count(got, " ") != 1 {
		t.Errorf("webhook-signature is %q, want one v1a and %q", got, standardOld)
	}
	if got, want := h.Get("Stripe-Signature"), "t=1614265330,v1="+timedOld+",v1="+timedNew; got != want {
		t.Errorf("Stripe-Signature is %q, want %q", got, want)
	}
}

// ATTACKS 15, 35.
func TestUnfitSealsAreRefused(t *testing.T) {
	good, private, text := secret(t, oldText), secret(t, privateText), ownText(t, "correct horse")
	custom := func(name string) signature.Scheme { return signature.Scheme{Kind: signature.Custom, Header: name} }
	for _, tt := range []struct {
		name    string
		schemes schemes
		secrets []signature.Secret
		want    error
	}{
		{"no secret", nil, nil, signature.ErrNoSecret},
		{"17 secrets", kinds(signature.GitHub), slices.Repeat([]signature.Secret{good}, 17), signature.ErrTooManySecrets},
		{"a zero secret", kinds(signature.GitHub), []signature.Secret{good, {}}, signature.ErrSecret},
		{"a public key", nil, []signature.Secret{good, public(t, privateText)}, signature.ErrSecret},
		{"Ed25519 for stripe", kinds(signature.Stripe), []signature.Secret{private}, signature.ErrSecret},
		{"Ed25519 that nobody uses", kinds(signature.Stripe), []signature.Secret{good, private}, signature.ErrSecret},
		{"Ed25519 alone, beside", kinds(signature.Standard, signature.Stripe), []signature.Secret{private}, signature.ErrSecret},
		{"a text for Standard Webhooks", nil, []signature.Secret{text}, signature.ErrSecret},
		{"a text alone, beside", kinds(signature.GitHub, signature.Standard), []signature.Secret{text}, signature.ErrSecret},
		{"five schemes", schemes{custom("A"), custom("B"), custom("C"), custom("D"), custom("E")}, []signature.Secret{good}, signature.ErrScheme},
		{"one twice", kinds(signature.Standard, signature.Standard), []signature.Secret{good}, signature.ErrScheme},
		{"one header, two spellings", schemes{custom("X-Acme"), custom("x-acme")}, []signature.Secret{good}, signature.ErrScheme},
		{"github's header", schemes{{Kind: signature.GitHub}, custom("x-hub-signature-256")}, []signature.Secret{good}, signature.ErrScheme},
		{"stripe's header", schemes{custom("stripe-signature"), {Kind: signature.Stripe}}, []signature.Secret{good}, signature.ErrScheme},
		{"x_webhook's header", schemes{custom("X-WEBHOOK-ID"), {Kind: signature.XWebhook}}, []signature.Secret{good}, signature.ErrScheme},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := signature.NewSeal(tt.schemes, tt.secrets...)
			if !errors.Is(err, tt.want) {
				t.Errorf("NewSeal = %v; want %v", err, tt.want)
			}
			if err := s.Set(http.Header{}, "a", signedAt, nil); !errors.Is(err, signature.ErrNoSecret) {
				t.Errorf("the refused seal signs: %v", err)
			}
		})
	}
}

// As Signer.Sign: what one scheme must not sign, none does.
func TestMalformedIDsAndTimesAreNotSealed(t *testing.T) {
	s := seal(t, kinds(signature.GitHub), secret(t, oldText))
	for _, tt := range []struct {
		id   string
		at   time.Time
		want error
	}{
		{"", signedAt, signature.ErrMalformedID},
		{"a.1", signedAt, signature.ErrMalformedID},
		{"a\r\nb", signedAt, signature.ErrMalformedID},
		{"a", time.Time{}, signature.ErrMalformedTimestamp},
	} {
		h := http.Header{}
		if err := s.Set(h, tt.id, tt.at, nil); !errors.Is(err, tt.want) || len(h) != 0 {
			t.Errorf("Set(%q, %v) = %v with headers %v; want %v and none", tt.id, tt.at, err, h, tt.want)
		}
	}
}

// The caller may use its slices for something else afterwards.
func TestSealKeepsItsSchemesAndSecrets(t *testing.T) {
	list, secrets := kinds(signature.GitHub, signature.Standard), []signature.Secret{secret(t, oldText)}
	s := seal(t, list, secrets...)
	want := sealed(t, s, vectorBody)
	list[0], secrets[0] = signature.Scheme{Kind: signature.Stripe}, secret(t, newText)
	if diff := cmp.Diff(want, sealed(t, s, vectorBody)); diff != "" {
		t.Errorf("headers (-before +after):\n%s", diff)
	}
}

// Most messages are signed under Standard Webhooks alone: for those a seal costs no more than setting its headers by hand.
func TestSealOfStandardWebhooksAllocatesNothingMore(t *testing.T) {
	h, body := http.Header{}, make([]byte, 1024)
	s, by := seal(t, nil, secret(t, oldText)), signer(t, oldText)
	hand := leastAllocs(func() {
		h["Webhook-Id"] = []string{vectorID}
		h["Webhook-Timestamp"] = []string{strconv.FormatInt(signedAt.Unix(), 10)}
		h["Webhook-Signature"] = []string{sign(t, by, vectorID, signedAt, body)}
	})
	if got := leastAllocs(func() { _ = s.Set(h, vectorID, signedAt, body) }); got > hand {
		t.Errorf("%v allocations, by hand %v", got, hand)
	}
}

// leastAllocs returns what f allocates when its pools have all it asks for: not always, as they may forget, and do so at random
// under the race detector.
func leastAllocs(f func()) float64 {
	least := testing.AllocsPerRun(1, f)
	for range 100 {
		least = min(least, testing.AllocsPerRun(1, f))
	}
	return least
}

func BenchmarkSeal(b *testing.B) {
	for name, list := range map[string]schemes{
		"none": nil, "stripe": kinds(signature.Stripe), "github": kinds(signature.GitHub), "x_webhook": kinds(signature.XWebhook),
		"beside": kinds(signature.Standard, signature.GitHub),
	} {
		b.Run(name, func(b *testing.B) {
			s, h, body := seal(b, list, secret(b, oldText)), http.Header{}, make([]byte, 1024)
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if err := s.Set(h, "run_01J0000000000000000000000", signedAt, body); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
