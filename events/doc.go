// Package events holds what happened: the envelope that goes on the wire, a typed
// payload for each standard event type, and the catalogue that lists the types
// with their JSON Schema, samples and variables.
//
// # How JSON and Go meet
//
// Every object of the wire is a struct that embeds [Object]. Decoding such a
// struct loses nothing, so an event that is decoded and encoded again is the same
// JSON value, numbers compared digit by digit:
//
//   - A key that the struct has no field for is kept in Object.Extra.
//   - A known key that was absent or null leaves its field zero, and stays absent
//     or null for as long as the field is zero. Only an object that the struct
//     holds by value (a contact, say) cannot be null.
//   - Numbers, ids among them, are json.Number, text that keeps every digit.
//   - A [Time] is written as it was read.
//
// A struct built in Go has one rule for each kind of field: a nil pointer, an
// empty json.Number, an empty json.RawMessage and a zero Time are written as null,
// a nil slice and empty [Fields] as [], all else as its value; a zero field tagged
// omitzero or omitempty is left out. So a pointer marks what may be null.
//
// The structs that embed Object also have MarshalJSON and UnmarshalJSON, each a
// call of [Marshal] or [Unmarshal], so that encoding/json treats one that is
// nested anywhere in the same way.
//
// # What is refused
//
// Decoding takes one JSON text (RFC 8259) in UTF-8, nested at most 100 deep.
// Anything after it, a key that occurs twice in an object that is decoded into
// Go, an escaped half of a surrogate pair in a string that is, and a value of
// another JSON type than its field's are a [*DecodeError]. Keys are compared
// exactly, case included. The data of an unknown type and the values of unknown
// keys are only checked for syntax; they are kept as bytes.
package events
