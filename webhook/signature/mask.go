package signature

import (
	"fmt"
	"io"
	"log/slog"
)

const mask = "***"

// String returns ***.
func (Secret) String() string { return mask }

// GoString returns ***.
func (Secret) GoString() string { return mask }

// Format writes *** for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// MarshalText returns ***; encoding/json and encoding/xml call it too. There is no way back: store what Reveal returns.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue returns ***.
func (Secret) LogValue() slog.Value { return slog.StringValue(mask) }
