package email

import (
	"fmt"
	"io"
	"log/slog"
)

// Password is a password that prints as ***. There is no way back from what prints: convert it to a string.
type Password string

const mask = "***"

// String returns ***.
func (Password) String() string { return mask }

// Format writes *** for every verb and flag.
func (Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// MarshalText returns ***.
func (Password) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue returns ***.
func (Password) LogValue() slog.Value { return slog.StringValue(mask) }
