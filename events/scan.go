package events

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may be nested.
const maxDepth = 100

// check reports why b is not one JSON text (RFC 8259) in UTF-8 of bounded depth.
// The other functions of this file read what has passed it; they stay within b
// whatever it holds.
func check(b []byte) error {
	switch {
	case !utf8.Valid(b):
		return problem("is not UTF-8")
	case nestsDeeper(b, maxDepth):
		return problemf("nests deeper than %d levels", maxDepth)
	case !json.Valid(b):
		var kept json.RawMessage
		return problemf("is not JSON: %v", json.Unmarshal(b, &kept))
	}
	return nil
}

func nestsDeeper(b []byte, limit int) bool {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i) - 1
		case '{', '[':
			if depth++; depth > limit {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// trim returns b without the JSON space around it.
func trim(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }

// members yields the members of the object b in order: the key with its quotes,
// and the value.
func members(b []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		i := skipTo(b, 1)
		for i < len(b) && b[i] == '"' {
			keyEnd := stringEnd(b, i)
			start := skipTo(b, keyEnd)
			end := valueEnd(b, start)
			if !yield(b[i:keyEnd], b[start:end]) {
				return
			}
			i = skipTo(b, end)
		}
	}
}

// elements yields the elements of the array b in order.
func elements(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := skipTo(b, 1)
		for i < len(b) && b[i] != ']' {
			end := valueEnd(b, i)
			if !yield(b[i:end]) {
				return
			}
			i = skipTo(b, end)
		}
	}
}

// skipTo returns the first index from i on that is not space, comma or colon.
func skipTo(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
		default:
			return i
		}
	}
	return len(b)
}

// valueEnd returns the index after the value that begins at i.
func valueEnd(b []byte, i int) int {
	for depth := 0; i < len(b); {
		switch b[i] {
		case '"':
			i = stringEnd(b, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
			continue
		default:
			i = literalEnd(b, i)
		}
		if depth <= 0 {
			return i
		}
	}
	return len(b)
}

func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func literalEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case ',', ':', ']', '}', '{', '[', '"', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return len(b)
}

func isNull(b []byte) bool { return len(b) > 0 && b[0] == 'n' }

// unquote returns the text of the JSON string b.
func unquote(b []byte) (string, error) {
	if len(b) < 2 || b[0] != '"' {
		return "", mismatch(b, "a string")
	}
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b[1 : len(b)-1]), nil
	}
	if hasLoneSurrogate(b) {
		return "", problem(`escapes half of a surrogate pair`)
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return "", problemf("is not JSON: %v", err)
	}
	return text, nil
}

// hasLoneSurrogate reports whether the JSON string b has a \u escape of half a
// pair, which Go's strings cannot hold.
func hasLoneSurrogate(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		i++
		if b[i] != 'u' {
			continue
		}
		first := hex4(b, i+1)
		i += 4
		if !utf16.IsSurrogate(first) {
			continue
		}
		if i+2 >= len(b) || b[i+1] != '\\' || b[i+2] != 'u' ||
			utf16.DecodeRune(first, hex4(b, i+3)) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return false
}

// hex4 returns the number that the four hexadecimal digits from i on are.
func hex4(b []byte, i int) rune {
	var r rune
	for _, c := range b[min(i, len(b)):min(i+4, len(b))] {
		switch {
		case c >= 'a':
			c -= 'a' - 10
		case c >= 'A':
			c -= 'A' - 10
		default:
			c -= '0'
		}
		r = r<<4 | rune(c)
	}
	return r
}
