package signature_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

var (
	inHeader = signature.Scheme{Kind: signature.Custom, Header: "X-Acme-Hmac"}
	inBase64 = signature.Scheme{Kind: signature.Custom, Header: "Authorization", Prefix: "HMAC ", Encoding: signature.Base64}
)

func schemeVerifier(t testing.TB, list schemes, secrets ...signature.Secret) signature.SchemeVerifier {
	t.Helper()
	v, err := signature.NewSchemeVerifier(list, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// O7 and I1: whatever a seal can make, under every set of schemes and secrets, is accepted by whoever believes any of its
// schemes, and by nobody with another body or another secret.
func TestWhatASealMakesIsAccepted(t *testing.T) {
	all := append(kinds(signature.Standard, signature.Stripe, signature.GitHub, signature.XWebhook), inHeader, inBase64)
	secrets := []signature.Secret{secret(t, oldText), secret(t, newText), secret(t, privateText), ownText(t, "correct horse")}
	stranger := secret(t, "whsec_"+b64(counting(24)))
	sealed := 0
	for _, list := range subsets(all) {
		for _, signing := range subsets(secrets) {
			s, err := signature.NewSeal(list, signing...)
			if err != nil {
				continue // not together, as TestUnfitSealsAreRefused says
			}
			sealed++
			h := http.Header{}
			if err := s.Set(h, "run_1", signedAt, []byte(bodyText)); err != nil {
				t.Fatal(err)
			}
			for _, one := range list {
				mustAcceptOnly(t, h, schemeVerifier(t, schemes{one}, taken(one, signing)...), one)
				_, err := schemeVerifier(t, schemes{one}, stranger).Verify(h, []byte(bodyText), signedAt)
				if !errors.Is(err, signature.ErrNoMatch) {
					t.Errorf("%+v by a stranger's secret: %v", one, err)
				}
			}
		}
	}
	if sealed < 300 {
		t.Errorf("only %d seals were made", sealed)
	}
}

func mustAcceptOnly(t *testing.T, h http.Header, v signature.SchemeVerifier, one signature.Scheme) {
	t.Helper()
	want := ""
	if one.Kind == signature.Standard {
		want = "run_1"
	}
	if id, err := v.Verify(h, []byte(bodyText), signedAt); err != nil || id != want {
		t.Errorf("%+v: Verify = %q, %v; want %q", one, id, err, want)
	}
	if id, err := v.Verify(h, []byte(bodyText+" "), signedAt); !errors.Is(err, signature.ErrNoMatch) || id != "" {
		t.Errorf("%+v, another body: Verify = %q, %v; want ErrNoMatch", one, id, err)
	}
}

// taken returns the secrets that s verifies with.
func taken(s signature.Scheme, secrets []signature.Secret) []signature.Secret {
	return slices.DeleteFunc(slices.Clone(secrets), func(one signature.Secret) bool { return s.VerifiesWith(one) != nil })
}

func subsets[T any](all []T) [][]T {
	var found [][]T
	for bits := 1; bits < 1<<len(all); bits++ {
		var set []T
		for i, each := range all {
			if bits>>i&1 == 1 {
				set = append(set, each)
			}
		}
		found = append(found, set)
	}
	return found
}

// I1: a receiver that rotates knows both secrets, a message any one of its schemes.
func TestAnyBelievedSchemeAndSecretSuffices(t *testing.T) {
	old, text := secret(t, oldText), ownText(t, "correct horse")
	v := schemeVerifier(t, kinds(signature.GitHub, signature.Standard, signature.Stripe), text, old, public(t, privateText))
	for name, tt := range map[string]struct {
		schemes schemes
		secret  signature.Secret
		id      string
	}{
		"standard":           {nil, old, vectorID},
		"standard, Ed25519":  {nil, secret(t, privateText), vectorID},
		"github, text":       {kinds(signature.GitHub), text, ""},
		"github, whsec_":     {kinds(signature.GitHub), old, ""},
		"stripe":             {kinds(signature.Stripe), text, ""},
		"github beside":      {kinds(signature.GitHub, signature.Standard), old, vectorID},
		"an unknown beside":  {append(kinds(signature.GitHub), inHeader), old, ""},
		"standard's id last": {kinds(signature.Stripe, signature.GitHub, signature.Standard), old, vectorID},
	} {
		id, err := v.Verify(sealed(t, seal(t, tt.schemes, tt.secret), vectorBody), []byte(vectorBody), signedAt)
		if err != nil || id != tt.id {
			t.Errorf("%s: Verify = %q, %v; want %q", name, id, err, tt.id)
		}
	}
	_, err := v.Verify(sealed(t, seal(t, schemes{inHeader}, old), vectorBody), []byte(vectorBody), signedAt)
	if !errors.Is(err, signature.ErrMissingHeader) || !strings.Contains(err.Error(), "Webhook-Signature or X-Hub-Signature-256 or Stripe-Signature") {
		t.Errorf("a scheme that is not believed: %v; want ErrMissingHeader and what is believed", err)
	}
}

// offer is the value of a signature's header, and what becomes of it.
type offer struct {
	value string
	want  error
}

// mustAnswer fails unless a message with each of the values is answered so under s.
func mustAnswer(t *testing.T, s signature.Scheme, offers ...offer) {
	t.Helper()
	v, name := schemeVerifier(t, schemes{s}, secret(t, oldText)), s.Headers()[0]
	for _, o := range offers {
		if id, err := v.Verify(http.Header{name: {o.value}}, []byte(vectorBody), signedAt); !errors.Is(err, o.want) || id != "" {
			t.Errorf("%s: %.120s: Verify = %q, %v; want %v", name, o.value, id, err, o.want)
		}
	}
}

// ATTACKS 34 and 36, as TestBadSignatureHeadersAreRefused has them of Standard Webhooks.
func TestBadStripeHeadersAreRefused(t *testing.T) {
	at, v1 := "t=1614265330", ",v1="+timedOld
	malformed, timestamp, noMatch := signature.ErrMalformedSignature, signature.ErrMalformedTimestamp, signature.ErrNoMatch
	mustAnswer(t, signature.Scheme{Kind: signature.Stripe}, []offer{
		{at + v1, nil},
		{"v0=ab" + v1 + "," + at, nil},
		{at + ",v1=ab" + v1 + ",v1=" + timedNew, nil},
		{at + strings.Repeat(",v1=ab", 15) + v1, nil},
		{at + strings.Repeat(",v1=ab", 16) + v1, signature.ErrTooManySignatures},
		{at + v1 + ",v0=" + strings.Repeat("a", 4096), signature.ErrHeaderTooLarge},
		{at + strings.Repeat(",v1=ab", 200_000) + v1, signature.ErrHeaderTooLarge},
		{"", malformed},
		{at, malformed},
		{v1[1:], malformed},
		{at + ",v1=", malformed},
		{at + ",v0=" + timedOld, malformed},
		{at + "," + at + v1, malformed},
		{"t=1," + at + v1, malformed},
		{at + v1 + ",", malformed},
		{"," + at + v1, malformed},
		{at + v1 + " ", noMatch},
		{at + ", v1=" + timedOld, malformed},
		{at + ",V1=" + timedOld, malformed},
		{at + ",v1=" + strings.ToUpper(timedOld), noMatch},
		{at + ",v1=" + timedOld[:32], noMatch},
		{at + ",v1=" + timedOld + "00", noMatch},
		{at + ",v1=" + bodyOld, noMatch},
		{"t=+1614265330" + v1, timestamp},
		{"t=01614265330" + v1, timestamp},
		{"t= 1614265330" + v1, timestamp},
		{"t=1e9" + v1, timestamp},
		{"t=-1" + v1, timestamp},
		{"t=9223372036854775808" + v1, timestamp},
		{"t=1614265330000" + v1, signature.ErrTooNew},
		{"t=0" + v1, signature.ErrTooOld},
		{"t=1614265331" + v1, noMatch},
	}...)
}

// ATTACKS 34.
func TestBadGitHubHeadersAreRefused(t *testing.T) {
	github, malformed, noMatch := "sha256="+bodyOld, signature.ErrMalformedSignature, signature.ErrNoMatch
	mustAnswer(t, signature.Scheme{Kind: signature.GitHub}, []offer{
		{github, nil},
		{"", malformed},
		{"sha256=", malformed},
		{bodyOld, malformed},
		{"sha1=" + bodyOld[:40], malformed},
		{" " + github, malformed},
		{"SHA256=" + bodyOld, malformed},
		{github + " ", noMatch},
		{github + "," + github, noMatch},
		{github[:len(github)-1], noMatch},
		{strings.Repeat(github, 100), signature.ErrHeaderTooLarge},
		{"sha256=" + timedOld, noMatch},
	}...)
}

// ATTACKS 34.
func TestBadCustomHeadersAreRefused(t *testing.T) {
	base64, malformed, noMatch := "HMAC "+bodyOldBase64, signature.ErrMalformedSignature, signature.ErrNoMatch
	mustAnswer(t, inHeader, []offer{
		{bodyOld, nil},
		{"", malformed},
		{bodyOldBase64, noMatch},
		{bodyOld + "\n", noMatch},
	}...)
	mustAnswer(t, inBase64, []offer{
		{base64, nil},
		{bodyOldBase64, malformed},
		{"HMAC", malformed},
		{"hmac " + bodyOldBase64, malformed},
		{"HMAC  " + bodyOldBase64, noMatch},
		{strings.TrimRight(base64, "="), noMatch},
		{"HMAC " + bodyOld, noMatch},
	}...)
}

func TestBadXWebhookHeadersAreRefused(t *testing.T) {
	v := schemeVerifier(t, kinds(signature.XWebhook), secret(t, oldText))
	for name, tt := range map[string]struct {
		edit func(http.Header)
		want error
	}{
		"genuine":           {func(http.Header) {}, nil},
		"another id":        {func(h http.Header) { h.Set("X-Webhook-Id", "run_2") }, nil}, // not signed, not returned
		"no signature":      {func(h http.Header) { h.Del("X-Webhook-Signature") }, signature.ErrMissingHeader},
		"no timestamp":      {func(h http.Header) { h.Del("X-Webhook-Timestamp") }, signature.ErrMissingHeader},
		"two signatures":    {func(h http.Header) { h.Add("X-Webhook-Signature", timedOld) }, signature.ErrRepeatedHeader},
		"two timestamps":    {func(h http.Header) { h.Add("X-Webhook-Timestamp", "1614265330") }, signature.ErrRepeatedHeader},
		"another timestamp": {func(h http.Header) { h.Set("X-Webhook-Timestamp", "1614265331") }, signature.ErrNoMatch},
		"a sign":            {func(h http.Header) { h.Set("X-Webhook-Timestamp", "+1614265330") }, signature.ErrMalformedTimestamp},
		"a prefix":          {func(h http.Header) { h.Set("X-Webhook-Signature", "sha256="+timedOld) }, signature.ErrNoMatch},
	} {
		h := sealed(t, seal(t, kinds(signature.XWebhook), secret(t, oldText)), vectorBody)
		tt.edit(h)
		if id, err := v.Verify(h, []byte(vectorBody), signedAt); !errors.Is(err, tt.want) || id != "" {
			t.Errorf("%s: Verify = %q, %v; want %v", name, id, err, tt.want)
		}
	}
}

func TestRepeatedHeadersOfOtherSchemesAreRefused(t *testing.T) {
	for _, one := range append(kinds(signature.Stripe, signature.GitHub), inHeader, inBase64) {
		h := sealed(t, seal(t, schemes{one}, secret(t, oldText)), vectorBody)
		name := one.Headers()[0]
		h.Add(name, h.Get(name))
		_, err := schemeVerifier(t, schemes{one}, secret(t, oldText)).Verify(h, []byte(vectorBody), signedAt)
		if !errors.Is(err, signature.ErrRepeatedHeader) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s twice: %v; want ErrRepeatedHeader and the name", name, err)
		}
	}
}

// Of the schemes, those that sign a time bound how late a message may come.
func TestSignedTimesAreNearNow(t *testing.T) {
	for _, one := range append(kinds(signature.Standard, signature.Stripe, signature.XWebhook, signature.GitHub), inHeader) {
		h := sealed(t, seal(t, schemes{one}, secret(t, oldText)), vectorBody)
		v := schemeVerifier(t, schemes{one}, secret(t, oldText))
		for _, tt := range []struct {
			tolerance, late time.Duration
			want            error
		}{
			{0, 299 * time.Second, nil}, {0, 300 * time.Second, signature.ErrTooOld}, {0, -300 * time.Second, signature.ErrTooNew},
			{time.Hour, 59 * time.Minute, nil}, {-1, 0, signature.ErrTooNew},
		} {
			want := tt.want
			if one.Kind == signature.GitHub || one.Kind == signature.Custom {
				want = nil
			}
			v.Tolerance = tt.tolerance
			if _, err := v.Verify(h, []byte(vectorBody), signedAt.Add(tt.late)); !errors.Is(err, want) {
				t.Errorf("%s, tolerance %v, %v late: %v; want %v", one.Kind, tt.tolerance, tt.late, err, want)
			}
		}
	}
}

// ATTACKS 35 and 38: what is not known fails closed.
func TestUnfitSchemeVerifiersAreRefused(t *testing.T) {
	good := secret(t, oldText)
	for _, tt := range []struct {
		name    string
		schemes schemes
		secrets []signature.Secret
		want    error
	}{
		{"no secret", kinds(signature.GitHub), nil, signature.ErrNoSecret},
		{"17 secrets", nil, slices.Repeat([]signature.Secret{good}, 17), signature.ErrTooManySecrets},
		{"a zero secret", nil, []signature.Secret{good, {}}, signature.ErrSecret},
		{"an unknown kind", kinds("none"), []signature.Secret{good}, signature.ErrScheme},
		{"no kind", kinds(""), []signature.Secret{good}, signature.ErrScheme},
		{"no header", kinds(signature.Custom), []signature.Secret{good}, signature.ErrScheme},
		{"a public key for github", kinds(signature.GitHub), []signature.Secret{public(t, privateText)}, signature.ErrSecret},
		{"a text for Standard Webhooks", nil, []signature.Secret{ownText(t, "correct horse")}, signature.ErrSecret},
		{"a scheme without secrets", kinds(signature.Standard, signature.GitHub), []signature.Secret{public(t, privateText)}, signature.ErrSecret},
		{"five schemes", slices.Repeat(kinds(signature.GitHub), 5), []signature.Secret{good}, signature.ErrScheme},
		{"one twice", kinds(signature.GitHub, signature.GitHub), []signature.Secret{good}, signature.ErrScheme},
	} {
		v, err := signature.NewSchemeVerifier(tt.schemes, tt.secrets...)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: NewSchemeVerifier = %v; want %v", tt.name, err, tt.want)
		}
		if _, err := v.Verify(http.Header{}, nil, signedAt); !errors.Is(err, signature.ErrNoSecret) {
			t.Errorf("%s: the refused verifier verifies: %v", tt.name, err)
		}
	}
	if err := signature.CheckVerifying(public(t, privateText), kinds(signature.GitHub, signature.Standard)...); err != nil {
		t.Errorf("CheckVerifying: %v", err)
	}
}

func FuzzSchemeVerifier(f *testing.F) {
	s := secret(f, oldText)
	list := append(kinds(signature.Stripe, signature.GitHub, signature.XWebhook), inBase64)
	v := schemeVerifier(f, list, s)
	genuine := sealed(f, seal(f, list, s), vectorBody)
	for _, name := range []string{"Stripe-Signature", "X-Hub-Signature-256", "X-Webhook-Signature", "Authorization"} {
		f.Add(name, genuine.Get(name), "1614265330", []byte(vectorBody))
		f.Add(name, genuine.Get(name)+" ", "+1614265330", []byte(vectorBody))
	}
	f.Add("Stripe-Signature", "t=,v1=,t", "", []byte{})
	f.Fuzz(func(t *testing.T, name, value, timestamp string, body []byte) {
		h := http.Header{name: {value}, "X-Webhook-Timestamp": {timestamp}}
		id, err := v.Verify(h, body, signedAt)
		if id != "" {
			t.Fatalf("id %q of a scheme that signs none", id)
		}
		if err != nil {
			return
		}
		right := map[string]string{
			"Stripe-Signature": "v1=" + timedOld, "X-Hub-Signature-256": "sha256=" + bodyOld, "X-Webhook-Signature": timedOld,
			"Authorization": "HMAC " + bodyOldBase64,
		}[name]
		if right == "" || !strings.Contains(value, right) || string(body) != vectorBody {
			t.Fatalf("accepted %s: %q, timestamp %q, body %q", name, value, timestamp, body)
		}
	})
}

// I1: what Stripe's and GitHub's own libraries for Node.js sign is accepted, and refused altered.
func TestWhatOtherSendersLibrariesSignIsAccepted(t *testing.T) {
	folder := need.Npm(t, "stripe@23", "@octokit/webhooks-methods@6")
	type request struct {
		Secret string `json:"secret"`
		Body   string `json:"body"`
	}
	var lines []request
	var names []string
	for name, body := range bodies {
		if body == "" {
			continue // the libraries refuse to sign it
		}
		for _, s := range []string{oldText, "It's a Secret to Everybody"} {
			lines, names = append(lines, request{s, body}), append(names, fmt.Sprintf("%s by %.8s", name, s))
		}
	}
	for i, answer := range need.Script(t, lines, "testdata/sign.mjs", folder) {
		var signed map[string]string
		if err := json.Unmarshal([]byte(answer), &signed); err != nil {
			t.Fatal(err)
		}
		by, err := signature.NewText(lines[i].Secret)
		if err != nil {
			t.Fatal(err)
		}
		for kind, name := range map[signature.Kind]string{signature.Stripe: "Stripe-Signature", signature.GitHub: "X-Hub-Signature-256"} {
			v, h := schemeVerifier(t, kinds(kind), by), http.Header{name: {signed[name]}}
			if _, err := v.Verify(h, []byte(lines[i].Body), time.Now()); err != nil {
				t.Errorf("%s, %s: %v", names[i], name, err)
			}
			if _, err := v.Verify(h, []byte(lines[i].Body+" "), time.Now()); !errors.Is(err, signature.ErrNoMatch) {
				t.Errorf("%s, %s, altered: %v; want ErrNoMatch", names[i], name, err)
			}
		}
	}
}
