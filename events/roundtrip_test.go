package events

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// document is a file with an event.
type document struct {
	name string
	text []byte
}

// documents returns the samples and, if TENTERHOOK_PAYLOADS names a folder, what
// is in that.
func documents(tb testing.TB) []document {
	tb.Helper()
	paths, err := filepath.Glob("samples/*.json")
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no samples: %v", err)
	}
	if dir := os.Getenv("TENTERHOOK_PAYLOADS"); dir != "" {
		more, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(more) == 0 {
			tb.Fatalf("TENTERHOOK_PAYLOADS names no folder with payloads: %v", err)
		}
		paths = append(paths, more...)
	}
	var found []document
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		found = append(found, document{filepath.Base(path), text})
	}
	return found
}

// value returns text as a tree in which numbers are text.
func value(tb testing.TB, text []byte) any {
	tb.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		tb.Fatalf("%v in %s", err, text)
	}
	return v
}

// sameJSON compares values, numbers as text. cmp.Diff would take time exponential
// in the depth of arrays.
func sameJSON(tb testing.TB, a, b []byte) bool {
	tb.Helper()
	return reflect.DeepEqual(value(tb, a), value(tb, b))
}

func mustDecode(tb testing.TB, text string) Event {
	tb.Helper()
	e, err := Decode([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// requireSame decodes and encodes text in each way there is, and compares.
func requireSame(t *testing.T, name string, text []byte) {
	t.Helper()
	e, err := Decode(text)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	encoded, err := e.Encode()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !sameJSON(t, text, encoded) {
		t.Errorf("%s: Encode changed\n%s\nto\n%s", name, text, encoded)
	}
	marshalled, err := json.Marshal(e)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !sameJSON(t, text, marshalled) {
		t.Errorf("%s: json.Marshal changed\n%s\nto\n%s", name, text, marshalled)
	}
}

// E1, E2
func TestEveryDocumentDecodesToItsTypeAndSurvives(t *testing.T) {
	for _, d := range documents(t) {
		requireSame(t, d.name, d.text)
		e, err := Decode(d.text)
		if err != nil {
			continue
		}
		if _, raw := e.Data.(Raw); raw {
			t.Errorf("%s: %s is not a known type", d.name, e.Type)
		}
		if e.Data.EventType() != e.Type {
			t.Errorf("%s: payload of %q in an event of %q", d.name, e.Data.EventType(), e.Type)
		}
	}
}

// E2: no known document has keys that the structs do not name.
func TestStructsNameEveryKeyOfTheDocuments(t *testing.T) {
	for _, d := range documents(t) {
		e, err := Decode(d.text)
		if err != nil {
			t.Fatal(err)
		}
		schema, _ := Standard().Lookup(e.Type)
		known := propertiesIn(value(t, schema.Schema))
		for _, path := range keysIn(value(t, d.text).(map[string]any)["data"]) {
			if !slices.Contains(known, path) && !strings.Contains(path, "/fields/") {
				t.Errorf("%s: %s is an unknown key", d.name, path)
			}
		}
	}
}

// propertiesIn returns the paths of all properties of a derived schema.
func propertiesIn(schema any) []string {
	var found []string
	s, _ := schema.(map[string]any)
	if items, ok := s["items"]; ok {
		found = append(found, propertiesIn(items)...)
	}
	properties, _ := s["properties"].(map[string]any)
	for key, member := range properties {
		found = append(found, "/"+key)
		for _, path := range propertiesIn(member) {
			found = append(found, "/"+key+path)
		}
	}
	return found
}

// keysIn returns the paths of all keys of a value, arrays passed over.
func keysIn(v any) []string {
	var found []string
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			found = append(found, keysIn(element)...)
		}
	case map[string]any:
		for key, member := range v {
			found = append(found, "/"+key)
			for _, path := range keysIn(member) {
				found = append(found, "/"+key+path)
			}
		}
	}
	return found
}

// objectsIn calls visit for every object within v.
func objectsIn(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			objectsIn(element, visit)
		}
	case map[string]any:
		visit(v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			objectsIn(v[key], visit)
		}
	}
}

func mustMarshal(tb testing.TB, v any) []byte {
	tb.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// E2, E3: an unknown key in each object in turn, each key removed in turn, each
// null-able value set to null, each number replaced by one that float64 lacks.
func TestEveryDocumentSurvivesMutation(t *testing.T) {
	for _, d := range documents(t) {
		t.Run(d.name, func(t *testing.T) {
			tree := value(t, d.text)
			tried := 0
			try := func(what string) {
				tried++
				requireSame(t, what, mustMarshal(t, tree))
			}
			objectsIn(tree, func(object map[string]any) {
				object["un-known"] = json.RawMessage(`{"z":[1e308,null,{}],"a":9007199254740993}`)
				try("unknown key")
				delete(object, "un-known")
				for _, key := range slices.Sorted(maps.Keys(object)) {
					mutate(object, key, try)
				}
			})
			if tried < 30 {
				t.Errorf("tried only %d mutations", tried)
			}
		})
	}
}

func mutate(object map[string]any, key string, try func(string)) {
	held := object[key]
	delete(object, key)
	try(key + " removed")
	if _, isObject := held.(map[string]any); !isObject {
		object[key] = nil
		try(key + " null")
	}
	switch held.(type) {
	case json.Number:
		for _, number := range []json.Number{"9007199254740993", "123456789012345678901234567890", "-0", "1.50", "1E+2"} {
			object[key] = number
			try(key + " " + number.String())
		}
	case string:
		if !strings.HasSuffix(key, "_at") && key != "type" {
			object[key] = "\u2028<&>\"\\\x00\U0001f980"
			try(key + " odd text")
			object[key] = ""
			try(key + " empty")
		}
	}
	object[key] = held
}

// E2: fields is read as [] and as an object, and stays what it was.
func TestFieldsStayAsTheyWereRead(t *testing.T) {
	for _, fields := range []string{
		`[]`, `[ ]`, `{}`, `null`, `{"first_name":"Ada"}`,
		`{"n":1e400,"b":true,"z":null,"a":[1,{"k":1,"k":2}],"o":{}}`,
	} {
		text := `{"type":"contact.tag.added","data":{"contact":{"fields":` + fields + `}}}`
		requireSame(t, fields, []byte(text))
	}
}

// E2: what a host sets is written, whatever was absent, null or {} before.
func TestFieldsSetAfterDecodingAreWritten(t *testing.T) {
	e := mustDecode(t, `{"type":"contact.tag.added","data":{"contact":{"fields":{},"ip":null}}}`)
	data := e.Data.(TagAdded)
	data.Tag.Name = "new"
	data.Contact.IP = new("192.0.2.1")
	data.Contact.Fields["city"] = "Gent"
	e.Data = data
	got, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"contact.tag.added","data":{"tag":{"id":null,"name":"new"},` +
		`"contact":{"fields":{"city":"Gent"},"ip":"192.0.2.1"}}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// E3
func TestUnknownTypeBecomesRaw(t *testing.T) {
	data := "{ \"b\": 1e308, \"a\":1,\n\"b\": \"\u2028<&>\", \"n\":123456789012345678901234567890 }"
	e := mustDecode(t, `{"trace":"x","data":`+data+`,"type":"order.shipped"}`)
	if diff := cmp.Diff(Payload(Raw{Name: "order.shipped", JSON: json.RawMessage(data)}), e.Data); diff != "" {
		t.Errorf("payload (-want +got):\n%s", diff)
	}
	got, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"type":"order.shipped","data":` + data + `,"trace":"x"}`; string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// E3: no type, no data and odd data are no errors while the type is unknown.
func TestOddEnvelopesOfUnknownTypesSurvive(t *testing.T) {
	for _, text := range []string{
		`{}`, `{"type":null}`, `{"type":""}`, `{"type":"x","data":null}`, `{"type":"x","data":[]}`,
		`{"type":"x","data":0}`, `{"type":"x","account":{"id":"","email":null}}`, `{"data":{"a":1}}`,
		`{"type":"contact.tag.added"}`, `{"type":"x","created_at":null,"Type":"y"}`,
	} {
		requireSame(t, text, []byte(text))
	}
}

// E2: json.Marshal of a part keeps what decoding kept.
func TestNestedPayloadsKeepUnknownKeysUnderEncodingJSON(t *testing.T) {
	text := []byte(`{"contact":{"id":9007199254740993,"x":[1],"ip":null},"list":[{"id":1,"y":0}],"fields":[]}`)
	var held struct {
		Contact Contact `json:"contact"`
		List    []Tag   `json:"list"`
		Fields  Fields  `json:"fields"`
	}
	if err := json.Unmarshal(text, &held); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(value(t, text), value(t, mustMarshal(t, held))); diff != "" {
		t.Errorf("changed (-read +written):\n%s", diff)
	}
}

// E2, E5
func TestEveryStructOfTheWireKeepsUnknownKeysUnderEncodingJSON(t *testing.T) {
	const text = `{"un-known":[1e308,{"z":null}]}`
	seen := map[reflect.Type]bool{}
	visitStructs(reflect.TypeFor[Event](), seen)
	for _, typ := range standardTypes {
		visitStructs(typ.structType(), seen)
	}
	for typ := range seen {
		v := reflect.New(typ).Interface()
		if err := json.Unmarshal([]byte(text), v); err != nil {
			t.Errorf("%s: %v", typ, err)
		} else if got := mustMarshal(t, reflect.ValueOf(v).Elem().Interface()); string(got) != text {
			t.Errorf("%s became %s: give it the methods that methods.go has", typ, got)
		}
	}
}

// visitStructs adds the structs that embed Object within t to seen.
func visitStructs(t reflect.Type, seen map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if !embedsObject(t) || seen[t] {
		return
	}
	seen[t] = true
	for f := range t.Fields() {
		visitStructs(f.Type, seen)
	}
}
