package events

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// DecodeError says where a JSON text cannot be decoded, and why.
type DecodeError struct {
	Pointer string // JSON pointer (RFC 6901) to the value; "" is the whole text
	Problem string
}

// Error says where and why on one line.
func (e *DecodeError) Error() string { return "decode event: " + describe(e.Pointer, e.Problem) }

// fault is what is wrong with a value; it gathers its pointer on the way up.
type fault struct{ pointer, problem string }

func (f *fault) Error() string { return describe(f.pointer, f.problem) }

func describe(pointer, problem string) string {
	if pointer == "" {
		return "the text " + problem
	}
	return pointer + " " + problem
}

func problem(text string) error { return &fault{problem: text} }

func problemf(format string, args ...any) error { return problem(fmt.Sprintf(format, args...)) }

// mismatch is the problem of b being of another JSON type than want.
func mismatch(b []byte, want string) error {
	return problemf("is %s, want %s", article(jsonType(b)), want)
}

func article(noun string) string {
	switch noun {
	case "null":
		return noun
	case "array", "object":
		return "an " + noun
	}
	return "a " + noun
}

// jsonType names the JSON type of the value b.
func jsonType(b []byte) string {
	if len(b) == 0 {
		return "null"
	}
	switch b[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// within moves err's pointer into the member of that key.
func within(key string, err error) error {
	f, ok := errors.AsType[*fault](err)
	if !ok {
		f = &fault{problem: err.Error()}
	}
	return &fault{pointer: "/" + pointerEscaper.Replace(key) + f.pointer, problem: f.problem}
}

func withinElement(i int, err error) error { return within(strconv.Itoa(i), err) }

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// asDecodeError returns err, a fault, as callers get it.
func asDecodeError(err error) error {
	f, ok := errors.AsType[*fault](err)
	if !ok {
		return err
	}
	return &DecodeError{Pointer: f.pointer, Problem: f.problem}
}
