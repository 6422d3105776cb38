package automation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

const (
	schemesField = "/actions/0/push/schemes"
	ownText      = "text_canary-of-the-receiver"
)

func withSchemes(t testing.TB, schemes ...signature.Scheme) automation.Automation {
	a := valid(t)
	a.Actions[0].Push.Schemes = schemes
	return a
}

func custom(header string) signature.Scheme {
	return signature.Scheme{Kind: signature.Custom, Header: header}
}

var (
	standard = signature.Scheme{Kind: signature.Standard}
	stripe   = signature.Scheme{Kind: signature.Stripe}
	gitHub   = signature.Scheme{Kind: signature.GitHub}
	xWebhook = signature.Scheme{Kind: signature.XWebhook}
)

// O7: beside Standard Webhooks or instead.
func TestSchemesAreAccepted(t *testing.T) {
	private, err := signature.NewPrivate(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*automation.Push){
		"all at once": func(p *automation.Push) { p.Schemes = []signature.Scheme{standard, stripe, gitHub, xWebhook} },
		"four headers": func(p *automation.Push) {
			p.Schemes = []signature.Scheme{custom("A"), custom("B"), custom("C"), custom("D")}
		},
		"no secret yet":      func(p *automation.Push) { p.Schemes, p.Secrets = []signature.Scheme{stripe}, nil },
		"a session's header": func(p *automation.Push) { p.Schemes = []signature.Scheme{custom("Authorization")} },
		"another's header": func(p *automation.Push) {
			p.Schemes, p.Headers = []signature.Scheme{gitHub}, map[string]string{"X-Webhook-Id": "7"}
		},
		"the receiver's text": func(p *automation.Push) {
			p.Schemes, p.Secrets = []signature.Scheme{gitHub}, automation.Secrets{secret(t, ownText)}
		},
		"each its own secret": func(p *automation.Push) {
			p.Schemes, p.Secrets = []signature.Scheme{standard, gitHub}, automation.Secrets{private, secret(t, ownText)}
		},
	} {
		a := valid(t)
		edit(a.Actions[0].Push)
		if err := a.Validate(known); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// O7, ATTACKS 15 and 38: all reasons for which one scheme is refused are in webhook/signature.
func TestSchemesAreRefusedWhereTheyStand(t *testing.T) {
	second := refusal(automation.ErrScheme, schemesField+"/1")
	for name, tt := range map[string]struct {
		schemes []signature.Scheme
		want    []string
	}{
		"an unknown kind":      {[]signature.Scheme{standard, {Kind: "sha1"}}, []string{second}},
		"no kind":              {[]signature.Scheme{standard, {}}, []string{second}},
		"no header":            {[]signature.Scheme{gitHub, custom("")}, []string{second}},
		"one twice":            {[]signature.Scheme{xWebhook, xWebhook}, []string{second}},
		"Standard twice":       {[]signature.Scheme{standard, standard}, []string{second}},
		"another's header":     {[]signature.Scheme{gitHub, custom("x-hub-signature-256")}, []string{second}},
		"one of another's":     {[]signature.Scheme{custom("x-webhook-TIMESTAMP"), xWebhook}, []string{second}},
		"one header, two":      {[]signature.Scheme{custom("X-A"), custom("x-a"), custom("X-a")}, []string{second, refusal(automation.ErrScheme, schemesField+"/2")}},
		"stripe, renamed":      {[]signature.Scheme{custom("X-A"), {Kind: signature.Stripe, Header: "x-a"}}, []string{second}},
		"the bad one is alone": {[]signature.Scheme{custom("X A"), custom("X-A")}, []string{refusal(automation.ErrScheme, schemesField+"/0")}},
		"five":                 {slices.Repeat([]signature.Scheme{standard}, 5), []string{refusal(automation.ErrScheme, schemesField)}},
	} {
		t.Run(name, func(t *testing.T) { mustRefuse(t, withSchemes(t, tt.schemes...), tt.want...) })
	}
}

// ATTACKS 15: a scheme cannot take over what the library or the connection sends, nor an extra header.
func TestSchemesDoNotReplaceHeaders(t *testing.T) {
	for _, name := range []string{
		"Host", "content-LENGTH", "Content-Type", "Transfer-Encoding", "Connection", "Trailer", "Proxy-Signature", "Cookie", "User-Agent",
		"Idempotency-Key", "X-Idempotency-Key", "webhook-id", "Webhook-Signature", "webhook-x",
	} {
		for _, s := range []signature.Scheme{custom(name), {Kind: signature.Stripe, Header: name}} {
			mustRefuse(t, withSchemes(t, s), refusal(automation.ErrScheme, schemesField+"/0"))
		}
	}
	for name, s := range map[string]signature.Scheme{
		"x-TENANT": custom("X-Tenant"), "x-hub-signature-256": gitHub, "Stripe-Signature": stripe, "x-webhook-signature": xWebhook,
	} {
		a := withSchemes(t, standard, s)
		a.Actions[0].Push.Headers = map[string]string{name: "1"}
		mustRefuse(t, a, refusal(automation.ErrScheme, schemesField+"/1"))
	}
}

// O7: a secret that no scheme signs with is refused, and so is a scheme that no secret signs for.
func TestSecretsHaveToSuitTheSchemes(t *testing.T) {
	private, err := signature.NewPrivate(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	shared, text := secret(t, canarySecret), secret(t, ownText)
	const push = "/actions/0/push"
	for name, tt := range map[string]struct {
		secrets automation.Secrets
		schemes []signature.Scheme
		want    []string
	}{
		"Ed25519 instead":       {automation.Secrets{private}, []signature.Scheme{stripe}, []string{refusal(automation.ErrSecret, push+"/secrets/0"), refusal(automation.ErrScheme, push+"/schemes/0")}},
		"Ed25519, of no use":    {automation.Secrets{shared, private}, []signature.Scheme{gitHub, xWebhook}, []string{refusal(automation.ErrSecret, push+"/secrets/1")}},
		"Ed25519 alone, beside": {automation.Secrets{private}, []signature.Scheme{standard, gitHub}, []string{refusal(automation.ErrScheme, push+"/schemes/1")}},
		"a text by default":     {automation.Secrets{shared, text}, nil, []string{refusal(automation.ErrSecret, push+"/secrets/1")}},
		"a text alone, beside":  {automation.Secrets{text}, []signature.Scheme{standard, gitHub}, []string{refusal(automation.ErrScheme, push+"/schemes/0")}},
		"a public key":          {automation.Secrets{shared, publicKey(t)}, []signature.Scheme{gitHub}, []string{refusal(automation.ErrSecret, push+"/secrets/1")}},
	} {
		t.Run(name, func(t *testing.T) {
			a := withSchemes(t, tt.schemes...)
			a.Actions[0].Push.Secrets = tt.secrets
			mustRefuse(t, a, tt.want...)
		})
	}
}

// ATTACKS 44: a receiver's own text is kept and hidden like every secret.
func TestSchemesAndTextsAreStored(t *testing.T) {
	a := withSchemes(t, standard, signature.Scheme{Kind: signature.Custom, Header: "X-Acme", Prefix: "v0=", Encoding: signature.Base64})
	a.Actions[0].Push.Secrets = append(a.Actions[0].Push.Secrets, secret(t, ownText))
	stored, err := automation.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	got, err := automation.Unmarshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, got); diff != "" {
		t.Errorf("automation (-saved +read):\n%s", diff)
	}
	document, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	push := *a.Actions[0].Push
	push.Schemes = nil
	a.Actions[0].Push = &push
	for _, shown := range []string{string(document), fmt.Sprintf("%+v %#v", push, push.Secrets), fmt.Sprint(a.Validate(known))} {
		if strings.Contains(shown, "canary") {
			t.Errorf("the canary is shown: %s", shown)
		}
	}
	if err := a.Validate(known); err == nil {
		t.Error("the text is accepted without its scheme")
	}
}

// Whatever name is accepted is none that is reserved, and none of the action's own headers in another spelling.
func FuzzSchemeHeader(f *testing.F) {
	f.Add("X-Acme", "x-acme", "sha256=")
	f.Add("webhook-id", "", "")
	f.Add("Cookie", "X", " ")
	f.Fuzz(func(t *testing.T, name, extra, prefix string) {
		a := withSchemes(t, signature.Scheme{Kind: signature.Custom, Header: name, Prefix: prefix}, standard)
		a.Actions[0].Push.Headers = map[string]string{extra: "1"}
		if a.Validate(known) != nil {
			return
		}
		if strings.EqualFold(name, extra) {
			t.Errorf("%q and %q are sent together", name, extra)
		}
		alone := withHeaders(t, map[string]string{name: prefix})
		if err := alone.Validate(known); err != nil && !strings.HasSuffix(prefix, " ") {
			t.Errorf("%q: %q is accepted of a scheme, but not as an extra header: %v", name, prefix, err)
		}
	})
}
