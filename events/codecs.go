package events

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"unicode/utf8"
)

type textCodec struct{}

func (textCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	return appendString(dst, v.String()), nil
}

func (textCodec) read(b []byte, v reflect.Value) error {
	text, err := unquote(b)
	v.SetString(text)
	return err
}

type boolCodec struct{}

func (boolCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	return strconv.AppendBool(dst, v.Bool()), nil
}

func (boolCodec) read(b []byte, v reflect.Value) error {
	if b[0] != 't' && b[0] != 'f' {
		return mismatch(b, "a boolean")
	}
	v.SetBool(b[0] == 't')
	return nil
}

type numberCodec struct{}

func (numberCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	text := v.String()
	switch {
	case text == "":
		return append(dst, "null"...), nil
	case !isNumber(text):
		return nil, problemf("is %q, want the text of a JSON number", text)
	}
	return append(dst, text...), nil
}

func (numberCodec) read(b []byte, v reflect.Value) error {
	if jsonType(b) != "number" {
		return mismatch(b, "a number")
	}
	v.SetString(string(b))
	return nil
}

// isNumber reports whether text is a number as RFC 8259 section 6 writes it.
func isNumber(text string) bool {
	last := text[len(text)-1]
	return (text[0] == '-' || isDigit(text[0])) && isDigit(last) && json.Valid([]byte(text))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

type rawCodec struct{}

func (rawCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	return appendCompact(dst, v.Bytes())
}

func (rawCodec) read(b []byte, v reflect.Value) error {
	compact, err := appendCompact(nil, b)
	v.SetBytes(compact)
	return err
}

type pointerCodec struct{ elem codec }

func (c pointerCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(dst, "null"...), nil
	}
	return c.elem.append(dst, v.Elem())
}

func (c pointerCodec) read(b []byte, v reflect.Value) error {
	if isNull(b) {
		return nil
	}
	v.Set(reflect.New(v.Type().Elem()))
	return c.elem.read(b, v.Elem())
}

type sliceCodec struct{ elem codec }

func (c sliceCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	dst = append(dst, '[')
	open := len(dst)
	for i := range v.Len() {
		var err error
		if dst, err = c.elem.append(separate(dst, open), v.Index(i)); err != nil {
			return nil, withinElement(i, err)
		}
	}
	return append(dst, ']'), nil
}

func (c sliceCodec) read(b []byte, v reflect.Value) error {
	if b[0] != '[' {
		return mismatch(b, "an array")
	}
	read, zero := reflect.Zero(v.Type()), reflect.Zero(v.Type().Elem())
	for element := range elements(b) {
		i := read.Len()
		read = reflect.Append(read, zero)
		if err := c.elem.read(element, read.Index(i)); err != nil {
			return withinElement(i, err)
		}
	}
	v.Set(read)
	return nil
}

// otherCodec leaves a host's types, those that are not listed in planner.codec,
// to encoding/json.
type otherCodec struct{}

func (otherCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v.Addr().Interface()); err != nil {
		return nil, problemf("cannot be encoded: %v", err)
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...), nil
}

func (otherCodec) read(b []byte, v reflect.Value) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(v.Addr().Interface()); err != nil {
		return problemf("cannot be decoded: %v", err)
	}
	return nil
}

// appendCompact adds the JSON text raw without the space between its tokens;
// empty is null.
func appendCompact(dst []byte, raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return append(dst, "null"...), nil
	}
	if err := check(raw); err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(dst)
	err := json.Compact(b, raw)
	return b.Bytes(), err
}

// appendString adds s as a JSON string with the fewest escapes that RFC 8259
// section 7 allows; bytes that are not UTF-8 become U+FFFD.
func appendString(dst []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	plain := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[plain:i]...)
		plain = i + 1
		if short := shortEscape(c); short != 0 {
			dst = append(dst, '\\', short)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[plain:]...), '"')
}

// shortEscape returns the letter of c's two-character escape, or 0.
func shortEscape(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}
