package signature

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Seal puts the headers of one or several schemes on messages. Make it with NewSeal, keep it, use it from any goroutine. Its zero
// value refuses to sign.
type Seal struct {
	standard Signer // zero: left out
	marks    []mark
}

// mark is a scheme other than Standard Webhooks, with what it needs for each message: the key of its header, and the secrets
// that it takes, as secrets, for they are what fmt does not print.
type mark struct {
	Scheme
	header  string
	secrets []Secret
}

// NewSeal takes up to MaxSchemes schemes that share no header, none being Standard Webhooks alone, and 1 to 16 secrets. Each
// scheme signs with those it takes; one that takes none of them, and a secret that none of them takes, is refused.
func NewSeal(schemes []Scheme, secrets ...Secret) (Seal, error) {
	schemes = orStandard(schemes)
	if err := checkTogether(schemes, secrets, Scheme.Takes); err != nil {
		return Seal{}, fmt.Errorf("make seal: %w", err)
	}
	var s Seal
	for i, scheme := range schemes {
		own, err := scheme.own(secrets, Scheme.Takes)
		if err != nil {
			return Seal{}, fmt.Errorf("make seal: scheme %d: %w", i+1, err)
		}
		if scheme.Kind == Standard {
			s.standard = Signer{secrets: own}
			continue
		}
		s.marks = append(s.marks, mark{Scheme: scheme, header: scheme.key(), secrets: own})
	}
	return s, nil
}

func checkTogether(schemes []Scheme, secrets []Secret, takes use) error {
	if len(schemes) > MaxSchemes {
		return fmt.Errorf("%w: there are %d; use at most %d", ErrScheme, len(schemes), MaxSchemes)
	}
	taken := map[string]bool{}
	for i, scheme := range schemes {
		if err := scheme.Validate(); err != nil {
			return fmt.Errorf("scheme %d: %w", i+1, err)
		}
		for _, name := range scheme.Headers() {
			if taken[name] {
				return fmt.Errorf("scheme %d: %w: another sends %s too; keep one", i+1, ErrScheme, name)
			}
			taken[name] = true
		}
	}
	if err := checkCount(secrets); err != nil {
		return err
	}
	for i, secret := range secrets {
		if err := firstReason(secret, schemes, takes); err != nil {
			return fmt.Errorf("secret %d: %w", i+1, err)
		}
	}
	return nil
}

// own returns the secrets that s takes, or the reason for which it does not take the first.
func (s Scheme) own(secrets []Secret, takes use) ([]Secret, error) {
	var own []Secret
	for _, secret := range secrets {
		if takes(s, secret) == nil {
			own = append(own, secret)
		}
	}
	if own == nil {
		return nil, takes(s, secrets[0])
	}
	return own, nil
}

// Set sets, on h, webhook-id to id and the headers of every scheme, for a message that carries exactly the bytes of body and is
// sent at the time at. Webhook-id is there without Standard Webhooks too: it tells a receiver that it has seen a message. Set
// refuses what [Signer.Sign] refuses, and then leaves h as it was.
func (s Seal) Set(h http.Header, id string, at time.Time, body []byte) error {
	seconds := at.Unix()
	if err := s.check(id, seconds); err != nil {
		return fmt.Errorf("sign message: %w", err)
	}
	if len(s.standard.secrets) > 0 {
		h[keyTimestamp] = []string{strconv.FormatInt(seconds, 10)}
		h[keySignature] = []string{s.standard.sign(id, seconds, body)}
	}
	h[keyID] = []string{id}
	for _, m := range s.marks {
		m.set(h, id, seconds, body)
	}
	return nil
}

func (s Seal) check(id string, seconds int64) error {
	if len(s.standard.secrets)+len(s.marks) == 0 {
		return ErrNoSecret
	}
	return checkMessage(id, seconds)
}

func (m mark) set(h http.Header, id string, seconds int64, body []byte) {
	switch m.Kind {
	case Stripe:
		h[m.header] = []string{m.stripe(seconds, body)}
	case XWebhook:
		h[keyXID] = []string{id}
		h[keyXTimestamp] = []string{strconv.FormatInt(seconds, 10)}
		h[keyXSignature] = []string{hex.EncodeToString(m.first(timed(seconds, body)))}
	case GitHub:
		h[m.header] = []string{"sha256=" + hex.EncodeToString(m.first(content{body: body}))}
	case Custom:
		h[m.header] = []string{m.Prefix + m.Encoding.encode(m.first(content{body: body}))}
	}
}

// stripe writes t=seconds,v1=hex and so on (Stripe, "Verify webhook signatures manually").
func (m mark) stripe(seconds int64, body []byte) string {
	c := timed(seconds, body)
	value := strconv.AppendInt([]byte("t="), seconds, 10)
	for _, secret := range m.secrets {
		value = append(value, ",v1="...)
		value = hex.AppendEncode(value, secret.key().literal.mac(c))
	}
	return string(value)
}

// first returns the first secret's HMAC of c.
func (m mark) first(c content) []byte { return m.secrets[0].key().literal.mac(c) }

// timed lays out seconds "." body.
func timed(seconds int64, body []byte) content {
	return content{head: append(strconv.AppendInt(nil, seconds, 10), '.'), body: body}
}

func (e Encoding) encode(raw []byte) string {
	if e == Base64 {
		return strictBase64.EncodeToString(raw)
	}
	return hex.EncodeToString(raw)
}
