package runs

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	deepest = 8  // how often a text is unescaped: more is nobody's mistake, and the work is bounded
	around  = 96 // bytes before and after an address that tell whether it goes on there
)

// mention finds one e-mail address in texts.
type mention [2]spelling

// spelling is one way in which the address may stand in a text in lower case.
type spelling struct {
	address string
	plus    bool // a + before it belongs to a longer address; else it is a space, as in forms
}

func newMention(address string) mention {
	address = strings.ToLower(address)
	return mention{
		{address, true},
		{strings.ToLower(url.QueryEscape(address)), false},
	}
}

func (m mention) inAny(texts ...string) bool {
	for _, text := range texts {
		if m.in(text) {
			return true
		}
	}
	return false
}

func (m mention) in(text string) bool {
	for range deepest {
		lower := strings.ToLower(text)
		if m[0].in(lower) || m[1].in(lower) {
			return true
		}
		plain := unescape(text)
		if len(plain) == len(text) { // there was no escape: each is longer than what it stands for
			return false
		}
		text = plain
	}
	return false
}

func (s spelling) in(text string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], s.address)
		if at < 0 {
			return false
		}
		begin := from + at
		end := begin + len(s.address)
		before, after := text[max(0, begin-around):begin], text[end:min(len(text), end+around)]
		if !s.beganBefore(before, after) && !goesOn(after) {
			return true
		}
		from = begin + 1
	}
}

// beganBefore tells whether an address that was found after text began before, as in joann@example.com or o'ann@example.com,
// however escaped. Other characters that RFC 5322 permits in a name are what stands between two words: a=ann@example.com.
func (s spelling) beganBefore(text, after string) bool {
	if strings.HasSuffix(text, "+") {
		return s.plus
	}
	text = plainest(text)
	c, size := utf8.DecodeLastRuneInString(text)
	if c == '.' || c == '\'' && !strings.HasPrefix(after, "'") { // else it is in quotes
		c, _ = utf8.DecodeLastRuneInString(text[:len(text)-size])
	}
	return isWord(c) || strings.ContainsRune("_-+", c)
}

// goesOn tells whether an address that was found before text goes on in it, as in ann@example.com.au, however escaped.
func goesOn(text string) bool {
	text = plainest(text)
	c, size := utf8.DecodeRuneInString(text)
	if c == '.' || c == '-' {
		next, _ := utf8.DecodeRuneInString(text[size:])
		return isWord(next) || c == '-' && next == '-'
	}
	return isWord(c)
}

// plainest returns a piece of text without escapes.
func plainest(text string) string {
	for range deepest {
		text = unescape(text)
	}
	return text
}

func isWord(c rune) bool {
	return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c))
}

// unescape returns text with one layer of escapes removed: those of JSON (RFC 8259 section 7), of URLs (RFC 3986 section
// 2.1) and the numeric ones of HTML.
func unescape(text string) string {
	at := strings.IndexAny(text, `\%&`)
	if at < 0 {
		return text
	}
	var plain strings.Builder
	plain.Grow(len(text))
	for ; at >= 0; at = strings.IndexAny(text, `\%&`) {
		plain.WriteString(text[:at])
		char, size := escape(text[at:])
		plain.WriteString(char)
		text = text[at+size:]
	}
	plain.WriteString(text)
	return plain.String()
}

// escape returns what the escape at the beginning of text stands for, and its length; where none is, the first byte.
func escape(text string) (char string, size int) {
	switch {
	case text[0] == '%':
		if b, ok := number(text, 1, 3, 16); ok {
			return string([]byte{byte(b)}), 3
		}
	case text[0] == '&':
		return numeric(text)
	case len(text) > 1 && text[1] == 'u':
		return units(text)
	case len(text) > 1 && strings.IndexByte(`"\/`, text[1]) >= 0:
		return text[1:2], 2
	case len(text) > 1:
		if at := strings.IndexByte("bfnrt", text[1]); at >= 0 {
			return "\b\f\n\r\t"[at : at+1], 2
		}
	}
	return text[:1], 1
}

// numeric returns the character of a numeric reference of HTML, such as &#64; or &#x40;.
func numeric(text string) (char string, size int) {
	end := strings.IndexByte(text[:min(len(text), len("&#x10FFFF;"))], ';')
	if end < 0 || text[1] != '#' {
		return text[:1], 1
	}
	c, ok := number(text, 2, end, 10)
	if text[2] == 'x' || text[2] == 'X' {
		c, ok = number(text, 3, end, 16)
	}
	if !ok {
		return text[:1], 1
	}
	return string(rune(c)), end + 1
}

// units returns the character that JSON writes as one or two UTF-16 code units.
func units(text string) (char string, size int) {
	c, ok := number(text, 2, 6, 16)
	if !ok {
		return text[:1], 1
	}
	if low, ok := number(text, 8, 12, 16); ok && text[6:8] == `\u` {
		if pair := utf16.DecodeRune(rune(c), rune(low)); pair != unicode.ReplacementChar {
			return string(pair), 12
		}
	}
	return string(rune(c)), 6
}

// number returns the number that the bytes of text between two places are, without a sign.
func number(text string, from, to, base int) (n uint64, ok bool) {
	if len(text) < to || from >= to || text[from] == '+' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[from:to], base, 32)
	return n, err == nil
}
