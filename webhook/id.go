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
	var bits [8 + 10]byte
	binary.BigEndian.PutUint64(bits[:8], uint64(at.UnixMilli())<<14) // the encoding takes 5 bits a character: 10 of them are 50
	_, _ = rand.Read(bits[8:])                                       // never fails
	id := make([]byte, 0, 64)
	id = automation.IDEncoding.AppendEncode(append(id, prefix...), bits[:8])
	id = automation.IDEncoding.AppendEncode(id[:len(prefix)+10], bits[8:])
	return string(id)
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
