package events_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/events"
)

// I9, ATTACKS 42: what readers could understand differently is refused, and where it stands is said.
func TestTextsThatReadersDifferOnAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":{"c":[0,{"d":1,"d":2}]}}`: "/b/c/1/d occurs twice in its object",
		`{"a":1,"\u0061":2}`:                  "/a occurs twice in its object",
		`{"":1,"":2}`:                         "/ occurs twice in its object",
		`["\ud83d"]`:                          "/0 escapes half of a surrogate pair",
		`["\ude00\ud83d"]`:                    "/0 escapes half of a surrogate pair",
		`{"\ud83d":1}`:                        "the text has a key that escapes half of a surrogate pair",
		"[\"\xff\"]":                          "the text is not UTF-8",
		"\xef\xbb\xbf{}":                      "the text is not JSON: invalid character 'ï' looking for beginning of value",
		strings.Repeat("[", 101) + strings.Repeat("]", 101): "the text nests deeper than 100 levels",
		``: "the text is not JSON: unexpected end of JSON input",
	} {
		var e *events.DecodeError
		if err := events.CheckJSON([]byte(text)); !errors.As(err, &e) || e.Error() != "decode event: "+want {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{
		" {\"a\":[{},[],\"\",0,-1.5e-3,true,false,null],\"b\":{\"a\":1}}\r\n", `"\ud83d\ude00"`, `"\\ud83d"`, `0`,
		strings.Repeat("[", 100) + strings.Repeat("]", 100),
	} {
		if err := events.CheckJSON([]byte(text)); err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func FuzzCheckJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,{"b":"\ud83d\ude00"}],"c":null}`, `{"a":1,"a":2}`, `["\ud83d"]`, ` "x" `} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if events.CheckJSON(b) == nil && !json.Valid(b) {
			t.Errorf("%q is accepted, and is not JSON", b)
		}
	})
}
