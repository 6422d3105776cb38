package automation

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// text is one part of a template cut at its macros: literals has one more element than macros, and the two take turns.
type text struct{ literals, macros []string }

// cutText finds the macros of a part of a template: what stands in brackets. Two opening brackets are one that is no macro's, and
// a closing one by itself is itself.
func cutText(s string) (text, error) {
	var t text
	var literal strings.Builder
	for {
		before, behind, found := strings.Cut(s, "[")
		literal.WriteString(before)
		if !found {
			t.literals = append(t.literals, literal.String())
			return t, nil
		}
		if rest, escaped := strings.CutPrefix(behind, "["); escaped {
			literal.WriteByte('[')
			s = rest
			continue
		}
		macro, rest, closed := strings.Cut(behind, "]")
		if !closed || strings.ContainsAny(macro, "[\r\n") {
			return text{}, errors.New("a bracket is not closed on its line: close the macro, or write [[ for a bracket that is none")
		}
		t.literals, t.macros = append(t.literals, literal.String()), append(t.macros, macro)
		literal.Reset()
		s = rest
	}
}

// fill returns t with these values of its macros, in order.
func (t text) fill(values []string) (string, error) {
	size := 0
	for _, part := range t.literals {
		size += len(part)
	}
	for _, value := range values {
		size += len(value)
	}
	if size > MaxRendered {
		return "", fmt.Errorf("%w: with its values it has %d bytes, at most %d are sent: use fewer macros", ErrTooLarge, size, MaxRendered)
	}
	var b strings.Builder
	b.Grow(size)
	for i, value := range values {
		b.WriteString(t.literals[i])
		b.WriteString(value)
	}
	b.WriteString(t.literals[len(values)])
	return b.String(), nil
}

// inWords returns a JSON value as people read it: the text of a string, the items of a list with commas between them, nothing
// for null, else the JSON.
func inWords(value json.RawMessage) string {
	switch v := decode(value).(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		words := make([]string, len(v))
		for i, item := range v {
			words[i] = inWords(encode(item))
		}
		return strings.Join(words, ", ")
	}
	return string(value)
}

// oneLine returns s as a line that shows what it says: control characters and line breaks become spaces, and characters that
// turn the direction of writing go.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// lines returns s with line feeds and tabs for its only control characters.
func lines(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		}
		return r
	}, s)
}
