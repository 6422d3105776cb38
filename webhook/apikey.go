package webhook

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/tenterhook/tenterhook/automation"
)

// APIKey is the text of an API key: "thk_" and 160 bits of chance. However it is printed, logged or encoded, it reads ***; only
// Reveal shows it.
type APIKey struct {
	text func() string // a func, because fmt calls no method on a host's unexported field, and prints of a func its address
}

const (
	keyPrefix = "thk_"
	keyBytes  = 20
	keyHint   = 4 // characters at its end that are kept for people to tell it by
)

// drawKey returns a new key.
func drawKey() APIKey {
	b := make([]byte, keyBytes)
	_, _ = rand.Read(b) // never fails
	return newAPIKey(keyPrefix + automation.IDEncoding.EncodeToString(b))
}

func newAPIKey(text string) APIKey { return APIKey{func() string { return text }} }

// Reveal returns the text, to be shown once; of the zero APIKey it is empty.
func (k APIKey) Reveal() string {
	if k.text == nil {
		return ""
	}
	return k.text()
}

func (k APIKey) hint() string {
	text := k.Reveal()
	return text[max(0, len(text)-keyHint):]
}

// hashKey returns what is kept of a key, or of the parts of credentials that are good together only.
func hashKey(parts ...string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(parts, "/")))
	return sum[:]
}

const mask = "***"

// String returns ***.
func (APIKey) String() string { return mask }

// GoString returns ***.
func (APIKey) GoString() string { return mask }

// Format writes *** for every verb and flag.
func (APIKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// MarshalText returns ***; encoding/json calls it too.
func (APIKey) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue returns ***.
func (APIKey) LogValue() slog.Value { return slog.StringValue(mask) }
