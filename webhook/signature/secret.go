package signature

import (
	"crypto/ed25519"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The sizes of a symmetric key in bytes (Standard Webhooks 1.0, "Signature scheme").
const (
	minSharedKey = 24
	maxSharedKey = 64
)

// The sizes of a text_ secret in bytes.
const (
	minText = 8
	maxText = 256
)

// ErrSecret means that a text, a key or a Secret cannot serve as the secret asked for; the error around it says why.
var ErrSecret = errors.New("secret cannot be used")

// Secret is the key of one sender and receiver: symmetric (whsec_), Ed25519 private (whsk_) or public (whpk_); or a text that
// the receiver had before (text_), which is of use to schemes other than Standard Webhooks only.
// However it is printed, logged or encoded, it reads ***; only Reveal shows it. Its zero value holds no key.
type Secret struct {
	// A func, because fmt calls no method on a host's unexported field: it would print bytes kept here, and follows a pointer to
	// them under a verb that does not suit one (%s). Of a func it prints the address. It also forbids ==, which Equal is for.
	key func() *key
}

// ParseSecret reads "whsec_" and 24 to 64 bytes, "whsk_" and a 32-byte seed or 64-byte private key, or "whpk_" and a 32-byte
// public key, the bytes in padded standard base64 (RFC 4648, section 4) with nothing around them, or "text_" and what NewText
// takes; all else is ErrSecret.
func ParseSecret(text string) (Secret, error) {
	prefix, encoded, _ := strings.Cut(text, "_")
	var parse func([]byte) (key, error)
	switch prefix {
	case "whsec":
		parse = sharedKey
	case "whsk":
		parse = privateKey
	case "whpk":
		parse = publicKey
	case "text":
		return NewText(encoded)
	default:
		return Secret{}, fmt.Errorf("%w: its prefix is unknown; use whsec_, whsk_ or whpk_, or text_ before a text of your own", ErrSecret)
	}
	raw, ok := decode(encoded)
	if !ok {
		return Secret{}, fmt.Errorf("%w: what follows %s_ is not padded standard base64; copy the whole secret and nothing else",
			ErrSecret, prefix)
	}
	k, err := parse(raw)
	if err != nil {
		return Secret{}, err
	}
	k.text = text
	if k.shared != nil {
		k.literal = &shared{key: []byte(text)}
	}
	return Secret{key: func() *key { return &k }}, nil
}

// NewSecret makes a symmetric Secret of a copy of key: 24 to 64 bytes that the caller drew from crypto/rand for one endpoint.
func NewSecret(key []byte) (Secret, error) {
	return ParseSecret("whsec_" + strictBase64.EncodeToString(key))
}

// NewPrivate makes an Ed25519 Secret of a copy of seed: 32 bytes (RFC 8032, section 5.1.5) that the caller drew from crypto/rand.
func NewPrivate(seed []byte) (Secret, error) {
	if len(seed) != ed25519.SeedSize {
		return Secret{}, fmt.Errorf("%w: an Ed25519 seed has %d bytes, this one has %d", ErrSecret, ed25519.SeedSize, len(seed))
	}
	return ParseSecret("whsk_" + strictBase64.EncodeToString(seed))
}

// NewText makes a Secret of a text that a receiver verifies with already, for schemes other than Standard Webhooks: 8 to 256
// bytes of UTF-8 without control characters, no space first or last. ParseSecret reads it with "text_" before it, and so does
// Reveal write it.
func NewText(text string) (Secret, error) {
	if len(text) < minText || len(text) > maxText {
		return Secret{}, fmt.Errorf("%w: a text_ secret has %d to %d bytes, this one has %d; let the receiver take a whsec_ one",
			ErrSecret, minText, maxText, len(text))
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text {
		return Secret{}, fmt.Errorf("%w: what follows text_ holds a space at an end, a control character or no UTF-8; copy the secret and nothing else",
			ErrSecret)
	}
	k := key{text: "text_" + text, literal: &shared{key: []byte(text)}}
	return Secret{key: func() *key { return &k }}, nil
}

// Public returns the whpk_ Secret that verifies what s signs; a symmetric or zero s has none and gives ErrSecret.
func (s Secret) Public() (Secret, error) {
	if s.IsZero() || s.key().public == nil {
		return Secret{}, fmt.Errorf("%w: only an Ed25519 secret has a public key; share a whsec_ secret itself", ErrSecret)
	}
	return ParseSecret("whpk_" + strictBase64.EncodeToString(s.key().public))
}

// Reveal returns the text that ParseSecret reads, for showing it once or storing it safely; of the zero Secret it is empty.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.key().text
}

// IsZero reports whether s holds no key.
func (s Secret) IsZero() bool { return s.key == nil }

// Equal reports, in constant time for kinds and sizes that agree, whether both are of one kind and hold one key.
func (s Secret) Equal(other Secret) bool {
	if s.IsZero() || other.IsZero() {
		return s.IsZero() && other.IsZero()
	}
	a, b := s.key(), other.key()
	return subtle.ConstantTimeCompare(a.literal.bytes(), b.literal.bytes())&
		subtle.ConstantTimeCompare(a.shared.bytes(), b.shared.bytes())&
		subtle.ConstantTimeCompare(a.private, b.private)&
		subtle.ConstantTimeCompare(a.public, b.public) == 1
}

var strictBase64 = base64.StdEncoding.Strict()

// decode reads padded standard base64 in its one canonical form. The decoder skips line breaks; the length gives them away.
func decode(text string) ([]byte, bool) {
	raw, err := strictBase64.DecodeString(text)
	return raw, err == nil && len(text) == strictBase64.EncodedLen(len(raw))
}
