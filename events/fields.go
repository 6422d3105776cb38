package events

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// Fields are the custom fields of a contact by their slug. The wire has [] when
// there are none and an object otherwise; {} is read too.
//
// Decoding gives a string, json.Number, bool or nil, and json.RawMessage for an
// array or an object; any value that encoding/json takes can be set.
type Fields map[string]any

// Text returns the field of that slug if it is a string, else "".
func (f Fields) Text(slug string) string {
	text, _ := f[slug].(string)
	return text
}

// MarshalJSON returns [] or an object, sorted by slug.
func (f Fields) MarshalJSON() ([]byte, error) { return Marshal(f) }

// UnmarshalJSON reads [] or an object.
func (f *Fields) UnmarshalJSON(b []byte) error { return Unmarshal(b, f) }

type fieldsCodec struct{}

func (fieldsCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	f := *v.Addr().Interface().(*Fields)
	if len(f) == 0 {
		return append(dst, "[]"...), nil
	}
	dst = append(dst, '{')
	open := len(dst)
	for _, slug := range slices.Sorted(maps.Keys(f)) {
		dst = append(appendString(separate(dst, open), slug), ':')
		var err error
		if dst, err = appendFieldValue(dst, f[slug]); err != nil {
			return nil, within(slug, err)
		}
	}
	return append(dst, '}'), nil
}

func appendFieldValue(dst []byte, value any) ([]byte, error) {
	if text, ok := value.(string); ok {
		return appendString(dst, text), nil
	}
	return appendAny(dst, value)
}

func (fieldsCodec) read(b []byte, v reflect.Value) error {
	fields := Fields{}
	v.Set(reflect.ValueOf(fields))
	if b[0] == '[' && len(trim(b[1:len(b)-1])) == 0 {
		return nil
	}
	if b[0] != '{' {
		return mismatch(b, "an object or []")
	}
	for quoted, value := range members(b) {
		slug, err := unquote(quoted)
		if err != nil {
			return problem("has a key that escapes half of a surrogate pair")
		}
		if _, twice := fields[slug]; twice {
			return within(slug, errTwice)
		}
		if fields[slug], err = fieldValue(value); err != nil {
			return within(slug, err)
		}
	}
	return nil
}

func fieldValue(b []byte) (any, error) {
	switch jsonType(b) {
	case "string":
		return unquote(b)
	case "number":
		return json.Number(b), nil
	case "boolean":
		return b[0] == 't', nil
	case "null":
		return nil, nil
	}
	return json.RawMessage(bytes.Clone(b)), nil
}
