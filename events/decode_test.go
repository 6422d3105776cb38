package events

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/internal/need"
)

func TestDecodeErrorsNameTheValue(t *testing.T) {
	const tag = `{"type":"contact.tag.added","data":`
	tests := []struct{ name, text, pointer, problem string }{
		{"empty", ``, "", "is not JSON: unexpected end of JSON input"},
		{"array", `[]`, "", "is an array, want an object"},
		{"null", `null`, "", "is null, want an object"},
		{"trailing", `{} {}`, "", "is not JSON: invalid character '{' after top-level value"},
		{"byte order mark", "\ufeff{}", "", "is not JSON: invalid character 'ï' looking for beginning of value"},
		{"not UTF-8", "{\"type\":\"\xff\"}", "", "is not UTF-8"},
		{"deep", strings.Repeat("[", 101) + strings.Repeat("]", 101), "", "nests deeper than 100 levels"},
		{"type", `{"type":5}`, "/type", "is a number, want a string"},
		{"type twice", `{"type":"a","type":"a"}`, "/type", "occurs twice in its object"},
		{"unknown key twice", `{"a~/b":1,"a~\/b":1}`, "/a~0~1b", "occurs twice in its object"},
		{"null data", tag + `null}`, "/data", "is null, want an object"},
		{"null contact", tag + `{"contact":null}}`, "/data/contact", "is null, want an object"},
		{"contact", tag + `{"contact":[]}}`, "/data/contact", "is an array, want an object"},
		{"id", tag + `{"contact":{"id":"5"}}}`, "/data/contact/id", "is a string, want a number"},
		{"e-mail", tag + `{"contact":{"email":false}}}`, "/data/contact/email", "is a boolean, want a string"},
		{"e-mail twice", tag + `{"contact":{"email":"a","\u0065mail":"b"}}}`, "/data/contact/email", "occurs twice in its object"},
		{"half a pair", tag + `{"tag":{"name":"\ud800x"}}}`, "/data/tag/name", "escapes half of a surrogate pair"},
		{"other half", tag + `{"tag":{"name":"\udc00\ud800"}}}`, "/data/tag/name", "escapes half of a surrogate pair"},
		{"half a pair in a key", tag + `{"\ud800":1}}`, "/data", "has a key that escapes half of a surrogate pair"},
		{"fields", tag + `{"contact":{"fields":[1]}}}`, "/data/contact/fields", "is an array, want an object or []"},
		{"field twice", tag + `{"contact":{"fields":{"a":1,"a":1}}}}`, "/data/contact/fields/a", "occurs twice in its object"},
		{"time", `{"created_at":"yesterday"}`, "/created_at",
			`is "yesterday", want a time such as 2021-10-05T15:42:53+00:00 (RFC 3339)`},
		{"boolean", `{"type":"survey.response.completed","data":{"survey":{"anonymous":1}}}`,
			"/data/survey/anonymous", "is a number, want a boolean"},
		{"element", `{"type":"customer.sale.completed","data":{"order_item":{"resources":[{},null]}}}`,
			"/data/order_item/resources/1", "is null, want an object"},
		{"array", `{"type":"customer.sale.completed","data":{"order_item":{"resources":{}}}}`,
			"/data/order_item/resources", "is an object, want an array"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode([]byte(tt.text))
			got, ok := errors.AsType[*DecodeError](err)
			if !ok {
				t.Fatalf("got %v, want a *DecodeError", err)
			}
			if diff := cmp.Diff(&DecodeError{tt.pointer, tt.problem}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeTakesTheDeepestThatIsAllowed(t *testing.T) {
	depth := maxDepth - 1
	text := `{"data":` + strings.Repeat("[", depth) + `"[[{\"["` + strings.Repeat("]", depth) + `}`
	requireSame(t, "99 arrays in an object", []byte(text))
}

func TestSurrogatePairsAreRead(t *testing.T) {
	e := mustDecode(t, `{"type":"contact.tag.added","data":{"tag":{"name":"\ud83e\udd80\u00e9\\ud800\/"}}}`)
	if got, want := e.Data.(TagAdded).Tag.Name, "\U0001f980é\\ud800/"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecodedEventKeepsNothingOfItsInput(t *testing.T) {
	text := []byte(`{"type":"contact.tag.added","data":{"tag":{"id":77,"name":"a","x":[1]}},"y":{"z":1}}`)
	e := mustDecode(t, string(text))
	shared, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	clear(text)
	if diff := cmp.Diff(mustMarshal(t, e), mustMarshal(t, shared)); diff != "" {
		t.Errorf("changed with the input:\n%s", diff)
	}
}

// E2: what the JSON suite calls valid is kept as the data of an unknown type; what
// it calls invalid is refused.
func TestDecodeAgreesWithTheJSONSuite(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(need.Suites(t), "jsontestsuite/test_parsing/*.json"))
	if err != nil || len(paths) < 300 {
		t.Fatalf("found %d files: %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Decode([]byte(`{"type":"x","data":` + string(text) + `}`))
		switch name := filepath.Base(path); {
		case strings.HasPrefix(name, "y_"):
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if got, err := e.EncodeData(); err != nil || string(got) != string(trim(text)) {
				t.Errorf("%s: kept as %q, %v", name, got, err)
			}
		case strings.HasPrefix(name, "n_") && err == nil && !json.Valid(text):
			t.Errorf("%s: decoded", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, d := range documents(f) {
		f.Add(d.text)
	}
	f.Add([]byte(`{"type":"x","data":{"a":1,"a":[{}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := Decode(text)
		if err != nil {
			return
		}
		encoded, err := e.Encode()
		if err != nil {
			t.Fatalf("decoded but not encoded: %v", err)
		}
		if !sameJSON(t, text, encoded) {
			t.Errorf("changed to %q", encoded)
		}
		e.Respondent()
		e.Redacted()
		for _, v := range e.Variables() {
			if len(v.Value) == 0 {
				t.Errorf("variable %q has no value", v.ID)
			}
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(`{"a":{"b.c":[1]}}`), `a.b\.c`)
	f.Add([]byte(`{"a":{"b`), `a.b`)
	f.Add([]byte(`{"\`), `\`)
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		found, ok := Find(data, path)
		if ok && json.Valid(data) && !json.Valid(found) {
			t.Errorf("found %q", found)
		}
	})
}
