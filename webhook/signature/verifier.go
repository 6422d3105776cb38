package signature

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

const defaultTolerance = 5 * time.Minute

// Why a message with well-formed headers is refused.
var (
	ErrTooOld  = errors.New("timestamp is too old; sign each attempt anew and set both clocks")
	ErrTooNew  = errors.New("timestamp is in the future; set both clocks")
	ErrNoMatch = errors.New("no signature matches; check the secret, and sign and verify the body's bytes as they are sent")
)

// Verifier verifies messages with one secret or, while secrets rotate, with several. Make it with NewVerifier, keep it, use it
// from any goroutine. Its zero value refuses everything.
type Verifier struct {
	// Tolerance is how far webhook-timestamp must stay within, before and after now, exclusive; negative refuses everything.
	// Remember webhook-id for twice as long to notice a message that is sent again. default: 5 minutes.
	Tolerance time.Duration

	secrets []Secret
}

// NewVerifier takes 1 to 16 secrets, each whsec_, whsk_ or whpk_; a signature by any of them will do.
func NewVerifier(secrets ...Secret) (Verifier, error) {
	if err := checkCount(secrets); err != nil {
		return Verifier{}, fmt.Errorf("make verifier: %w", err)
	}
	for i, one := range secrets {
		if one.IsZero() || !one.key().canVerify() {
			return Verifier{}, fmt.Errorf("make verifier: %w: secret %d is empty or a text_ one; give a whsec_, whsk_ or whpk_ secret",
				ErrSecret, i+1)
		}
	}
	return Verifier{secrets: slices.Clone(secrets)}, nil
}

// Verify returns nil if h names an id, a time near now, and a signature of both and of body by one of the secrets; else an error
// that wraps the reason, one of this package's. Whether the message was seen before it does not say: webhook-id is there for that.
func (v Verifier) Verify(h http.Header, body []byte, now time.Time) error {
	if err := v.verify(h, body, now); err != nil {
		return fmt.Errorf("verify message: %w", err)
	}
	return nil
}

func (v Verifier) verify(h http.Header, body []byte, now time.Time) error {
	if len(v.secrets) == 0 {
		return ErrNoSecret
	}
	m, err := parseHeader(h)
	if err != nil {
		return err
	}
	if err := checkAge(m.seconds, now, v.Tolerance); err != nil {
		return err
	}
	c := newContent(m.id, m.seconds, body)
	for _, secret := range v.secrets {
		if secret.key().matches(c, m.entries) {
			return nil
		}
	}
	return ErrNoMatch
}

func checkAge(seconds int64, now time.Time, tolerance time.Duration) error {
	if tolerance == 0 {
		tolerance = defaultTolerance
	}
	oldest, newest := now.Add(-tolerance), now.Add(tolerance)
	sent := time.Unix(seconds, 0)
	switch {
	case seconds > newest.Unix(): // Asked first: time.Unix wraps around for the largest numbers.
		return ErrTooNew
	case !sent.Before(newest):
		return ErrTooNew
	case !sent.After(oldest):
		return ErrTooOld
	}
	return nil
}
