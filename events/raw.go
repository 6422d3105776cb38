package events

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// Raw is the payload of an unknown type: its name, and its data as JSON that is
// never changed, not even its space or its duplicate keys.
type Raw struct {
	Name string
	JSON json.RawMessage // empty: null, or absent if it was when decoded
}

// EventType returns the type's name.
func (r Raw) EventType() string { return r.Name }

// MarshalJSON returns the data.
func (r Raw) MarshalJSON() ([]byte, error) { return appendRaw(nil, r.JSON) }

func appendRaw(dst, raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return append(dst, "null"...), nil
	}
	if err := check(raw); err != nil {
		return nil, err
	}
	return append(dst, raw...), nil
}

// payloadCodec writes any payload; what it reads is a Raw without a name.
type payloadCodec struct{}

func (payloadCodec) append(dst []byte, v reflect.Value) ([]byte, error) {
	if raw, ok := v.Interface().(Raw); ok {
		return appendRaw(dst, raw.JSON)
	}
	return appendAny(dst, v.Interface())
}

func (payloadCodec) read(b []byte, v reflect.Value) error {
	v.Set(reflect.ValueOf(Raw{JSON: bytes.Clone(b)}))
	return nil
}
