package events

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// codec writes and reads the values of one Go type.
type codec interface {
	// append adds v's JSON to dst. v is addressable.
	append(dst []byte, v reflect.Value) ([]byte, error)
	// read sets v, which is zero, from the one JSON value that b holds without
	// space around it. b has passed check; what is kept of it is copied.
	read(b []byte, v reflect.Value) error
}

// structure is the codec of a struct that embeds Object.
type structure struct {
	object    int // index of the embedded Object
	fields    []field
	byKey     map[string]int // position in fields
	all       uint64         // one bit for each field
	completes bool
}

type field struct {
	key       string
	prefix    string // the key as it is written, with its colon
	index     int
	codec     codec
	omit      bool // left out when zero
	readsZero bool // some JSON other than null decodes to the zero value
}

// completer is a struct that may have to be completed before it is written: it
// returns a pointer to itself, or to a copy.
type completer interface{ complete() any }

var (
	objectType    = reflect.TypeFor[Object]()
	numberType    = reflect.TypeFor[json.Number]()
	rawJSONType   = reflect.TypeFor[json.RawMessage]()
	timeType      = reflect.TypeFor[Time]()
	clockType     = reflect.TypeFor[time.Time]()
	fieldsType    = reflect.TypeFor[Fields]()
	payloadType   = reflect.TypeFor[Payload]()
	rawType       = reflect.TypeFor[Raw]()
	completerType = reflect.TypeFor[completer]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
	textType      = reflect.TypeFor[encoding.TextMarshaler]()
)

// plans caches structures by their reflect.Type. A structure follows from its type
// alone, so it does not matter whose entry stays.
var plans sync.Map

// maxFields is what an Object's bits can tell apart.
const maxFields = 64

var errEmbedded = errors.New("embeds a struct besides events.Object; name the field")

func embedsObject(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	f, ok := t.FieldByName("Object")
	return ok && f.Anonymous && f.Type == objectType && len(f.Index) == 1
}

// codecOf returns the codec of t.
func codecOf(t reflect.Type) (codec, error) {
	if known, ok := plans.Load(t); ok {
		return known.(*structure), nil
	}
	building := planner{}
	c, err := building.codec(t)
	if err != nil {
		return nil, err
	}
	for built, s := range building {
		plans.LoadOrStore(built, s)
	}
	return c, nil
}

// planner builds codecs; it holds the structures begun, so that a type may
// contain itself.
type planner map[reflect.Type]*structure

func (p planner) codec(t reflect.Type) (codec, error) {
	switch t {
	case numberType:
		return numberCodec{}, nil
	case rawJSONType:
		return rawCodec{}, nil
	case timeType:
		return timeCodec{}, nil
	case fieldsType:
		return fieldsCodec{}, nil
	case payloadType:
		return payloadCodec{}, nil
	}
	switch {
	case embedsObject(t):
		return p.structure(t)
	case marshalsItself(t):
		return otherCodec{}, nil
	case t.Kind() == reflect.String:
		return textCodec{}, nil
	case t.Kind() == reflect.Bool:
		return boolCodec{}, nil
	case t.Kind() == reflect.Pointer:
		elem, err := p.codec(t.Elem())
		return pointerCodec{elem}, err
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		elem, err := p.codec(t.Elem())
		return sliceCodec{elem}, err
	}
	return otherCodec{}, nil
}

func marshalsItself(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		return false
	}
	ptr := reflect.PointerTo(t)
	return ptr.Implements(marshalerType) || ptr.Implements(textType)
}

func (p planner) structure(t reflect.Type) (*structure, error) {
	if begun, ok := p[t]; ok {
		return begun, nil
	}
	s := &structure{byKey: map[string]int{}, completes: reflect.PointerTo(t).Implements(completerType)}
	p[t] = s
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Type == objectType && sf.Anonymous {
			s.object = i
			continue
		}
		f, written, err := p.field(sf)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, sf.Name, err)
		}
		if !written {
			continue
		}
		f.index = i
		if err := s.add(f); err != nil {
			return nil, fmt.Errorf("%s: %w", t, err)
		}
	}
	return s, nil
}

// field returns the plan of sf and whether it is written at all.
func (p planner) field(sf reflect.StructField) (field, bool, error) {
	key, options, written := jsonKey(sf)
	switch {
	case !written:
		return field{}, false, nil
	case sf.Anonymous:
		return field{}, false, errEmbedded
	case hasOption(options, "string"):
		return field{}, false, errors.New(`the json option "string" is not supported; use json.Number`)
	}
	c, err := p.codec(sf.Type)
	return field{
		key:       key,
		prefix:    string(appendString(nil, key)) + ":",
		codec:     c,
		omit:      hasOption(options, "omitzero") || hasOption(options, "omitempty"),
		readsZero: readsZero(sf.Type),
	}, true, err
}

func (s *structure) add(f field) error {
	if _, taken := s.byKey[f.key]; taken {
		return fmt.Errorf("two fields have the key %q", f.key)
	}
	if len(s.fields) == maxFields {
		return fmt.Errorf("more than %d fields", maxFields)
	}
	s.all |= 1 << len(s.fields)
	s.byKey[f.key] = len(s.fields)
	s.fields = append(s.fields, f)
	return nil
}

// readsZero reports whether a t that decoding left zero can have come from JSON
// other than null.
func readsZero(t reflect.Type) bool {
	switch t {
	case numberType, rawJSONType, timeType:
		return false
	}
	return t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface
}

// jsonKey returns the key and the options of sf's json tag, and whether
// encoding/json's rules write the field.
func jsonKey(sf reflect.StructField) (key, options string, written bool) {
	tag := sf.Tag.Get("json")
	if tag == "-" || (!sf.IsExported() && !sf.Anonymous) {
		return "", "", false
	}
	key, options, _ = strings.Cut(tag, ",")
	if key == "" {
		key = sf.Name
	}
	return key, options, true
}

func hasOption(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == name {
			return true
		}
	}
	return false
}
