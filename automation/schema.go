package automation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

const schemaDraft = "https://json-schema.org/draft/2020-12/schema"

// schema is a JSON Schema; the empty one takes every value.
type schema map[string]any

// Schema returns the JSON Schema (draft 2020-12) of the JSON data that the fields take; all that they do not name is allowed. Of
// the formats, "email" stands for one unquoted ASCII address, "date" and "date-time" for those of RFC 3339.
//
// Parameters of a form or query are checked as the members of one object, by their whole names, with texts for values.
func (in Incoming) Schema() json.RawMessage { return in.schema(split) }

// flat returns a name as the whole path, as it is in a form.
func flat(name string) []string { return []string{name} }

func (in Incoming) schema(cut func(name string) []string) json.RawMessage {
	whole := in.places(cut).schema()
	whole["$schema"] = schemaDraft
	return encode(whole)
}

func (in Incoming) places(cut func(name string) []string) *place {
	root := new(place)
	for _, f := range in.Fields {
		root.add(cut(f.Name), f)
	}
	return root
}

// place is a value in the data of a request: a field's, or one that holds those of others.
type place struct {
	field    *Field
	required bool
	within   map[string]*place
}

func (p *place) add(path []string, f Field) {
	p.required = p.required || f.Required
	if len(path) == 0 {
		p.field = &f
		return
	}
	if p.within == nil {
		p.within = map[string]*place{}
	}
	if p.within[path[0]] == nil {
		p.within[path[0]] = &place{}
	}
	p.within[path[0]].add(path[1:], f)
}

// count returns how many places the schema of p has.
func (p *place) count() int {
	n, last := 1, 0
	for segment, inner := range p.within {
		n += inner.count()
		if i, ok := index(segment); ok {
			last = max(last, i)
		}
	}
	return n + last
}

func (p *place) schema() schema {
	if p.field != nil {
		return p.field.schema()
	}
	types, properties, required := []string{"object"}, schema{}, []string{}
	var items []any // of a list
	least, list := 0, true
	for segment, inner := range p.within {
		properties[segment] = inner.schema()
		if inner.required {
			required = append(required, segment)
		}
		n, ok := index(segment)
		if list = list && ok; !list {
			continue
		}
		for len(items) <= n {
			items = append(items, true)
		}
		items[n] = properties[segment]
		if inner.required {
			least = max(least, n+1)
		}
	}
	s := schema{"properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		s["required"] = required
	}
	if list && len(items) > 0 {
		types = append(types, "array")
		s["prefixItems"], s["minItems"] = items, least
	}
	s["type"] = orNull(types, p.required)
	return s
}

func orNull(types []string, required bool) []string {
	if required {
		return types
	}
	return append(types, "null")
}

// schema returns what the values of a field have to be; with [FieldType.convert] it is the table in the package's documentation.
func (f Field) schema() schema {
	var s schema
	var types []string
	switch f.Type {
	case TypeText:
		types, s = []string{"string", "number", "boolean"}, schema{"pattern": textPattern}
	case TypeNumber:
		types, s = []string{"number", "string"}, schema{"pattern": numberPattern}
	case TypeBoolean:
		types, s = []string{"boolean", "string"}, schema{"pattern": "^(true|false)$"}
	case TypeDate:
		types, s = []string{"string"}, schema{"anyOf": []schema{{"format": "date"}, {"format": "date-time"}}}
	case TypeEmail:
		types, s = []string{"string"}, schema{"format": "email"}
	case TypeList:
		types = []string{"array"}
		s = schema{"maxItems": MaxItems, "items": schema{"type": []string{"string", "number", "boolean"}, "pattern": textPattern}}
	default:
		return schema{"not": schema{}}
	}
	s["type"] = orNull(types, f.Required)
	switch {
	case f.Required && f.Type == TypeList:
		s["minItems"] = 1
	case f.Required && f.Type == TypeText:
		s["minLength"] = 1
	}
	return s
}

// textPattern is all that has no U+0000.
const textPattern = `^[^\x00]*$`

// compileSchema returns the schema with the formats as [FieldType.convert] has them.
func compileSchema(text json.RawMessage) (*jsonschema.Schema, error) {
	const root = "https://tenterhook.invalid/fields.json"
	c := jsonschema.NewCompiler()
	c.Draft, c.AssertFormat = jsonschema.Draft2020, true
	c.LoadURL = func(u string) (io.ReadCloser, error) { return nil, fmt.Errorf("it refers to %s", u) }
	for name, holds := range map[string]func(string) bool{"email": isMailbox, "date": isFullDate, "date-time": isDateTime} {
		c.Formats[name] = func(v any) bool {
			text, ok := v.(string)
			return !ok || holds(text)
		}
	}
	if err := c.AddResource(root, bytes.NewReader(text)); err != nil {
		return nil, err
	}
	return c.Compile(root)
}

// refusedAt returns the JSON pointers of all that a schema refuses; of data that it cannot judge, the whole.
func refusedAt(err error) []string {
	if err == nil {
		return nil
	}
	refused, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return []string{""}
	}
	if len(refused.Causes) == 0 {
		at, err := url.PathUnescape(refused.InstanceLocation) // the validator writes pointers as in a URL
		if err != nil {
			at = refused.InstanceLocation
		}
		return []string{at}
	}
	var found []string
	for _, cause := range refused.Causes {
		found = append(found, refusedAt(cause)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
