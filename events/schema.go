package events

import (
	"encoding/json"
	"fmt"
	"reflect"
)

const schemaDraft = "https://json-schema.org/draft/2020-12/schema"

// schema is a JSON Schema; the empty one takes every value.
type schema map[string]any

// deriveSchema returns the JSON Schema of t's data. Unknown keys are allowed; a key
// is required if a struct built in Go always has it and its field is no pointer;
// a pointer may be null.
func deriveSchema(t Type) (json.RawMessage, error) {
	derived, err := deriver{}.of(t.structType())
	if err != nil {
		return nil, err
	}
	derived["$schema"] = schemaDraft
	derived["title"] = t.Name
	if t.Description != "" {
		derived["description"] = t.Description
	}
	return json.Marshal(derived)
}

// deriver holds the structs it is inside of. One that contains itself is not
// described a second time.
type deriver map[reflect.Type]bool

func (d deriver) of(t reflect.Type) (schema, error) {
	switch t {
	case timeType, clockType:
		return schema{"type": "string", "format": "date-time"}, nil
	case numberType:
		return schema{"type": "number"}, nil
	case rawJSONType:
		return schema{}, nil
	case fieldsType:
		return schema{"type": []string{"array", "object"}, "maxItems": 0}, nil
	}
	switch {
	case embedsObject(t):
		return d.object(t)
	case marshalsItself(t) && !reflect.PointerTo(t).Implements(marshalerType):
		return schema{"type": "string"}, nil
	case marshalsItself(t):
		return schema{}, nil
	}
	return d.kind(t)
}

func (d deriver) kind(t reflect.Type) (schema, error) {
	switch t.Kind() {
	case reflect.String:
		return schema{"type": "string"}, nil
	case reflect.Bool:
		return schema{"type": "boolean"}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return schema{"type": "integer"}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return schema{"type": "integer", "minimum": 0}, nil
	case reflect.Float32, reflect.Float64:
		return schema{"type": "number"}, nil
	case reflect.Interface:
		return schema{}, nil
	case reflect.Struct:
		return d.object(t)
	case reflect.Pointer:
		elem, err := d.of(t.Elem())
		return nullable(elem), err
	case reflect.Map:
		values, err := d.of(t.Elem())
		return schema{"type": "object", "additionalProperties": values}, err
	case reflect.Slice, reflect.Array:
		return d.list(t)
	}
	return nil, fmt.Errorf("JSON cannot hold a %s", t)
}

func (d deriver) list(t reflect.Type) (schema, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return schema{"type": "string", "contentEncoding": "base64"}, nil
	}
	items, err := d.of(t.Elem())
	return schema{"type": "array", "items": items}, err
}

func (d deriver) object(t reflect.Type) (schema, error) {
	if d[t] {
		return schema{}, nil
	}
	d[t] = true
	defer delete(d, t)
	properties, required := schema{}, []string{}
	if err := d.members(t, properties, &required); err != nil {
		return nil, err
	}
	derived := schema{"type": "object", "properties": properties}
	if len(required) > 0 {
		derived["required"] = required
	}
	return derived, nil
}

// members adds the properties of t's fields, and those of the structs that it
// embeds, which encoding/json writes as its own.
func (d deriver) members(t reflect.Type, properties schema, required *[]string) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		key, options, written := jsonKey(sf)
		if !written || sf.Type == objectType {
			continue
		}
		if embedded, optional, ok := flattened(sf); ok {
			names := required
			if optional {
				names = new([]string)
			}
			if err := d.members(embedded, properties, names); err != nil {
				return err
			}
			continue
		}
		property, err := d.member(sf, options, embedsObject(t))
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t, sf.Name, err)
		}
		properties[key] = property
		optional := hasOption(options, "omitzero") || hasOption(options, "omitempty") || mayBeNull(sf.Type)
		if !optional {
			*required = append(*required, key)
		}
	}
	return nil
}

// member returns the schema of one field. encoding/json, which writes the structs
// that do not embed Object, makes null of nil slices and maps.
func (d deriver) member(sf reflect.StructField, options string, embeds bool) (schema, error) {
	if hasOption(options, "string") {
		return schema{"type": "string"}, nil
	}
	property, err := d.of(sf.Type)
	t := sf.Type
	switch {
	case t == fieldsType, embeds && t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return property, err
	case t.Kind() == reflect.Map, t.Kind() == reflect.Slice:
		return nullable(property), err
	}
	return property, err
}

// flattened returns the struct that sf embeds, and whether it can be missing.
func flattened(sf reflect.StructField) (embedded reflect.Type, optional, ok bool) {
	embedded = sf.Type
	if optional = embedded.Kind() == reflect.Pointer; optional {
		embedded = embedded.Elem()
	}
	return embedded, optional, sf.Anonymous && sf.Tag.Get("json") == "" && embedded.Kind() == reflect.Struct
}

func mayBeNull(t reflect.Type) bool {
	return t == rawJSONType || t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface
}

func nullable(s schema) schema {
	if name, ok := s["type"].(string); ok {
		s["type"] = []string{name, "null"}
	}
	return s
}
