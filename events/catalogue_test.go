package events

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shipped is a host's payload that keeps unknown keys.
type shipped struct {
	Order   json.Number       `json:"order"`
	Parcels int               `json:"parcels"`
	Weight  *float64          `json:"weight"`
	Notes   []string          `json:"notes,omitempty"`
	Sent    time.Time         `json:"sent"`
	Meta    map[string]string `json:"meta"`
	hidden  int
	Secret  string `json:"-"`
	Object
}

func (shipped) EventType() string { return "order.shipped" }

var _ = shipped{}.hidden // is no key of the wire

// plain is a host's payload that knows nothing of this package.
type plain struct {
	address
	Next  *plain `json:"next,omitempty"`
	Tags  []string
	Count uint
	Text  int `json:",string"`
	Any   any
}

type address struct {
	City string `json:"city"`
}

func (*plain) EventType() string { return "order.plain" }

type word string

func (word) EventType() string { return "word" }

type unwritable struct{ F func() }

func (unwritable) EventType() string { return "unwritable" }

type embedding struct {
	address
	Tag
	Object
}

func (embedding) EventType() string { return "embedding" }

type named struct{ Name string }

func (n named) EventType() string { return n.Name }

// E4
func TestStandardCatalogueIsComplete(t *testing.T) {
	types := Standard().Types()
	if len(types) != len(standardTypes) {
		t.Fatalf("lists %d types", len(types))
	}
	for _, typ := range types {
		if typ.Description == "" || !json.Valid(typ.Schema) || typ.GoType() == nil || len(typ.Variables()) == 0 {
			t.Errorf("%s is incomplete: %+v", typ.Name, typ)
		}
		for _, sample := range append(typ.OtherSamples, typ.Sample) {
			if err := Validate(sample); err != nil {
				t.Errorf("%s: %v", typ.Name, err)
			}
			if e := mustDecode(t, string(sample)); e.Type != typ.Name || reflect.TypeOf(e.Data) != typ.GoType() {
				t.Errorf("%s: sample is a %T of %s", typ.Name, e.Data, e.Type)
			}
		}
	}
	entries, err := samples.ReadDir("samples")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(types)+2 {
		t.Errorf("%d samples, want one a type and two further shapes", len(entries))
	}
}

// E4, E5: who builds a filter from a sample finds every key that the type has.
func TestSamplesShowEveryKeyOfTheirType(t *testing.T) {
	for _, typ := range Standard().Types() {
		var shown []string
		for _, sample := range append(typ.OtherSamples, typ.Sample) {
			shown = append(shown, keysIn(value(t, sample).(map[string]any)["data"])...)
		}
		for _, path := range propertiesIn(value(t, typ.Schema)) {
			if !slices.Contains(shown, path) {
				t.Errorf("%s: no sample has %s", typ.Name, path)
			}
		}
	}
}

// E1, E4: the given payloads hold against the derived schemas.
func TestDocumentsAreValid(t *testing.T) {
	for _, d := range documents(t) {
		if err := Validate(d.text); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

// E4
func TestHostTypesAreDecodedAndValidated(t *testing.T) {
	c := Standard()
	if err := c.Register(Type{Prototype: shipped{Order: "1"}}); err != nil {
		t.Fatal(err)
	}
	text := `{"type":"order.shipped","data":{"order":9007199254740993,"parcels":2,"sent":"2026-01-02T03:04:05Z","weight":null,"meta":{"a":"b"},"x":{"y":1}}}`
	if err := c.Validate([]byte(text)); err != nil {
		t.Error(err)
	}
	e, err := c.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Data.(shipped); got.Parcels != 2 || got.Order != "9007199254740993" || string(got.Extra["x"]) != `{"y":1}` {
		t.Errorf("decoded %+v", got)
	}
	if got := mustEncode(t, e); !sameJSON(t, []byte(text), []byte(got)) {
		t.Errorf("encoded %s", got)
	}
	if _, ok := Standard().Lookup("order.shipped"); ok {
		t.Error("one catalogue's type is in another")
	}
}

func TestHostTypesByPointerAndWithoutObjectWork(t *testing.T) {
	var c Catalogue
	if err := c.Register(Type{Prototype: &plain{address: address{"Gent"}}}); err != nil {
		t.Fatal(err)
	}
	typ, _ := c.Lookup("order.plain")
	if err := c.Validate(typ.Sample); err != nil {
		t.Errorf("%v in %s", err, typ.Sample)
	}
	e, err := c.Decode(typ.Sample)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Data.(*plain).City; got != "Gent" {
		t.Errorf("decoded %+v", e.Data)
	}
	want := `{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"Any":{},"Count":{"minimum":0,"type":"integer"},` +
		`"Tags":{"items":{"type":"string"},"type":["array","null"]},"Text":{"type":"string"},"city":{"type":"string"},"next":{}},` +
		`"required":["city","Tags","Count","Text"],"title":"order.plain","type":"object"}`
	if diff := cmp.Diff(want, string(typ.Schema)); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

func TestSuppliedSchemaIsTheOneThatHolds(t *testing.T) {
	var c Catalogue
	schema := json.RawMessage(`{"$ref":"#/$defs/s","$defs":{"s":{"properties":{"parcels":{"maximum":3}}}}}`)
	if err := c.Register(Type{Prototype: shipped{}, Schema: schema, Description: "Sent."}); err != nil {
		t.Fatal(err)
	}
	err := c.Validate([]byte(`{"type":"order.shipped","data":{"parcels":4}}`))
	got, ok := errors.AsType[*ValidationError](err)
	if !ok || len(got.Violations) != 1 || got.Violations[0].Pointer != "/data/parcels" {
		t.Errorf("got %v", err)
	}
}

// E4
func TestRegisterRefuses(t *testing.T) {
	tests := []struct {
		name string
		t    Type
		want error
	}{
		{"duplicate", Type{Prototype: TagAdded{}}, ErrDuplicateType},
		{"other name than the prototype's", Type{Name: "a.b", Prototype: TagAdded{}}, ErrInvalidName},
		{"empty part", Type{Prototype: named{"order..shipped"}}, ErrInvalidName},
		{"glob", Type{Prototype: named{"order.*"}}, ErrInvalidName},
		{"line break", Type{Prototype: named{"order\n"}}, ErrInvalidName},
		{"other script", Type{Prototype: named{"ordré"}}, ErrInvalidName},
		{"long", Type{Prototype: named{strings.Repeat("a", 129)}}, ErrInvalidName},
		{"no prototype", Type{Name: "a"}, ErrInvalidPrototype},
		{"no type", Type{Name: "a", Prototype: named{}}, ErrInvalidPrototype},
		{"nil pointer", Type{Prototype: (*TagAdded)(nil)}, ErrInvalidPrototype},
		{"not a struct", Type{Prototype: word("x")}, ErrInvalidPrototype},
		{"raw", Type{Prototype: Raw{Name: "a"}}, ErrInvalidPrototype},
		{"not JSON's", Type{Prototype: unwritable{}}, ErrInvalidPrototype},
		{"embeds more", Type{Prototype: embedding{}}, ErrInvalidPrototype},
		{"schema is no JSON", Type{Prototype: shipped{}, Schema: []byte("{")}, ErrInvalidSchema},
		{"schema is no schema", Type{Prototype: shipped{}, Schema: []byte(`{"type":"objekt"}`)}, ErrInvalidSchema},
		{"schema elsewhere", Type{Prototype: shipped{}, Schema: []byte(`{"$ref":"file:///etc/hostname"}`)}, ErrInvalidSchema},
		{"sample", Type{Prototype: shipped{}, Sample: []byte(`{"type":"order.shipped","data":{}}`)}, ErrInvalidSample},
		{"sample of another type", Type{Prototype: shipped{}, Sample: []byte(`{"type":"x","data":{}}`)}, ErrInvalidSample},
		{"schema that its numbers break", Type{Prototype: shipped{}, Schema: []byte(`{"maximum":1e9999999}`)}, ErrInvalidSchema},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Standard()
			if err := c.Register(tt.t); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if len(c.Types()) != len(standardTypes) {
				t.Error("the type was added")
			}
		})
	}
}
