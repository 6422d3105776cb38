package automation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"
)

// MaxViolations is how many violations of a request are reported.
const MaxViolations = 100

// Request is what came in for an incoming automation: JSON, or the parameters of a form or query.
type Request struct {
	ID     string          // the sender's webhook-id or Idempotency-Key, or one that was drawn: the same one makes the same run
	JSON   json.RawMessage // one JSON value, with no key twice in an object; nil: Values count
	Values url.Values
}

// received is the data of a request, read but not converted.
type received struct {
	fields []Field
	data   any   // what the schema judges
	given  []any // by field; nil: it is absent or null
	form   bool
	vs     violations // of what cannot even be read
}

// cut returns where a field is in the data.
func (r received) cut(f Field) []string {
	if r.form {
		return flat(f.Name)
	}
	return split(f.Name)
}

func (in Incoming) receive(r Request) received {
	if r.JSON == nil {
		return in.receiveForm(r.Values)
	}
	got := received{fields: in.Fields, given: make([]any, len(in.Fields))}
	d := json.NewDecoder(bytes.NewReader(r.JSON))
	d.UseNumber()
	if d.Decode(&got.data) != nil {
		got.vs.add("", ErrField, "the data is not JSON, or nested too deep: send one JSON object")
		return got
	}
	if _, err := d.Token(); err != io.EOF {
		got.vs.add("", ErrField, "more follows the JSON value: send one JSON object")
		return got
	}
	for i, f := range in.Fields {
		path := split(f.Name)
		value, blocked := find(got.data, path)
		if blocked >= 0 {
			got.vs.add(pointer(path[:blocked]), ErrField, "field %q is not there, for %s is where it has to be within: send an object", f.Name, kindOf(value))
			continue
		}
		got.given[i] = value
	}
	return got
}

// receiveForm reads parameters. One that is empty is absent, except for a text, for a form has no other way to say so.
func (in Incoming) receiveForm(values url.Values) received {
	got := received{fields: in.Fields, given: make([]any, len(in.Fields)), form: true}
	data := map[string]any{}
	for i, f := range in.Fields {
		texts := values[f.Name]
		at := pointer(flat(f.Name))
		switch {
		case len(texts) == 0, len(texts) == 1 && texts[0] == "" && f.Type != TypeText:
			continue
		case !utf8.ValidString(strings.Join(texts, " ")):
			got.vs.add(at, ErrField, "field %q is not valid UTF-8: encode it anew", f.Name)
			continue
		case f.Type == TypeList:
			items := make([]any, len(texts))
			for j, text := range texts {
				items[j] = text
			}
			got.given[i] = items
		case len(texts) > 1:
			got.vs.add(at, ErrField, "field %q comes %d times: send it once", f.Name, len(texts))
			continue
		default:
			got.given[i] = texts[0]
		}
		data[f.Name] = got.given[i]
	}
	got.data = data
	return got
}

// convert returns what the fields became, by field; nil: it did not come. The error is a [*RequestError] with all violations.
func (r received) convert() ([]any, error) {
	vs := r.vs
	converted := make([]any, len(r.fields))
	for i, f := range r.fields {
		at := pointer(r.cut(f))
		switch v := r.given[i]; {
		case v == nil && f.Required && !vs.at(at):
			vs.add(at, ErrField, "field %q is missing or null: send %s", f.Name, f.Type.wanted())
		case v == nil:
		case f.Required && (v == "" || isEmptyList(v)):
			vs.add(at, ErrField, "field %q is empty: send %s", f.Name, f.Type.wanted())
		default:
			var ok bool
			if converted[i], ok = f.Type.convert(v); !ok {
				f.explain(&vs, at, v)
			}
		}
		if len(vs) > MaxViolations {
			break
		}
	}
	if len(vs) > MaxViolations {
		vs = vs[:MaxViolations]
		vs.add("", ErrField, "there are more violations than the %d that are reported: mend those first", MaxViolations)
	}
	if len(vs) > 0 {
		return nil, &RequestError{vs}
	}
	return converted, nil
}

// explain adds why v cannot be the value of f, each item of a list at its place.
func (f Field) explain(vs *violations, at string, v any) {
	switch items, isList := v.([]any); {
	case f.Type == TypeList && len(items) > MaxItems:
		vs.add(at, ErrField, "field %q has %d items: send at most %d", f.Name, len(items), MaxItems)
	case f.Type == TypeList && isList:
		for i, item := range items {
			if _, ok := asPlainText(item); !ok && len(*vs) <= MaxViolations {
				vs.add(fmt.Sprintf("%s/%d", at, i), ErrField, "field %q has an item that is %s: send %s", f.Name, wrong(item), f.Type.wanted())
			}
		}
	default:
		vs.add(at, ErrField, "field %q is %s: send %s", f.Name, wrong(v), f.Type.wanted())
	}
}

// wrong says what is wrong with a value, without it.
func wrong(v any) string {
	text, isText := v.(string)
	switch {
	case isText && strings.Contains(text, nul):
		return "a text with the character U+0000"
	case isText && text == "":
		return "the empty text"
	case isText:
		return "a text of another form"
	}
	return string(kindOf(v))
}

func isEmptyList(v any) bool {
	items, ok := v.([]any)
	return ok && len(items) == 0
}

// at tells whether something is reported of a place, or of one that it is within.
func (vs violations) at(pointer string) bool {
	for _, v := range vs {
		if pointer == v.Field || strings.HasPrefix(pointer, v.Field+"/") {
			return true
		}
	}
	return false
}
