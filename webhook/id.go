package webhook

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// drawID returns a new id: the time in milliseconds and 80 bits of chance, so that ids drawn later sort later.
func drawID(prefix string, at time.Time) string {
	b := make([]byte, 8, 18)
	binary.BigEndian.PutUint64(b, uint64(at.UnixMilli())<<14) // the encoding takes 5 bits a character: 10 of them are 50
	chance := make([]byte, 10)
	_, _ = rand.Read(chance) // never fails
	return prefix + automation.IDEncoding.EncodeToString(b)[:10] + automation.IDEncoding.EncodeToString(chance)
}

// NewSecret draws a symmetric signing secret of 32 bytes, to give to a receiver before its automation is tested and saved.
func NewSecret() signature.Secret {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	secret, err := signature.NewSecret(key)
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	return secret
}
