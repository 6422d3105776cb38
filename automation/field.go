package automation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenterhook/tenterhook/labels"
)

// The bounds of fields.
const (
	MaxFields = 200  // of an incoming automation
	MaxItems  = 1000 // of a list
	MaxPlaces = 2000 // in the JSON Schema of them all, where a list has a place for each item up to the last one that is named
)

// Field is one data field of an incoming automation.
type Field struct {
	// Name is the field's path in JSON data, as "contact.email" or "items.0.sku"; in a form or query it is the parameter's name.
	Name string    `json:"name"`
	Type FieldType `json:"type"`
	// Required refuses requests without it, with null or with an empty text or list; default: false.
	Required bool `json:"required,omitempty"`
	// Excluded checks the field and lets filters see it, but passes it on to nobody; default: false.
	Excluded bool `json:"excluded,omitempty"`
	// Variable is the id of the trigger's survey variable that the value goes to; default: none, it is skipped (SPEC I3).
	Variable string `json:"variable,omitempty"`
}

// FieldType is the type that a field's values have, or are converted to where nothing has to be guessed.
type FieldType string

// The types of fields. What each takes, and what becomes of it, is in the package's documentation.
const (
	TypeText    FieldType = "text"
	TypeNumber  FieldType = "number"  // JSON number, all digits kept
	TypeBoolean FieldType = "boolean" // true or false
	TypeDate    FieldType = "date"    // full-date or date-time of RFC 3339
	TypeEmail   FieldType = "email"   // one address, name@example.com
	TypeList    FieldType = "list"    // of texts, numbers and booleans
)

func isFieldType(t FieldType) bool {
	return slices.Contains([]FieldType{TypeText, TypeNumber, TypeBoolean, TypeDate, TypeEmail, TypeList}, t)
}

// field returns the field of that name, and whether there is one.
func (in Incoming) field(name string) (Field, bool) {
	for _, f := range in.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// included returns the field of that name, and whether there is one that is passed on.
func (in Incoming) included(name string) (Field, bool) {
	f, ok := in.field(name)
	return f, ok && !f.Excluded
}

func (in Incoming) validateFields(vs *violations, known lexicon) {
	if len(in.Fields) == 0 || len(in.Fields) > MaxFields {
		vs.add("/trigger/incoming/fields", ErrField, "there are %d: use 1 to %d", len(in.Fields), MaxFields)
		return
	}
	for i, f := range in.Fields {
		at := fmt.Sprintf("/trigger/incoming/fields/%d", i)
		if err := checkFieldName(f.Name); err != nil {
			vs.add(at+"/name", ErrField, "%v", err)
		}
		for _, other := range in.Fields[:i] {
			if err := f.beside(other); err != nil {
				vs.add(at+"/name", ErrField, "%v", err)
				break
			}
		}
		if !isFieldType(f.Type) {
			vs.add(at+"/type", ErrField, "%q is not a type: use %s, %s, %s, %s, %s or %s", f.Type, TypeText, TypeNumber, TypeBoolean, TypeDate, TypeEmail, TypeList)
		}
		in.validateMapping(vs, i, known)
	}
	if n := in.places(split).count(); n > MaxPlaces {
		vs.add("/trigger/incoming/fields", ErrField, "they reach over %d places: use at most %d, and items nearer to the beginning of their lists", n, MaxPlaces)
	}
}

// beside reports why f cannot be a field where other is.
func (f Field) beside(other Field) error {
	switch {
	case f.Name == other.Name:
		return fmt.Errorf("%q is declared twice: give each field its own name", f.Name)
	case strings.HasPrefix(f.Name, other.Name+"."), strings.HasPrefix(other.Name, f.Name+"."):
		return fmt.Errorf("%q is within %q, or the other way round: a value is either a field or holds fields", f.Name, other.Name)
	}
	return nil
}

// validateMapping refuses a variable that the i-th field cannot go to.
func (in Incoming) validateMapping(vs *violations, i int, known lexicon) {
	f, at := in.Fields[i], fmt.Sprintf("/trigger/incoming/fields/%d/variable", i)
	taken := slices.ContainsFunc(in.Fields[:i], func(other Field) bool { return other.Variable == f.Variable })
	switch kind := known.kind(f.Variable); {
	case f.Variable == "":
	case f.Excluded:
		vs.add(at, ErrVariable, "field %q is excluded, so it goes nowhere: include it or remove its variable", f.Name)
	case kind != labels.Background && kind != labels.Question:
		vs.add(at, ErrVariable, "%q is no variable of this trigger's survey: create the background variable first, or skip the field", f.Variable)
	case taken:
		vs.add(at, ErrVariable, "%q gets the value of another field already: map one field to a variable", f.Variable)
	}
}
