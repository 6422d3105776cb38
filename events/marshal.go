package events

import (
	"bytes"
	"fmt"
	"reflect"
	"sync"
)

// Marshal returns v, a struct that embeds [Object] or a pointer to one, as compact
// JSON without HTML escapes. It is for the MarshalJSON of such structs, and does
// not call theirs; other types go through encoding/json.
func Marshal(v any) ([]byte, error) {
	buffer := scratch.Get().(*[]byte)
	defer scratch.Put(buffer)
	b, err := appendAny((*buffer)[:0], v)
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	if cap(b) <= maxScratch {
		*buffer = b
	}
	return bytes.Clone(b), nil
}

// scratch lends buffers to Marshal, which returns a copy of the exact size: growing a new one each time took twice the
// memory and a third of the time of encoding.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

const maxScratch = 64 << 10 // a larger buffer is not kept

// Unmarshal sets what v points to, a struct that embeds [Object], from the JSON
// text b. It is for the UnmarshalJSON of such structs, and does not call theirs.
// Errors are a [*DecodeError].
func Unmarshal(b []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("decode event: %T is not a pointer to decode into", v)
	}
	b = trim(b)
	if err := check(b); err != nil {
		return asDecodeError(err)
	}
	target.Elem().SetZero()
	return asDecodeError(readInto(b, target.Elem()))
}

func readInto(b []byte, v reflect.Value) error {
	c, err := codecOf(v.Type())
	if err != nil {
		return err
	}
	return c.read(b, v)
}

// appendAny adds the JSON of v, which is copied unless it is a pointer: codecs
// need to address what they write.
func appendAny(dst []byte, v any) ([]byte, error) {
	rv := reflect.ValueOf(v)
	switch {
	case !rv.IsValid(), rv.Kind() == reflect.Pointer && rv.IsNil():
		return append(dst, "null"...), nil
	case rv.Kind() == reflect.Pointer:
		rv = rv.Elem()
	default:
		held := reflect.New(rv.Type()).Elem()
		held.Set(rv)
		rv = held
	}
	c, err := codecOf(rv.Type())
	if err != nil {
		return nil, err
	}
	return c.append(dst, rv)
}
