package events

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Violation is one thing that is wrong with an event.
type Violation struct {
	Pointer string // JSON pointer (RFC 6901) to the value; "" is the whole event
	Message string
}

// ValidationError lists all that is wrong with an event, sorted by pointer, then
// message.
type ValidationError struct{ Violations []Violation }

// Error lists the violations on one line.
func (e *ValidationError) Error() string {
	var b strings.Builder
	b.WriteString("validate event")
	separator := ": "
	for _, v := range e.Violations {
		fmt.Fprintf(&b, "%sat %q: %s", separator, v.Pointer, v.Message)
		separator = "; "
	}
	return b.String()
}

// Validate checks an event against the standard catalogue: the envelope, and the
// data if the type is known. What it accepts, [Decode] reads. The error is a
// [*ValidationError]. A schema is compiled at each call; a host that validates
// often keeps a [Catalogue].
func Validate(b []byte) error { return validate(b, standardEntry) }

func validate(b []byte, find func(string) (entry, bool)) error {
	b = trim(b)
	if err := check(b); err != nil {
		f, _ := errors.AsType[*fault](err)
		return &ValidationError{[]Violation{{f.pointer, f.problem}}}
	}
	found := duplicates(b, "", nil)
	value, found := decodeValue(b, found)
	name := typeIn(b)
	t, known := find(name)
	compiled := t.compiled
	if !known {
		compiled = func() (*jsonschema.Schema, error) { return compile([]byte("true")) }
	}
	schema, err := compiled()
	if err != nil {
		return fmt.Errorf("validate event: schema of %q: %w", name, err)
	}
	found = append(found, violations(schema.Validate(value))...)
	found = appendDecoding(found, b, t.Type, known)
	if len(found) == 0 {
		return nil
	}
	slices.SortFunc(found, func(a, b Violation) int {
		return cmp.Or(strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Message, b.Message))
	})
	return &ValidationError{slices.Compact(found)}
}

// appendDecoding adds what decoding objects to and the schema did not see, such as
// an escaped half of a surrogate pair.
func appendDecoding(found []Violation, b []byte, t Type, known bool) []Violation {
	_, err := decode(b, func(string) (Type, bool) { return t, known })
	de, ok := errors.AsType[*DecodeError](err)
	reported := func(v Violation) bool { return ok && v.Pointer == de.Pointer }
	if !ok || slices.ContainsFunc(found, reported) {
		return found
	}
	return append(found, Violation{de.Pointer, de.Problem})
}

// typeIn returns the type of the event b, "" if it has none.
func typeIn(b []byte) string {
	quoted, _ := member(b, "type")
	name, err := unquote(quoted)
	if err != nil {
		return ""
	}
	return name
}

// envelopeSchema is about all but the data, which is in the schema next to it.
const envelopeSchema = `{
	"$schema": "` + schemaDraft + `",
	"type": "object",
	"required": ["type", "data"],
	"properties": {
		"type": {"type": "string", "minLength": 1},
		"data": {"$ref": "data.json"},
		"account": {"type": "object", "properties": {"id": {"type": "string"}, "email": {"type": "string"}}},
		"created_at": {"type": "string", "format": "date-time"}
	}
}`

// compile returns the schema of events whose data is described by data.
func compile(data []byte) (*jsonschema.Schema, error) {
	if err := check(data); err != nil {
		return nil, err
	}
	if _, huge := decodeValue(data, nil); len(huge) > 0 {
		return nil, problemf("has a number at %s that is too large", huge[0].Pointer)
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.AssertFormat = true
	c.LoadURL = func(u string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("it refers to %s; put that schema under $defs", u)
	}
	const root = "https://tenterhook.invalid/"
	if err := c.AddResource(root+"data.json", bytes.NewReader(data)); err != nil {
		return nil, err
	}
	if err := c.AddResource(root+"event.json", strings.NewReader(envelopeSchema)); err != nil {
		return nil, err
	}
	return c.Compile(root + "event.json")
}

// violations flattens a validator's error to its leaves.
func violations(err error) []Violation {
	if err == nil {
		return nil
	}
	ve, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return []Violation{{"", err.Error()}}
	}
	if len(ve.Causes) == 0 {
		return []Violation{{instancePointer(ve.InstanceLocation), ve.Message}}
	}
	var found []Violation
	for _, cause := range ve.Causes {
		found = append(found, violations(cause)...)
	}
	return found
}

// instancePointer undoes the percent-encoding that the validator adds to pointers.
func instancePointer(location string) string {
	if plain, err := url.PathUnescape(location); err == nil {
		return plain
	}
	return location
}
