package signature

import (
	"cmp"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// SchemeVerifier verifies messages that are signed under one of several schemes. Make it with NewSchemeVerifier, keep it, use it
// from any goroutine. Its zero value refuses everything.
//
// Believe as few schemes as your senders need: a message is as hard to send again as the weakest of them makes it.
type SchemeVerifier struct {
	// Tolerance is how far a signed time must stay within, before and after now, exclusive; negative refuses every signed time.
	// GitHub and Custom sign none, so such a message is as good after a year. default: 5 minutes.
	Tolerance time.Duration

	standard Verifier // zero: left out
	marks    []mark
}

// NewSchemeVerifier takes what NewSeal takes, and whpk_ secrets for Standard Webhooks. A signature under any of the schemes by
// any of the secrets that it verifies with will do; a scheme that has none of them, and a secret that none of them uses, is
// refused, and so is a kind that is not known.
func NewSchemeVerifier(schemes []Scheme, secrets ...Secret) (SchemeVerifier, error) {
	schemes = orStandard(schemes)
	if err := checkTogether(schemes, secrets, Scheme.VerifiesWith); err != nil {
		return SchemeVerifier{}, fmt.Errorf("make verifier: %w", err)
	}
	var v SchemeVerifier
	for i, scheme := range schemes {
		own, err := scheme.own(secrets, Scheme.VerifiesWith)
		if err != nil {
			return SchemeVerifier{}, fmt.Errorf("make verifier: scheme %d: %w", i+1, err)
		}
		if scheme.Kind == Standard {
			v.standard = Verifier{secrets: own}
			continue
		}
		v.marks = append(v.marks, mark{Scheme: scheme, header: scheme.key(), secrets: own})
	}
	return v, nil
}

// Verify returns nil if one of the schemes has a signature in h that is of body, and of a time near now if the scheme signs one;
// else an error that wraps the reason, one of this package's: that of Standard Webhooks if its signature is there, else of the
// first scheme whose is.
//
// The id is the signed one: webhook-id under Standard Webhooks, "" under all others. X-GitHub-Delivery, X-Webhook-Id and a
// webhook-id beside another scheme are not signed, so whoever has seen a message can send it again under another: to notice
// that, the caller remembers the signature or the body instead.
func (v SchemeVerifier) Verify(h http.Header, body []byte, now time.Time) (id string, err error) {
	if id, err = v.verify(h, body, now); err != nil {
		return "", fmt.Errorf("verify message: %w", err)
	}
	return id, nil
}

func (v SchemeVerifier) verify(h http.Header, body []byte, now time.Time) (id string, err error) {
	var reason error
	var names []string
	if len(v.standard.secrets) > 0 {
		standard := Verifier{Tolerance: v.Tolerance, secrets: v.standard.secrets}
		if err := standard.verify(h, body, now); err == nil {
			return h.Get(HeaderID), nil
		} else if len(h.Values(HeaderSignature)) > 0 {
			reason = err
		}
		names = append(names, keySignature)
	}
	for _, m := range v.marks {
		name := m.signatureHeader()
		if err := m.verify(h, content{body: body}, age{now, v.Tolerance}); err == nil {
			return "", nil
		} else if len(h.Values(name)) > 0 {
			reason = cmp.Or(reason, err)
		}
		names = append(names, name)
	}
	switch {
	case len(names) == 0:
		return "", ErrNoSecret
	case reason == nil:
		return "", fmt.Errorf("%s: %w", strings.Join(names, " or "), ErrMissingHeader)
	}
	return "", reason
}

// age is what the time of a message is compared with.
type age struct {
	now       time.Time
	tolerance time.Duration
}

// verify reports why h holds no signature of c under m, or nil.
func (m mark) verify(h http.Header, c content, within age) error {
	value, err := single(h, m.signatureHeader())
	if err != nil {
		return err
	}
	offered, seconds, err := m.read(h, value)
	if err == nil && seconds != untimed {
		c = timed(seconds, c.body)
		err = checkAge(seconds, within.now, within.tolerance)
	}
	if err == nil && !m.matches(c, offered) {
		err = ErrNoMatch
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.signatureHeader(), err)
	}
	return nil
}

// untimed stands for the seconds of a scheme that signs none.
const untimed = -1

// read returns the signatures that the value of m's header offers, and the seconds that they are of.
func (m mark) read(h http.Header, value string) (offered []string, seconds int64, err error) {
	if len(value) > maxSignatureHeader {
		return nil, 0, ErrHeaderTooLarge
	}
	switch m.Kind {
	case Stripe:
		return parseStripe(value)
	case XWebhook:
		text, err := single(h, keyXTimestamp)
		if err != nil {
			return nil, 0, err
		}
		seconds, err = parseTimestamp(text)
		return []string{value}, seconds, err
	case GitHub:
		offered, err = behind("sha256=", value)
	case Custom:
		offered, err = behind(m.Prefix, value)
	default:
		return nil, 0, ErrScheme
	}
	return offered, untimed, err
}

// behind returns the signature that stands behind a prefix.
func behind(prefix, value string) ([]string, error) {
	signature, ok := strings.CutPrefix(value, prefix)
	if !ok || signature == "" {
		return nil, ErrMalformedSignature
	}
	return []string{signature}, nil
}

// parseStripe reads t=seconds,v1=hex and so on, t once and anywhere. Signatures of other versions are passed by.
func parseStripe(value string) (offered []string, seconds int64, err error) {
	if strings.Count(value, ",") > maxSignatures {
		return nil, 0, ErrTooManySignatures
	}
	seconds = untimed
	for part := range strings.SplitSeq(value, ",") {
		switch name, text, _ := strings.Cut(part, "="); {
		case name == "" || text == "", name == "t" && seconds != untimed:
			return nil, 0, ErrMalformedSignature
		case name == "t":
			if seconds, err = parseTimestamp(text); err != nil {
				return nil, 0, err
			}
		case name == "v1":
			offered = append(offered, text)
		}
	}
	if seconds == untimed || len(offered) == 0 {
		return nil, 0, ErrMalformedSignature
	}
	return offered, seconds, nil
}

// matches compares as key.matchesMAC does: with the one spelling that is right, to the end.
func (m mark) matches(c content, offered []string) bool {
	found := 0
	for _, secret := range m.secrets {
		want := []byte(m.Encoding.encode(secret.key().literal.mac(c)))
		for _, signature := range offered {
			found |= subtle.ConstantTimeCompare([]byte(signature), want)
		}
	}
	return found == 1
}

// signatureHeader returns the header that the signature is in.
func (m mark) signatureHeader() string {
	if m.Kind == XWebhook {
		return keyXSignature
	}
	return m.header
}
