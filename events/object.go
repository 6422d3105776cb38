package events

import "encoding/json"

// Object is embedded by every struct that stands for a JSON object. It keeps what
// decoding met and the struct's fields cannot hold, so that encoding can restore
// it. The zero Object is that of a struct built in Go.
type Object struct {
	// Extra holds the members whose key the struct has no field for: key to the
	// value's JSON. They are written after the fields, sorted by key; one named
	// as a field is an error.
	Extra map[string]json.RawMessage `json:"-"`

	decoded bool
	absent  uint64 // bit i: field i's key did not occur
	null    uint64 // bit i: field i's key was null
	braces  uint64 // bit i: field i, a map, was {}
}

// form is how a field with a zero value is written.
type form int

const (
	formValue form = iota
	formLeftOut
	formNull
	formBraces
)

// zeroForm returns how f, the i-th field, is written when its value is zero.
func (o *Object) zeroForm(i int, f *field) form {
	bit := uint64(1) << i
	switch {
	case o.absent&bit != 0:
		return formLeftOut
	case o.null&bit != 0:
		return formNull
	case o.braces&bit != 0:
		return formBraces
	case f.omit && !(o.decoded && f.readsZero):
		return formLeftOut
	}
	return formValue
}
