package signature

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

const maxSecrets = maxSignatures

// Why secrets are refused together.
var (
	ErrNoSecret       = errors.New("there is no secret; give 1 to 16")
	ErrTooManySecrets = errors.New("there are more than 16 secrets; drop the oldest")
)

// Signer signs messages with one secret or, while secrets rotate, with several. Make it with NewSigner, keep it, use it from any
// goroutine. Its zero value refuses to sign.
type Signer struct{ secrets []Secret }

// NewSigner takes 1 to 16 secrets, each whsec_ or whsk_, the newest first by custom; a receiver needs to know only one of them.
func NewSigner(secrets ...Secret) (Signer, error) {
	if err := checkCount(secrets); err != nil {
		return Signer{}, fmt.Errorf("make signer: %w", err)
	}
	for i, one := range secrets {
		if err := CheckSecret(one); err != nil {
			return Signer{}, fmt.Errorf("make signer: secret %d: %w", i+1, err)
		}
	}
	return Signer{secrets: slices.Clone(secrets)}, nil
}

// Sign returns the value of webhook-signature: one signature a secret, "v1,…" or "v1a,…", in the secrets' order, a space between.
// The message must carry id as webhook-id, at.Unix() as webhook-timestamp, and exactly the bytes of body.
// It refuses an id that Verify would refuse (ErrMalformedID) and a time before 1970 (ErrMalformedTimestamp).
func (s Signer) Sign(id string, at time.Time, body []byte) (string, error) {
	seconds := at.Unix()
	if len(s.secrets) == 0 {
		return "", fmt.Errorf("sign message: %w", ErrNoSecret)
	}
	if err := checkMessage(id, seconds); err != nil {
		return "", fmt.Errorf("sign message: %w", err)
	}
	return s.sign(id, seconds, body), nil
}

func checkMessage(id string, seconds int64) error {
	if seconds < 0 {
		return ErrMalformedTimestamp
	}
	return checkID(id)
}

func (s Signer) sign(id string, seconds int64, body []byte) string {
	c := newContent(id, seconds, body)
	out := make([]byte, 0, 1536) // 16 of the longest signatures fit, and it stays on the stack
	for i, secret := range s.secrets {
		if i > 0 {
			out = append(out, ' ')
		}
		out = secret.key().appendSignature(out, c)
	}
	return string(out)
}

func checkCount(secrets []Secret) error {
	switch {
	case len(secrets) == 0:
		return ErrNoSecret
	case len(secrets) > maxSecrets:
		return ErrTooManySecrets
	}
	return nil
}
