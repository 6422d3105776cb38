package signature

import (
	"cmp"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
)

// MaxSchemes bounds the schemes that one message is signed under.
const MaxSchemes = 4

const (
	maxSchemeHeader = 100 // bytes
	maxSchemePrefix = 64  // bytes
)

// ErrScheme means that schemes cannot be used, or not together; the error around it says why.
var ErrScheme = errors.New("signature scheme cannot be used")

// Scheme is a way to sign: Standard Webhooks, or another that a receiver verifies already. All but [Standard] are HMAC-SHA256
// under the secret's text as it was shown to the receiver, "whsec_" included, which is how Stripe's and GitHub's libraries
// take it, or under what follows "text_". Seconds are those since 1970 in decimal, body the bytes sent, hex lower case.
//
// A receiver verifies them with a [SchemeVerifier]; one that can choose chooses Standard Webhooks, which signs id and time.
type Scheme struct {
	Kind Kind `json:"kind"`
	// Header names the header of kind Stripe or Custom; default: Stripe-Signature; of Custom none.
	Header string `json:"header,omitempty"`
	// Prefix stands before the signature of kind Custom; default: nothing.
	Prefix string `json:"prefix,omitempty"`
	// Encoding writes the signature of kind Custom; default: Hex.
	Encoding Encoding `json:"encoding,omitempty"`
}

// Kind names the rules by which a scheme signs.
type Kind string

// The kinds of schemes. Those that have room for one signature sign with the first secret they can use, so while secrets rotate
// the new one comes second until the receiver knows it.
const (
	// Standard sends webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks 1.0), one signature a secret.
	Standard Kind = "standard"
	// Stripe sends "t=seconds,v1=hex" and one more ",v1=hex" for each further secret, of seconds "." body, in the header that
	// code written for Stripe's library reads.
	Stripe Kind = "stripe"
	// GitHub sends "sha256=hex" of body in X-Hub-Signature-256. The time is not signed.
	GitHub Kind = "github"
	// XWebhook sends X-Webhook-Id, X-Webhook-Timestamp, the seconds, and X-Webhook-Signature, hex of seconds "." body. The id
	// is not signed.
	XWebhook Kind = "x_webhook"
	// Custom sends prefix and hex or base64 of body in a header of any name. The time is not signed.
	Custom Kind = "custom"
)

// Encoding is a way to write a signature's 32 bytes.
type Encoding string

// The encodings of a signature.
const (
	Hex    Encoding = ""       // 64 digits, lower case
	Base64 Encoding = "base64" // padded, standard alphabet (RFC 4648, section 4)
)

// The headers' names in the form that [http.Header] keys have.
const (
	keyID        = "Webhook-Id"
	keyTimestamp = "Webhook-Timestamp"
	keySignature = "Webhook-Signature"

	keyXID        = "X-Webhook-Id"
	keyXTimestamp = "X-Webhook-Timestamp"
	keyXSignature = "X-Webhook-Signature"

	keyStripe = "Stripe-Signature"
	keyGitHub = "X-Hub-Signature-256"
)

// Validate returns an ErrScheme that says why s cannot be used at all, or nil.
func (s Scheme) Validate() error {
	switch s.Kind {
	case Standard, GitHub, XWebhook:
		if s != (Scheme{Kind: s.Kind}) {
			return fmt.Errorf("%w: %s has a form of its own; leave header, prefix and encoding empty, or use %s", ErrScheme, s.Kind, Custom)
		}
		return nil
	case Stripe:
		if s.Prefix != "" || s.Encoding != Hex {
			return fmt.Errorf("%w: %s has a form of its own; leave prefix and encoding empty, or use %s", ErrScheme, s.Kind, Custom)
		}
	case Custom:
		if !isPrefix(s.Prefix) {
			return fmt.Errorf("%w: prefix %.80q; use up to %d printable ASCII characters, no space first", ErrScheme, s.Prefix, maxSchemePrefix)
		}
		if s.Encoding != Hex && s.Encoding != Base64 {
			return fmt.Errorf("%w: encoding %.80q is unknown; use %q, or leave it empty for hex", ErrScheme, s.Encoding, Base64)
		}
	default:
		return fmt.Errorf("%w: kind %.80q is unknown; use %s, %s, %s, %s or %s", ErrScheme, s.Kind, Standard, Stripe, GitHub, XWebhook, Custom)
	}
	return s.checkHeader()
}

func (s Scheme) checkHeader() error {
	switch name := s.key(); {
	case name == "":
		return fmt.Errorf("%w: %s has no header; name the one that the receiver reads", ErrScheme, s.Kind)
	case !isHeaderName(name):
		return fmt.Errorf("%w: %.120q is not the name of a header; use up to %d letters, digits and hyphens", ErrScheme, name, maxSchemeHeader)
	case strings.HasPrefix(name, "Webhook-"):
		return fmt.Errorf("%w: header %s belongs to Standard Webhooks; choose another", ErrScheme, name)
	}
	return nil
}

// Headers returns the names of the headers that a valid s sends, as keys of [http.Header]. Every message has webhook-id besides.
func (s Scheme) Headers() []string {
	switch s.Kind {
	case Standard:
		return []string{keyID, keyTimestamp, keySignature}
	case XWebhook:
		return []string{keyXID, keyXTimestamp, keyXSignature}
	}
	return []string{s.key()}
}

// Takes returns nil if s can sign with secret, else an ErrSecret that says why not: Standard takes whsec_ and whsk_ secrets,
// all others whsec_ and text_.
func (s Scheme) Takes(secret Secret) error {
	switch {
	case secret.IsZero():
		return fmt.Errorf("%w: it is empty; parse or make it first", ErrSecret)
	case s.Kind == Standard && secret.key().canSign(), s.Kind != Standard && secret.key().literal != nil:
		return nil
	case s.Kind != Standard:
		return fmt.Errorf("%w: scheme %s does not sign with an Ed25519 key; give a whsec_ secret", ErrSecret, s.Kind)
	case secret.key().literal != nil:
		return fmt.Errorf("%w: Standard Webhooks does not sign with a text_ secret; give a whsec_ one, or choose another scheme", ErrSecret)
	}
	return fmt.Errorf("%w: it is a public key, which signs nothing; give the whsk_ secret it belongs to", ErrSecret)
}

// VerifiesWith returns nil if s can verify with secret, else an ErrSecret that says why not: Standard takes whsec_, whsk_ and
// whpk_ secrets, all others whsec_ and text_.
func (s Scheme) VerifiesWith(secret Secret) error {
	if s.Kind == Standard && !secret.IsZero() && secret.key().canVerify() {
		return nil
	}
	return s.Takes(secret)
}

// CheckSecret returns nil if one of schemes, none being Standard Webhooks, takes secret, else the first one's reason.
func CheckSecret(secret Secret, schemes ...Scheme) error {
	return firstReason(secret, schemes, Scheme.Takes)
}

// CheckVerifying returns nil if one of schemes, none being Standard Webhooks, verifies with secret, else the first one's reason.
func CheckVerifying(secret Secret, schemes ...Scheme) error {
	return firstReason(secret, schemes, Scheme.VerifiesWith)
}

// firstReason returns nil if one of schemes takes secret for a use, else the first one's reason.
func firstReason(secret Secret, schemes []Scheme, takes use) error {
	var reason error
	for _, s := range orStandard(schemes) {
		err := takes(s, secret)
		if err == nil {
			return nil
		}
		reason = cmp.Or(reason, err)
	}
	return reason
}

// use is what a secret is for: Scheme.Takes to sign, Scheme.VerifiesWith to verify.
type use func(Scheme, Secret) error

func orStandard(schemes []Scheme) []Scheme {
	if len(schemes) == 0 {
		return []Scheme{{Kind: Standard}}
	}
	return schemes
}

// key returns the header of a scheme that has one.
func (s Scheme) key() string {
	name := s.Header
	switch s.Kind {
	case Stripe:
		name = cmp.Or(name, keyStripe)
	case GitHub:
		name = keyGitHub
	}
	return textproto.CanonicalMIMEHeaderKey(name)
}

// isHeaderName takes less than a token (RFC 9110, section 5.6.2): of the other characters, proxies drop some and servers take
// some for a hyphen, so that two headers would become one.
func isHeaderName(name string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
	return len(name) <= maxSchemeHeader && strings.Trim(name, allowed) == ""
}

func isPrefix(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return len(text) <= maxSchemePrefix && !strings.HasPrefix(text, " ")
}
