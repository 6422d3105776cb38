package runs_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/runs"
)

// R4.
func TestErasureIsValidWithAnAccountAndOneThing(t *testing.T) {
	for name, tt := range map[string]struct {
		erasure runs.Erasure
		valid   bool
	}{
		"an account":                {runs.Erasure{Account: "a"}, true},
		"a run":                     {runs.Erasure{Account: "a", Run: "r"}, true},
		"an automation":             {runs.Erasure{Account: "a", Automation: "b"}, true},
		"a person":                  {runs.Erasure{Account: "a", Email: "Ann@x.nl"}, true},
		"a person beyond ASCII":     {runs.Erasure{Account: "a", Email: "åsa@exempel.example"}, true},
		"nothing":                   {runs.Erasure{}, false},
		"a run of no account":       {runs.Erasure{Run: "r"}, false},
		"a person of no account":    {runs.Erasure{Email: "ann@x.nl"}, false},
		"a run and an automation":   {runs.Erasure{Account: "a", Run: "r", Automation: "b"}, false},
		"an automation's person":    {runs.Erasure{Account: "a", Automation: "b", Email: "ann@x.nl"}, false},
		"a person without an @":     {runs.Erasure{Account: "a", Email: "ann"}, false},
		"a person without a name":   {runs.Erasure{Account: "a", Email: "@x.nl"}, false},
		"a person without a domain": {runs.Erasure{Account: "a", Email: "ann@"}, false},
		"a space":                   {runs.Erasure{Account: "a", Email: " ann@x.nl"}, false},
		"a line end":                {runs.Erasure{Account: "a", Email: "ann@x.nl\n"}, false},
		"a name beside the address": {runs.Erasure{Account: "a", Email: "Ann <ann@x.nl>"}, false},
		"bytes that are no text":    {runs.Erasure{Account: "a", Email: "ann\xff@x.nl"}, false},
	} {
		if err := tt.erasure.Validate(); (err == nil) != tt.valid {
			t.Errorf("%s: got %v, want valid %v", name, err, tt.valid)
		}
	}
}

// R4.
func TestErasureCoversWhatItNames(t *testing.T) {
	r := runs.Run{ID: "r1", Account: "a", Automation: "b"}
	for e, want := range map[runs.Erasure]bool{
		{Account: "a"}:                         true,
		{Account: "A"}:                         false,
		{Account: "a", Run: "r1"}:              true,
		{Account: "a", Run: "r"}:               false,
		{Account: "other", Run: "r1"}:          false,
		{Account: "a", Automation: "b"}:        true,
		{Account: "a", Automation: "c"}:        false,
		{Account: "other", Automation: "b"}:    false,
		{Account: "a", Email: "ann@x.nl"}:      false,
		{Account: "other", Email: "ann@x.nl"}:  false,
		{Account: "a", Run: "r1", Email: "n@"}: false,
	} {
		if got := e.Covers(r); got != want {
			t.Errorf("%+v covers %+v: %v, want %v", e, r, got, want)
		}
		f := e.Filter()
		if selects := f.Account == "a" && (f.Automation == "" || f.Automation == "b") && (len(f.IDs) == 0 || f.IDs[0] == "r1"); want && !selects {
			t.Errorf("%+v covers the run, and its filter %+v does not select it", e, f)
		}
	}
}

// erasing is the erasure that the tests of mentions are about.
var erasing = runs.Erasure{Account: "a", Email: "Ann.O@X.nl"}

// R4: a person is erased wherever a run mentions the address.
func TestErasureOfAPersonLooksEverywhere(t *testing.T) {
	const text = "<ann.o@x.nl>"
	for name, r := range map[string]runs.Run{
		"e-mail":          {Respondent: runs.Respondent{Email: "ANN.O@x.NL"}},
		"respondent's id": {Respondent: runs.Respondent{ID: text}},
		"first name":      {Respondent: runs.Respondent{FirstName: text}},
		"last name":       {Respondent: runs.Respondent{LastName: text}},
		"event":           {Event: text},
		"URL":             {URL: "https://example.com/ann.o%40x.nl/hook"},
		"message":         {Message: []byte(text)},
		"a warning":       {Warnings: []string{"", text}},
		"attempt's URL":   {Attempts: []runs.Attempt{{}, {URL: "https://example.com/?e=ann.o%40x.nl"}}},
		"detail":          {Attempts: []runs.Attempt{{Detail: text}}},
		"answer":          {Attempts: []runs.Attempt{{Body: []byte(text)}}},
		"header":          {Attempts: []runs.Attempt{{Header: map[string][]string{"X-A": {"", text}}}}},
		"header's name":   {Attempts: []runs.Attempt{{Header: map[string][]string{text: nil}}}},
	} {
		r.Account = "a"
		if !erasing.Covers(r) {
			t.Errorf("a mention in the %s is not found", name)
		}
		r.Account = "b"
		if erasing.Covers(r) {
			t.Errorf("a mention in the %s of another account's run is found", name)
		}
	}
}

// R4.
func TestErasureOfAPersonMatchesTheWholeAddress(t *testing.T) {
	for text, want := range map[string]bool{
		"ann.o@x.nl": true, "ANN.O@X.NL": true, "Ann <ann.o@x.nl>": true, "mailto:ann.o@x.nl": true, "'ann.o@x.nl'": true,
		"u'ann.o@x.nl'": true, `"ann.o@x.nl"`: true, "a=ann.o@x.nl&b": true, "/ann.o@x.nl/": true, "write to ann.o@x.nl.": true,
		"ann.o@x.nl. Bye": true, "ann.o@x.nl, bob@x.nl": true, "ann.o@x.nl-": true, "joann.o@x.nl and ann.o@x.nl": true,
		"...ann.o@x.nl": true, "(ann.o@x.nl)": true, "ann.o@x.nl\x00": true, "\xffann.o@x.nl\xff": true, "ann.o@x.nl:25": true,

		"": false, "ann.o": false, "ann.o@x.n": false, "annxo@x.nl": false, "joann.o@x.nl": false, "jo.ann.o@x.nl": false,
		"jo-ann.o@x.nl": false, "jo+ann.o@x.nl": false, "jo_ann.o@x.nl": false, "_ann.o@x.nl": false, "o'ann.o@x.nl": false,
		"éann.o@x.nl": false, "7ann.o@x.nl": false, "ann.o@x.nl.example": false, "ann.o@x.nlx": false, "ann.o@x.nl-a.example": false,
		"ann.o@x.nl--a": false, "ann.o@x.nlé": false, "ann.o@x.nl2": false, "e\u0301ann.o@x.nl": false,
	} {
		for _, written := range escaped(text) {
			if got := erasing.Covers(runs.Run{Account: "a", Message: []byte(written)}); got != want {
				t.Errorf("%q is found in %q, which is %q: %v, want %v", erasing.Email, written, text, got, want)
			}
		}
	}
}

// escaped returns text as it is, and as other formats write it.
func escaped(text string) []string {
	inJSON := func(text string) string {
		doc, _ := json.Marshal(map[string]string{"e": text})
		return string(doc)
	}
	var units, references, bytes strings.Builder
	for _, c := range text {
		if c < 0x10000 {
			fmt.Fprintf(&units, `\u%04X`, c)
		}
		fmt.Fprintf(&references, "&#x%x;", c)
	}
	for _, b := range []byte(text) {
		fmt.Fprintf(&bytes, "%%%02x", b)
	}
	return []string{
		text, `"` + units.String() + `"`, references.String(), bytes.String(), url.QueryEscape(text), url.PathEscape(text),
		html.EscapeString(text), inJSON(text), inJSON(inJSON(text)), inJSON("https://example.com/?next=" + url.QueryEscape("/?e="+url.QueryEscape(text))),
		url.QueryEscape(inJSON(bytes.String())),
	}
}

// R4: what is not an escape stands for itself.
func TestErasureReadsBrokenEscapesAsTheyAre(t *testing.T) {
	for _, broken := range []string{
		`\`, `\u`, `\u00`, `\u004`, `\uD800`, `\uD800\u0041`, `\u+041`, `\x40`, "%", "%4", "%zz", "%+1", "&", "&#", "&#;", "&#x;", "&#+1;", "&#99999999999;", "&amp;",
	} {
		for _, text := range []string{broken + " ann.o@x.nl", "ann.o@x.nl " + broken, broken + `\n` + "ann.o@x.nl" + broken} {
			if !erasing.Covers(runs.Run{Account: "a", Message: []byte(text)}) {
				t.Errorf("the address is not found in %q", text)
			}
		}
	}
}

// Strangers' answers are looked through, so they must not cost more than they are long: 16 KiB of escapes of escapes.
func TestErasureIsNotHeldUpByNestedEscapes(t *testing.T) {
	for _, layer := range []string{`\`, "%25", "&#38;"} {
		text := strings.Repeat(layer, 16<<10/len(layer)) + " ann.o@x.nl"
		if !erasing.Covers(runs.Run{Account: "a", Attempts: []runs.Attempt{{Body: []byte(text)}}}) {
			t.Errorf("the address after many %q is not found", layer)
		}
	}
}

// A whole address between spaces is found however strangers go on around it, and Covers never panics.
func FuzzErasureFindsAWholeAddress(f *testing.F) {
	for _, text := range escaped("Ann <ann.o@x.nl>\u2028") {
		f.Add(text, "")
		f.Add("", text)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		text := before + " ann.o@x.nl " + after
		if !erasing.Covers(runs.Run{Account: "a", Message: []byte(text)}) {
			t.Errorf("the address is not found in %q", text)
		}
		erasing.Covers(runs.Run{Account: "a", Message: []byte(before + after)})
	})
}

func BenchmarkErasureCovers(b *testing.B) {
	r := runs.Run{Account: "a", Message: []byte(`{"data":"` + strings.Repeat(`some \"text\" & more %20 `, 40) + `"}`)}
	b.SetBytes(int64(len(r.Message)))
	for b.Loop() {
		erasing.Covers(r)
	}
}

func ExampleErasure_Covers() {
	e := runs.Erasure{Account: "acct_1", Email: "ann@example.com"}
	for _, url := range []string{"https://example.com/?to=Ann%40Example.com", "https://example.com/?to=joann@example.com"} {
		fmt.Println(e.Covers(runs.Run{Account: "acct_1", URL: url}))
	}
	// Output:
	// true
	// false
}
