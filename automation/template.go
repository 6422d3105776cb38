package automation

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/tenterhook/tenterhook/internal/pushurl"
)

// template is a push URL cut at its macros: texts has one more element than macros, and the two take turns.
//
// A value can fill in its place and nothing else. It is written in unreserved characters (RFC 3986 section 2.3) and
// percent-encoded bytes only, and macros stand behind the authority only, so scheme, host, port and the number of
// segments and parameters are those of the template. It is left out if it would make a segment one that a receiver may
// resolve to another path, or the URL too long.
type template struct {
	texts  []string
	macros []string // in NFC
}

// cutTemplate finds the macros of a push URL: what stands in brackets in its path and query. Brackets before, as around
// an IPv6 address, are text.
func cutTemplate(text string) (template, error) {
	head, rest := text, ""
	if scheme, behind, ok := strings.Cut(text, "://"); ok {
		if i := strings.IndexAny(behind, "/?#"); i >= 0 {
			head, rest = text[:len(scheme)+len("://")+i], behind[i:]
		}
	}
	var t template
	for {
		i := strings.IndexAny(rest, "[]")
		if i < 0 {
			t.texts = append(t.texts, head+rest)
			return t, nil
		}
		length := strings.IndexAny(rest[i+1:], "[]")
		if rest[i] == ']' || length < 0 || rest[i+1+length] == '[' {
			return template{}, errors.New("its brackets are not in pairs: close each macro, and write %5B and %5D for other brackets")
		}
		t.texts = append(t.texts, head+rest[:i])
		t.macros = append(t.macros, norm.NFC.String(rest[i+1:i+1+length]))
		head, rest = "", rest[i+length+2:]
	}
}

// check reports why t, as a push URL, cannot be sent to whatever the values of its macros are.
func (t template) check() (*url.URL, error) {
	if len(t.macros) > MaxMacros {
		return nil, fmt.Errorf("it has %d macros: use at most %d", len(t.macros), MaxMacros)
	}
	for _, text := range t.texts[:len(t.macros)] {
		if i := strings.LastIndexByte(text, '%'); i >= 0 && i > len(text)-3 {
			return nil, errors.New("it has a macro within a percent-encoded character: write % as %25")
		}
	}
	none := make([]string, len(t.macros))
	for i, segment := range t.segments(none) {
		if t.within(i) && climbs(segment) {
			return nil, errors.New("it has a macro beside dots that lead elsewhere in the path: remove the dots")
		}
	}
	sample := make([]string, len(t.macros))
	for i := range sample {
		sample[i] = "x"
	}
	u, err := pushurl.Parse(t.fill(sample))
	if err != nil && t.bracketsHost() {
		return nil, errors.New("it has brackets before its path that hold no IPv6 address: macros can stand in path and query only")
	}
	return u, err
}

// bracketsHost tells whether what might be a macro, and is no IPv6 address, stands before the path.
func (t template) bracketsHost() bool {
	_, inside, ok := strings.Cut(t.texts[0], "[") // those behind were cut out
	inside, _, _ = strings.Cut(inside, "]")
	return ok && !strings.Contains(inside, ":")
}

// fill returns the URL with these percent-encoded values.
func (t template) fill(values []string) string {
	var b strings.Builder
	for i, value := range values {
		b.WriteString(t.texts[i])
		b.WriteString(value)
	}
	b.WriteString(t.texts[len(values)])
	return b.String()
}

// expand returns the URL with these values, and for each that was left out why.
func (t template) expand(values []string) (text string, why []string) {
	why = make([]string, len(values))
	used := make([]string, len(values))
	for i, value := range values {
		if len(value) > pushurl.MaxLength {
			why[i] = tooLong()
			continue
		}
		used[i] = escape(value)
	}
	for len(t.fill(used)) > pushurl.MaxLength {
		i := longest(used)
		if used[i] == "" {
			break // of a template that was saved unchecked
		}
		used[i], why[i] = "", tooLong()
	}
	segments := t.segments(used)
	for i := range used {
		if s, ok := t.segmentOf(i); ok && used[i] != "" && climbs(segments[s]) {
			used[i], why[i] = "", "its value would lead elsewhere in the path"
		}
	}
	return t.fill(used), why
}

func tooLong() string {
	return "its value is too long: a push URL has at most " + strconv.Itoa(pushurl.MaxLength) + " bytes"
}

func longest(values []string) int {
	at := 0
	for i, value := range values {
		if len(value) > len(values[at]) {
			at = i
		}
	}
	return at
}

// segments returns what stands between the slashes of the URL with these values, up to its query.
func (t template) segments(values []string) []string {
	path, _, _ := strings.Cut(t.fill(values), "?")
	return strings.Split(path, "/")
}

// segmentOf returns which of the segments the i-th macro is in; ok is false for one in the query.
func (t template) segmentOf(i int) (segment int, ok bool) {
	before := strings.Join(t.texts[:i+1], "")
	return strings.Count(before, "/"), !strings.Contains(before, "?")
}

// within tells whether a segment holds a macro.
func (t template) within(segment int) bool {
	for i := range t.macros {
		if s, ok := t.segmentOf(i); ok && s == segment {
			return true
		}
	}
	return false
}

// escape percent-encodes all but unreserved characters.
func escape(value string) string {
	return strings.ReplaceAll(url.QueryEscape(strings.ToValidUTF8(value, "\uFFFD")), "+", "%20")
}

// climbs tells whether a receiver may take a segment, or part of it, for a step elsewhere in the path (RFC 3986 section
// 5.2.4). Some decode before they resolve it, some twice, some take a backslash for a slash or end at a control
// character; "%2e" is a dot to browsers too (WHATWG URL, "double-dot URL path segment").
func climbs(segment string) bool {
	for once := pushurl.Unescape(segment); once != segment; once = pushurl.Unescape(segment) {
		segment = once
	}
	for part := range strings.FieldsFuncSeq(segment, func(r rune) bool { return r == '/' || r == '\\' }) {
		other := strings.TrimFunc(part, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '.' })
		if other == "" && strings.Contains(part, ".") {
			return true
		}
	}
	return false
}
