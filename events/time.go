package events

import (
	"reflect"
	"strings"
	"time"
)

const (
	timeLayout     = "2006-01-02T15:04:05.999999999-07:00"
	timeLayoutText = `"` + timeLayout + `"`
)

// Time is an instant as events write it: RFC 3339 with a numeric offset, +00:00
// for UTC and never Z, and a fraction only where there is one. A Time that was
// decoded is written as it was read until its instant is changed.
type Time struct {
	time.Time
	text string
	read time.Time // what text says
}

// At returns t as a [Time].
func At(t time.Time) Time { return Time{Time: t} }

// String returns t as it is written, or "" for the zero Time.
func (t Time) String() string {
	switch {
	case t.text != "" && t.Time == t.read:
		return t.text
	case t.IsZero():
		return ""
	}
	_, offset := t.Zone()
	if offset%60 != 0 {
		return t.UTC().Format(timeLayout)
	}
	return t.Format(timeLayout)
}

// MarshalJSON returns t as a JSON string, or null for the zero Time.
func (t Time) MarshalJSON() ([]byte, error) { return t.append(nil) }

// UnmarshalJSON reads an RFC 3339 time in a JSON string, or null.
func (t *Time) UnmarshalJSON(b []byte) error {
	*t = Time{}
	if b = trim(b); isNull(b) {
		return nil
	}
	return asDecodeError(t.readJSON(b))
}

// MarshalText returns what [Time.String] does.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads an RFC 3339 time.
func (t *Time) UnmarshalText(b []byte) error { return asDecodeError(t.parse(string(b))) }

func (t *Time) append(dst []byte) ([]byte, error) {
	switch {
	case t.text != "" && t.Time == t.read:
		return appendString(dst, t.text), nil
	case t.IsZero():
		return append(dst, "null"...), nil
	case t.Year() < 0 || t.Year() > 9999:
		return nil, problemf("is in the year %d, want 0 to 9999 (RFC 3339)", t.Year())
	}
	if _, offset := t.Zone(); offset%60 != 0 {
		return t.UTC().AppendFormat(dst, timeLayoutText), nil
	}
	return t.AppendFormat(dst, timeLayoutText), nil
}

func (t *Time) readJSON(b []byte) error {
	text, err := unquote(b)
	if err != nil {
		return err
	}
	return t.parse(text)
}

func (t *Time) parse(text string) error {
	var read time.Time
	if err := read.UnmarshalText([]byte(text)); err != nil || !strictly(text) {
		return problemf("is %q, want a time such as 2021-10-05T15:42:53+00:00 (RFC 3339)", text)
	}
	if strings.HasSuffix(text, "Z") || strings.HasSuffix(text, "+00:00") {
		read = read.UTC()
	}
	*t = Time{Time: read, text: text, read: read}
	return nil
}

// strictly reports whether text, which package time can read, has none of what it
// lets through: an hour of one digit, a comma, an offset out of range.
func strictly(text string) bool {
	offset := text[len(text)-len("00:00"):]
	inRange := strings.HasSuffix(text, "Z") || offset[:2] <= "23" && offset[3:] <= "59"
	return text[len("2006-01-02T15")] == ':' && !strings.Contains(text, ",") && inRange
}

type timeCodec struct{}

func (timeCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	return v.Addr().Interface().(*Time).append(dst)
}

func (timeCodec) read(b []byte, v reflect.Value) error {
	return v.Addr().Interface().(*Time).readJSON(b)
}
