package automation

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a field's name.
const (
	MaxFieldName = 200    // bytes
	MaxIndex     = 999    // in a list
	maxSegments  = 20     // of a path
	nul          = "\x00" // the one character that no text of a field holds: not every database can keep it
)

// checkFieldName reports why a name cannot be the path of a field.
func checkFieldName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("it is empty: write the field's path, as contact.email")
	case name == SurveyLink:
		return fmt.Errorf("%s stands for the address of the survey in templates: choose another", SurveyLink)
	case len(name) > MaxFieldName:
		return fmt.Errorf("it has %d bytes: use at most %d", len(name), MaxFieldName)
	case !utf8.ValidString(name):
		return fmt.Errorf("it is not valid UTF-8: write it anew")
	case strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '[' || r == ']'
	}):
		return fmt.Errorf("it holds a bracket, control character or line break: write items.0 for the first item of a list")
	}
	segments := split(name)
	if len(segments) > maxSegments {
		return fmt.Errorf("it has %d parts: use at most %d", len(segments), maxSegments)
	}
	for _, segment := range segments {
		if segment == "" || strings.TrimSpace(segment) != segment {
			return fmt.Errorf("one of its parts is empty, or has a space at an end: write them with single dots between them")
		}
	}
	return nil
}

func split(name string) []string { return strings.Split(name, ".") }

// index returns the place in a list that a segment names: 0 to MaxIndex in its one decimal spelling.
func index(segment string) (int, bool) {
	n, err := strconv.Atoi(segment)
	return n, err == nil && n >= 0 && n <= MaxIndex && strconv.Itoa(n) == segment
}

// pointer returns the JSON pointer (RFC 6901) of a path.
func pointer(path []string) string {
	var b strings.Builder
	for _, segment := range path {
		b.WriteByte('/')
		b.WriteString(pointerEscaper.Replace(segment))
	}
	return b.String()
}

// find returns the value at a path; nil where there is none, or null. Where something on the way holds nothing at all, because
// it is a text, say, blocked is how much of the path leads there, and value is what stands in the way.
func find(data any, path []string) (value any, blocked int) {
	for i, segment := range path {
		switch holder := data.(type) {
		case nil:
			return nil, -1
		case map[string]any:
			data = holder[segment]
			continue
		case []any:
			if n, ok := index(segment); ok {
				if n >= len(holder) {
					return nil, -1
				}
				data = holder[n]
				continue
			}
		}
		return data, i
	}
	return data, -1
}
