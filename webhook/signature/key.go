package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash"
	"sync"
)

const (
	versionShared  = "v1"  // HMAC-SHA256
	versionEd25519 = "v1a" // Ed25519
)

// key is a decoded Secret. Either shared and literal are set, or literal alone, or public, or private and its public.
type key struct {
	text    string
	literal *shared // of all schemes but Standard Webhooks
	shared  *shared
	private ed25519.PrivateKey
	public  ed25519.PublicKey
}

func sharedKey(raw []byte) (key, error) {
	if len(raw) < minSharedKey || len(raw) > maxSharedKey {
		return key{}, fmt.Errorf("%w: a whsec_ key has %d to %d bytes, this one has %d; generate a new one",
			ErrSecret, minSharedKey, maxSharedKey, len(raw))
	}
	return key{shared: &shared{key: raw}}, nil
}

// privateKey takes a private key only if its public half belongs to its seed: signing with a foreign half gives the seed away.
func privateKey(raw []byte) (key, error) {
	if len(raw) != ed25519.SeedSize && len(raw) != ed25519.PrivateKeySize {
		return key{}, fmt.Errorf("%w: a whsk_ key has %d or %d bytes, this one has %d; generate a new one",
			ErrSecret, ed25519.SeedSize, ed25519.PrivateKeySize, len(raw))
	}
	private := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
	if len(raw) == ed25519.PrivateKeySize && subtle.ConstantTimeCompare(private, raw) != 1 {
		return key{}, fmt.Errorf("%w: the public half of this whsk_ key does not belong to its seed; use the seed alone", ErrSecret)
	}
	return key{private: private, public: ed25519.PublicKey(private[ed25519.SeedSize:])}, nil
}

func publicKey(raw []byte) (key, error) {
	if len(raw) != ed25519.PublicKeySize {
		return key{}, fmt.Errorf("%w: a whpk_ key has %d bytes, this one has %d; copy it from the sender again",
			ErrSecret, ed25519.PublicKeySize, len(raw))
	}
	return key{public: raw}, nil
}

// canSign and canVerify are of Standard Webhooks.
func (k *key) canSign() bool   { return k.shared != nil || k.private != nil }
func (k *key) canVerify() bool { return k.shared != nil || k.public != nil }

// appendSignature appends one entry of the webhook-signature header; the key must be one that can sign.
func (k *key) appendSignature(dst []byte, c content) []byte {
	if k.shared != nil {
		dst = append(dst, versionShared+","...)
		return strictBase64.AppendEncode(dst, k.shared.mac(c))
	}
	dst = append(dst, versionEd25519+","...)
	return strictBase64.AppendEncode(dst, ed25519.Sign(k.private, c.joined()))
}

// matches reports whether any of the entries of this key's version, and of no other, is its signature of c.
func (k *key) matches(c content, entries []entry) bool {
	if k.shared != nil {
		return k.matchesMAC(c, entries)
	}
	return k.matchesEd25519(c, entries)
}

// matchesMAC compares each entry with the one spelling that is right, so there is nothing to decode, and does not stop at a
// match, so the time it takes does not tell where the match was.
func (k *key) matchesMAC(c content, entries []entry) bool {
	want := strictBase64.AppendEncode(nil, k.shared.mac(c))
	found := 0
	for _, e := range entries {
		if e.version == versionShared {
			found |= subtle.ConstantTimeCompare([]byte(e.signature), want)
		}
	}
	return found == 1
}

func (k *key) matchesEd25519(c content, entries []entry) bool {
	var message []byte
	for _, e := range entries {
		if e.version != versionEd25519 {
			continue
		}
		signature, ok := decode(e.signature)
		if !ok {
			continue
		}
		if message == nil {
			message = c.joined()
		}
		if ed25519.Verify(k.public, message, signature) {
			return true
		}
	}
	return false
}

// shared is a key of HMAC-SHA256.
type shared struct {
	key  []byte
	idle sync.Pool // of hashes that have taken the key in, which is half of the work for a short message
}

func (s *shared) mac(c content) []byte {
	h, ok := s.idle.Get().(hash.Hash)
	if ok {
		h.Reset()
	} else {
		h = hmac.New(sha256.New, s.key)
	}
	h.Write(c.head)
	h.Write(c.body)
	sum := h.Sum(make([]byte, 0, sha256.Size))
	s.idle.Put(h)
	return sum
}

// bytes returns the key; nil of none.
func (s *shared) bytes() []byte {
	if s == nil {
		return nil
	}
	return s.key
}

// content is what a signature covers: head is "id.timestamp.", "timestamp." or nothing, body the bytes sent, in two parts so
// that HMAC copies no body.
type content struct{ head, body []byte }

func (c content) joined() []byte { return bytes.Join([][]byte{c.head, c.body}, nil) }
