package events

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// E4
func TestValidateReportsEveryViolationSorted(t *testing.T) {
	tests := []struct {
		name, text string
		want       []Violation
	}{
		{"no JSON", `{`, []Violation{{"", "is not JSON: unexpected end of JSON input"}}},
		{"no object", `7`, []Violation{{"", "expected object, but got number"}}},
		{"empty", `{}`, []Violation{{"", "missing properties: 'type', 'data'"}}},
		{"unknown type", `{"type":"order.shipped","data":{"x":1}}`, nil},
		{"unknown keys", `{"type":"contact.tag.added","x":1,"data":{"y":1,"tag":{"id":1,"name":"a","z":1},"contact":{"id":1,"email":"e","fields":[]}}}`, nil},
		{"many", `{"type":"contact.tag.added","created_at":"now","account":[],"data":{"tag":{"id":"1"},"contact":{"id":1,"email":null,"fields":[0],"ip":5}}}`,
			[]Violation{
				{"/account", "expected object, but got array"},
				{"/created_at", `'now' is not valid 'date-time'`},
				{"/data/contact/email", "expected string, but got null"},
				{"/data/contact/fields", "maximum 0 items required, but found 1 items"},
				{"/data/contact/ip", "expected string or null, but got number"},
				{"/data/tag", "missing properties: 'name'"},
				{"/data/tag/id", "expected number, but got string"},
			}},
		{"duplicates", `{"type":"x","data":[{"a/~b":1,"a/~b":{"c":1,"c":2}}]}`, []Violation{
			{"/data/0/a~1~0b", "key occurs twice in its object"},
			{"/data/0/a~1~0b/c", "key occurs twice in its object"},
		}},
		{"huge number", `{"type":"x","data":[1e308,-1E-99999,1e+0099]}`, []Violation{
			{"/data/1", "exponent of more than three digits"},
		}},
		{"half a pair", `{"type":"contact.tag.added","data":{"tag":{"id":1,"name":"\ud800"},"contact":{"id":1,"email":"e","fields":[]}}}`,
			[]Violation{{"/data/tag/name", "escapes half of a surrogate pair"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Validate([]byte(tt.text))
			var got []Violation
			if ve, ok := errors.AsType[*ValidationError](err); ok {
				got = ve.Violations
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Pointers are plain, not percent-encoded (RFC 6901).
func TestValidatePointsAtOddKeys(t *testing.T) {
	var c Catalogue
	if err := c.Register(Type{Prototype: shipped{}, Schema: []byte(`{"additionalProperties":false}`)}); err != nil {
		t.Fatal(err)
	}
	if err := c.Register(Type{Prototype: &plain{}, Schema: []byte(`{"additionalProperties":{"type":"null"}}`)}); err != nil {
		t.Fatal(err)
	}
	err := c.Validate([]byte(`{"type":"order.plain","data":{"é /~%25":1}}`))
	got, ok := errors.AsType[*ValidationError](err)
	if !ok || len(got.Violations) != 1 || got.Violations[0].Pointer != "/data/é ~1~0%25" {
		t.Errorf("got %v", err)
	}
}

func FuzzValidate(f *testing.F) {
	for _, d := range documents(f) {
		f.Add(d.text)
	}
	f.Add([]byte(`{"type":"customer.sale.completed","data":{"order":{"id":1e1234567}}}`))
	c := Standard()
	f.Fuzz(func(t *testing.T, text []byte) {
		err := c.Validate(text)
		if err == nil {
			if _, err := c.Decode(text); err != nil {
				t.Errorf("valid, but: %v", err)
			}
			return
		}
		if ve, ok := errors.AsType[*ValidationError](err); !ok || len(ve.Violations) == 0 {
			t.Errorf("got %v, want a *ValidationError", err)
		}
	})
}
