package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Errors of [Catalogue.Register]; each comes wrapped with the type's name.
var (
	ErrDuplicateType    = errors.New("the catalogue has a type of this name; choose another name")
	ErrInvalidName      = errors.New("the name is not words of ASCII letters, digits and underscores joined by dots, at most 128 characters; rename it")
	ErrInvalidPrototype = errors.New("the prototype is not a struct, or a pointer to one, that JSON can hold; pass a value of your payload struct")
	ErrInvalidSchema    = errors.New("the schema does not compile as JSON Schema; correct it, or leave it empty to derive one")
	ErrInvalidSample    = errors.New("the sample is not a valid event of the type; correct it, or leave it empty to make one")
)

// Type is one entry of a [Catalogue].
type Type struct {
	// Name is the event type; default: what Prototype's EventType returns.
	Name        string
	Description string // one sentence for people
	// Prototype is a value of the Go type that the data decodes to: a struct, or
	// a pointer to one.
	Prototype Payload
	// Schema is the JSON Schema (draft 2020-12) of the data; default: derived
	// from the Go type.
	Schema json.RawMessage
	// Sample is a whole event as JSON, what automations are tested with; its
	// variables are those that they can select; default: one with Prototype as its
	// data.
	Sample []byte
	// OtherSamples are events of other shapes that the type has.
	OtherSamples [][]byte
}

// GoType returns the type of [Event.Data] in a decoded event.
func (t Type) GoType() reflect.Type { return reflect.TypeOf(t.Prototype) }

// Variables returns the variables of the sample, with its values.
func (t Type) Variables() []Variable {
	e, err := decode(t.Sample, func(string) (Type, bool) { return t, true })
	if err != nil {
		return nil
	}
	return e.Variables()
}

// structType returns the struct that the data decodes into.
func (t Type) structType() reflect.Type {
	if gt := t.GoType(); gt.Kind() == reflect.Pointer {
		return gt.Elem()
	}
	return t.GoType()
}

// Catalogue is a set of event types. The zero Catalogue is empty. Register before
// sharing it; its other methods may be called by several goroutines at once.
type Catalogue struct {
	entries map[string]entry
}

type entry struct {
	Type
	compiled func() (*jsonschema.Schema, error)
}

func newEntry(t Type) entry {
	return entry{t, sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(t.Schema) })}
}

// Register adds t with its defaults filled in.
func (c *Catalogue) Register(t Type) error {
	t, err := t.withDefaults()
	if err != nil {
		return fmt.Errorf("register event type %q: %w", t.Name, err)
	}
	if _, taken := c.entries[t.Name]; taken {
		return fmt.Errorf("register event type %q: %w", t.Name, ErrDuplicateType)
	}
	e := newEntry(t)
	if _, err := e.compiled(); err != nil {
		return fmt.Errorf("register event type %q: %w: %w", t.Name, ErrInvalidSchema, err)
	}
	if err := e.checkSamples(); err != nil {
		return fmt.Errorf("register event type %q: %w: %w", t.Name, ErrInvalidSample, err)
	}
	if t.Sample == nil {
		e.Sample, err = New("", t.Prototype).Encode()
		if err != nil {
			return fmt.Errorf("register event type %q: %w: %w", t.Name, ErrInvalidPrototype, err)
		}
	}
	if c.entries == nil {
		c.entries = map[string]entry{}
	}
	c.entries[t.Name] = e
	return nil
}

// withDefaults checks the name and the prototype, and fills in what follows from
// them; the sample comes last, as it is not checked.
func (t Type) withDefaults() (Type, error) {
	if t.Name == "" {
		t.Name = typeOf(t.Prototype)
	}
	switch gt := t.GoType(); {
	case gt == nil, gt == rawType, t.structType().Kind() != reflect.Struct, typeOf(t.Prototype) == "":
		return t, ErrInvalidPrototype
	case !validName(t.Name), t.Name != typeOf(t.Prototype):
		return t, ErrInvalidName
	}
	if _, err := codecOf(t.structType()); err != nil {
		return t, fmt.Errorf("%w: %w", ErrInvalidPrototype, err)
	}
	if t.Schema != nil {
		return t, nil
	}
	schema, err := deriveSchema(t)
	if err != nil {
		return t, fmt.Errorf("%w: %w", ErrInvalidPrototype, err)
	}
	t.Schema = schema
	return t, nil
}

// validName follows Standard Webhooks 1.0, "Event types".
func validName(name string) bool {
	const most = 128
	ok, err := regexp.MatchString(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`, name)
	return ok && err == nil && len(name) <= most
}

func (e entry) checkSamples() error {
	samples := e.OtherSamples
	if e.Sample != nil {
		samples = append([][]byte{e.Sample}, samples...)
	}
	find := func(name string) (entry, bool) { return e, name == e.Name }
	for _, sample := range samples {
		if err := validate(sample, find); err != nil {
			return err
		}
		if name := typeIn(trim(sample)); name != e.Name {
			return fmt.Errorf("it is of type %q", name)
		}
	}
	return nil
}

// Lookup returns the type of that name.
func (c *Catalogue) Lookup(name string) (Type, bool) {
	e, ok := c.entries[name]
	return e.Type, ok
}

// Types returns the types sorted by name.
func (c *Catalogue) Types() []Type {
	types := make([]Type, 0, len(c.entries))
	for _, name := range slices.Sorted(maps.Keys(c.entries)) {
		types = append(types, c.entries[name].Type)
	}
	return types
}

// Decode reads an event as the function [Decode] does, against c.
func (c *Catalogue) Decode(b []byte) (Event, error) { return decode(b, c.Lookup) }

// Validate checks an event as the function [Validate] does, against c.
func (c *Catalogue) Validate(b []byte) error {
	return validate(b, func(name string) (entry, bool) {
		e, ok := c.entries[name]
		return e, ok
	})
}
