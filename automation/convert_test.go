package automation_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
)

var fieldTypes = []automation.FieldType{
	automation.TypeText, automation.TypeNumber, automation.TypeBoolean, automation.TypeDate, automation.TypeEmail, automation.TypeList,
}

// one returns an automation whose only field is f.
func one(f automation.Field) automation.Automation {
	return automation.Automation{ID: "aut_9", Account: "acct_1", Trigger: automation.Trigger{Survey: "sv_214", Incoming: &automation.Incoming{
		Fields: []automation.Field{f},
	}}}
}

// became returns what a request makes of the field f of type t: JSON, "-" where it counts as absent, "refused" where it is.
func became(t testing.TB, f automation.Field, r automation.Request) string {
	t.Helper()
	taker := automation.NewTaker(one(f))
	got, err := taker.Take(r)
	if refused, err := taker.RefusedBySchema(r); err != nil || (len(refused) > 0) != (got.Fields == nil) {
		t.Errorf("%+v: the schema refuses %q, %v; Take %+v", f, refused, err, got)
	}
	switch {
	case err != nil:
		refusals(t, one(f), r)
		return "refused"
	case got.Fields[0].Value == nil:
		return "-"
	}
	return string(got.Fields[0].Value)
}

// refused is what the tables of conversion say of what is.
const refused = "refused"

// jsonTable is a member of JSON data, "" if it is absent, and what becomes of it in a field of each type.
var jsonTable = []struct {
	given string
	want  [6]string
}{
	//                     text            number   boolean  date                      email                list
	{`"Ann"`, [6]string{`"Ann"`, refused, refused, refused, refused, refused}},
	{`""`, [6]string{`""`, refused, refused, refused, refused, refused}},
	{`"12.50"`, [6]string{`"12.50"`, `12.50`, refused, refused, refused, refused}},
	{`"-0"`, [6]string{`"-0"`, `-0`, refused, refused, refused, refused}},
	{`"1E+2"`, [6]string{`"1E+2"`, `1E+2`, refused, refused, refused, refused}},
	{`"012"`, [6]string{`"012"`, refused, refused, refused, refused, refused}},
	{`" 12"`, [6]string{`" 12"`, refused, refused, refused, refused, refused}},
	{`"+1"`, [6]string{`"+1"`, refused, refused, refused, refused, refused}},
	{`"1,5"`, [6]string{`"1,5"`, refused, refused, refused, refused, refused}},
	{`"0x10"`, [6]string{`"0x10"`, refused, refused, refused, refused, refused}},
	{`"NaN"`, [6]string{`"NaN"`, refused, refused, refused, refused, refused}},
	{`"١٢"`, [6]string{`"١٢"`, refused, refused, refused, refused, refused}},
	{`"1\n"`, [6]string{`"1\n"`, refused, refused, refused, refused, refused}},
	{`"true"`, [6]string{`"true"`, refused, `true`, refused, refused, refused}},
	{`"false"`, [6]string{`"false"`, refused, `false`, refused, refused, refused}},
	{`"True"`, [6]string{`"True"`, refused, refused, refused, refused, refused}},
	{`"yes"`, [6]string{`"yes"`, refused, refused, refused, refused, refused}},
	{`"1"`, [6]string{`"1"`, `1`, refused, refused, refused, refused}},
	{`"2026-03-14"`, [6]string{`"2026-03-14"`, refused, refused, `"2026-03-14"`, refused, refused}},
	{`"2026-03-14T09:26:53.5+01:00"`, [6]string{`"2026-03-14T09:26:53.5+01:00"`, refused, refused, `"2026-03-14T09:26:53.5+01:00"`, refused, refused}},
	{`"2026-02-29"`, [6]string{`"2026-02-29"`, refused, refused, refused, refused, refused}},
	{`"14.03.2026"`, [6]string{`"14.03.2026"`, refused, refused, refused, refused, refused}},
	{`"2026-3-14"`, [6]string{`"2026-3-14"`, refused, refused, refused, refused, refused}},
	{`"2026-03-14 09:26:53Z"`, [6]string{`"2026-03-14 09:26:53Z"`, refused, refused, refused, refused, refused}},
	{`"2026-03-14T09:26:53"`, [6]string{`"2026-03-14T09:26:53"`, refused, refused, refused, refused, refused}},
	{`"2026-03-14T9:26:53Z"`, [6]string{`"2026-03-14T9:26:53Z"`, refused, refused, refused, refused, refused}},
	{`"2026-03-14T09:26:53,5Z"`, [6]string{`"2026-03-14T09:26:53,5Z"`, refused, refused, refused, refused, refused}},
	{`"2026-03-14T09:26:53+24:00"`, [6]string{`"2026-03-14T09:26:53+24:00"`, refused, refused, refused, refused, refused}},
	{`"2026-03-14T09:26:60Z"`, [6]string{`"2026-03-14T09:26:60Z"`, refused, refused, refused, refused, refused}},
	{`"a@example.com"`, [6]string{`"a@example.com"`, refused, refused, refused, `"a@example.com"`, refused}},
	{`"A <a@example.com>"`, [6]string{`"A <a@example.com>"`, refused, refused, refused, refused, refused}},
	{`"ä@example.com"`, [6]string{`"ä@example.com"`, refused, refused, refused, refused, refused}},
	{`"a@example.com\r\nBcc: b@example.com"`, [6]string{`"a@example.com\r\nBcc: b@example.com"`, refused, refused, refused, refused, refused}},
	{`"a@example.com,b@example.com"`, [6]string{`"a@example.com,b@example.com"`, refused, refused, refused, refused, refused}},
	{`"\u0000"`, [6]string{refused, refused, refused, refused, refused, refused}},
	{`"<&\u2028"`, [6]string{`"<&\u2028"`, refused, refused, refused, refused, refused}},
	{`12.50`, [6]string{`"12.50"`, `12.50`, refused, refused, refused, refused}},
	{`9007199254740993`, [6]string{`"9007199254740993"`, `9007199254740993`, refused, refused, refused, refused}},
	{`123456789012345678901234567890`, [6]string{`"123456789012345678901234567890"`, `123456789012345678901234567890`, refused, refused, refused, refused}},
	{`1e400000000`, [6]string{`"1e400000000"`, `1e400000000`, refused, refused, refused, refused}},
	{`1`, [6]string{`"1"`, `1`, refused, refused, refused, refused}},
	{`0`, [6]string{`"0"`, `0`, refused, refused, refused, refused}},
	{`true`, [6]string{`"true"`, refused, `true`, refused, refused, refused}},
	{`false`, [6]string{`"false"`, refused, `false`, refused, refused, refused}},
	{`null`, [6]string{"-", "-", "-", "-", "-", "-"}},
	{``, [6]string{"-", "-", "-", "-", "-", "-"}},
	{`[]`, [6]string{refused, refused, refused, refused, refused, `[]`}},
	{`["a",1.0,true,""]`, [6]string{refused, refused, refused, refused, refused, `["a",1.0,true,""]`}},
	{`["a@example.com"]`, [6]string{refused, refused, refused, refused, refused, `["a@example.com"]`}},
	{`[null]`, [6]string{refused, refused, refused, refused, refused, refused}},
	{`[["a"]]`, [6]string{refused, refused, refused, refused, refused, refused}},
	{`[{}]`, [6]string{refused, refused, refused, refused, refused, refused}},
	{`["\u0000"]`, [6]string{refused, refused, refused, refused, refused, refused}},
	{`{}`, [6]string{refused, refused, refused, refused, refused, refused}},
	{`{"value":"a"}`, [6]string{refused, refused, refused, refused, refused, refused}},
}

// I3: every cell of the table in the package's documentation: JSON.
func TestJSONIsConvertedOrRefused(t *testing.T) {
	for _, tt := range jsonTable {
		data := "{}"
		if tt.given != "" {
			data = `{"f":` + tt.given + `}`
		}
		for i, fieldType := range fieldTypes {
			f := automation.Field{Name: "f", Type: fieldType}
			got := became(t, f, automation.Request{JSON: json.RawMessage(data)})
			if got != tt.want[i] {
				t.Errorf("%s as %s became %s, want %s", tt.given, fieldType, got, tt.want[i])
			}
			if f.Required = true; got == "-" || got == `""` || got == `[]` {
				got = refused
			}
			if required := became(t, f, automation.Request{JSON: json.RawMessage(data)}); required != got {
				t.Errorf("%s as a required %s became %s, want %s", tt.given, fieldType, required, got)
			}
		}
	}
}

// I3: every cell of the table in the package's documentation: a form or query.
func TestParametersAreConvertedOrRefused(t *testing.T) {
	for _, tt := range []struct {
		given []string
		want  [6]string
	}{
		//                      text         number   boolean  date                email                  list
		{nil, [6]string{"-", "-", "-", "-", "-", "-"}},
		{[]string{""}, [6]string{`""`, "-", "-", "-", "-", "-"}},
		{[]string{"Ann"}, [6]string{`"Ann"`, refused, refused, refused, refused, `["Ann"]`}},
		{[]string{"12.50"}, [6]string{`"12.50"`, `12.50`, refused, refused, refused, `["12.50"]`}},
		{[]string{"9007199254740993"}, [6]string{`"9007199254740993"`, `9007199254740993`, refused, refused, refused, `["9007199254740993"]`}},
		{[]string{"true"}, [6]string{`"true"`, refused, `true`, refused, refused, `["true"]`}},
		{[]string{"on"}, [6]string{`"on"`, refused, refused, refused, refused, `["on"]`}},
		{[]string{"2026-03-14"}, [6]string{`"2026-03-14"`, refused, refused, `"2026-03-14"`, refused, `["2026-03-14"]`}},
		{[]string{"a@example.com"}, [6]string{`"a@example.com"`, refused, refused, refused, `"a@example.com"`, `["a@example.com"]`}},
		{[]string{"a", "b"}, [6]string{refused, refused, refused, refused, refused, `["a","b"]`}},
		{[]string{"1", "1"}, [6]string{refused, refused, refused, refused, refused, `["1","1"]`}},
		{[]string{"", ""}, [6]string{refused, refused, refused, refused, refused, `["",""]`}},
		{[]string{"\x00"}, [6]string{refused, refused, refused, refused, refused, refused}},
		{[]string{"a", "\x00"}, [6]string{refused, refused, refused, refused, refused, refused}},
		{[]string{`["a"]`}, [6]string{`"[\"a\"]"`, refused, refused, refused, refused, `["[\"a\"]"]`}},
	} {
		for i, fieldType := range fieldTypes {
			f := automation.Field{Name: "f", Type: fieldType}
			if len(tt.given) > 1 && fieldType != automation.TypeList { // the schema has no say in how often a parameter comes
				refusals(t, one(f), automation.Request{Values: url.Values{"f": tt.given}})
				continue
			}
			got := became(t, f, automation.Request{Values: url.Values{"f": tt.given}})
			if got != tt.want[i] {
				t.Errorf("%q as %s became %s, want %s", tt.given, fieldType, got, tt.want[i])
			}
			if f.Required = true; got == "-" || got == `""` {
				got = refused
			}
			if required := became(t, f, automation.Request{Values: url.Values{"f": tt.given}}); required != got {
				t.Errorf("%q as a required %s became %s, want %s", tt.given, fieldType, required, got)
			}
		}
	}
	for _, fieldType := range fieldTypes {
		refusals(t, one(automation.Field{Name: "f", Type: fieldType}), automation.Request{Values: url.Values{"f": {"a\xff"}}})
	}
}

// ATTACKS 41: wherever a path leads, the answer is defined.
func TestPathsHaveDefinedAnswers(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 9_998) + `1` + strings.Repeat(`}`, 9_998)
	long := strings.Repeat("k", 1<<20)
	for _, tt := range []struct{ path, data, want string }{
		{"a", `{"a":1}`, "1"},
		{"a.b", `{"a":{"b":1}}`, "1"},
		{"a.b", `{"a":{"c":1}}`, "-"},
		{"a.b", `{"a":{}}`, "-"},
		{"a.b", `{"a":null}`, "-"},
		{"a.b", `{}`, "-"},
		{"a.b", `{"a.b":1}`, "-"},
		{"a.b", `{"a":1}`, "refused at /a"},
		{"a.b", `{"a":"b"}`, "refused at /a"},
		{"a.b", `{"a":[1]}`, "refused at /a"},
		{"a.b", `[]`, "refused at "},
		{"a.b", `"a"`, "refused at "},
		{"a.b", `null`, "-"},
		{"a.0", `{"a":[1,2]}`, "1"},
		{"a.1", `{"a":[1,2]}`, "2"},
		{"a.2", `{"a":[1,2]}`, "-"},
		{"a.999", `{"a":[1,2]}`, "-"},
		{"a.0", `{"a":{"0":1}}`, "1"},
		{"a.1000", `{"a":[1,2]}`, "refused at /a"},
		{"a.1000", `{"a":{"1000":1}}`, "1"},
		{"a.1000000000", `{"a":[1]}`, "refused at /a"},
		{"a.1e9", `{"a":[1]}`, "refused at /a"},
		{"a.-1", `{"a":[1]}`, "refused at /a"},
		{"a.-1", `{"a":{"-1":1}}`, "1"},
		{"a.00", `{"a":[1]}`, "refused at /a"},
		{"a.length", `{"a":[1]}`, "refused at /a"},
		{"0.0", `[[1]]`, "1"},
		{"__proto__", `{}`, "-"},
		{"__proto__.toString", `{"a":1}`, "-"},
		{"__proto__.polluted", `{"__proto__":{"polluted":1}}`, "1"},
		{"constructor.name", `{"a":1}`, "-"},
		{"a/b~c", `{"a/b~c":1}`, "1"},
		{"a/b~c.d", `{"a/b~c":1}`, "refused at /a~1b~0c"},
		{"ä 김.👩‍👧", `{"ä 김":{"👩‍👧":1}}`, "1"},
		{"a", deep, "refused at /a"},
		{"b", deep, "-"},
		{"a", `{"` + long + `":1,"a":2}`, "2"},
		{"a", strings.Repeat(`{"a":`, 10_001) + `1` + strings.Repeat(`}`, 10_001), "refused at "},
		{"a", `{"a":1} {}`, "refused at "},
		{"a", `{"a":1`, "refused at "},
		{"a", ` `, "refused at "},
	} {
		a := one(automation.Field{Name: tt.path, Type: automation.TypeNumber})
		got := ""
		if taken, err := a.Take(automation.Request{JSON: json.RawMessage(tt.data)}); err != nil {
			for at := range refusals(t, a, automation.Request{JSON: json.RawMessage(tt.data)}) {
				got += "refused at " + at
			}
		} else if got = string(taken.Fields[0].Value); taken.Fields[0].Value == nil {
			got = "-"
		}
		if got != tt.want {
			t.Errorf("%s of %.60s: %s, want %s", tt.path, tt.data, got, tt.want)
		}
	}
}

// I2, I9: every violation with its place, and in no text a value.
func TestEveryViolationIsReportedWithoutValues(t *testing.T) {
	const canary = "canary"
	r := automation.Request{JSON: json.RawMessage(`{"guest":{"email":"canary","first":{"canary":1},"last":["canary"]},"nights":"canary","member":"canary",` +
		`"stays":[{"from":"canary"}],"tags":["a",null,["canary"],"\u0000canary"]}`)}
	found := refusals(t, inviting(), r)
	want := []string{
		"/guest/email", "/guest/first", "/guest/last", "/member", "/nights", "/stays/0/from", "/tags/1", "/tags/2", "/tags/3",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	_, err := inviting().Take(r)
	if strings.Contains(err.Error(), canary) {
		t.Errorf("a value is repeated: %v", err)
	}
	for at, message := range found {
		name := strings.ReplaceAll(strings.Trim(strings.TrimRight(at, "123"), "/"), "/", ".")
		if !strings.Contains(message, `"`+name+`"`) || !strings.Contains(message, ": send ") {
			t.Errorf("%s: %q does not name %s and what to send", at, message, name)
		}
	}
	refusedBySchema, err := automation.NewTaker(inviting()).RefusedBySchema(r)
	if diff := cmp.Diff(want, refusedBySchema); diff != "" || err != nil {
		t.Errorf("places that the schema refuses (-want +got):\n%s%v", diff, err)
	}
}

// A list has a bound of its own, in data and in a form.
func TestLongListsAreRefused(t *testing.T) {
	f := automation.Field{Name: "f", Type: automation.TypeList}
	for n, want := range map[int]bool{automation.MaxItems: true, automation.MaxItems + 1: false, 400_000: false} {
		items := strings.TrimSuffix(strings.Repeat("1,", n), ",")
		for _, r := range []automation.Request{{JSON: json.RawMessage(`{"f":[` + items + `]}`)}, {Values: url.Values{"f": strings.Split(items, ",")}}} {
			if got := became(t, f, r); (got != "refused") != want {
				t.Errorf("%d items became %.60s", n, got)
			}
		}
	}
}

func TestViolationsAreReportedUpToABound(t *testing.T) {
	r := automation.Request{JSON: json.RawMessage(`{"guest":{"email":"a@example.com"},"tags":[null` + strings.Repeat(",null", automation.MaxItems-1) + `]}`)}
	_, err := inviting().Take(r)
	found := refusals(t, inviting(), r)
	if len(found) != automation.MaxViolations+1 || !strings.Contains(found[""], "more violations") {
		t.Errorf("%d violations of %v; want %d and a word on the rest", len(found), len(fmt.Sprint(err)), automation.MaxViolations)
	}
}

// ATTACKS 41: whatever comes, Take answers as the schema does, repeats nothing of it and makes a run that can be sent.
func FuzzTake(f *testing.F) {
	f.Add(guestJSON, "", true)
	f.Add(`{"guest":{"email":null,"first":[]},"stays":{"0":{}},"tags":[[]]}`, "", true)
	f.Add(`{"guest":5,"stays":[1]}`, "", true)
	f.Add(`[[[`, "", true)
	f.Add("", "guest.email=a@example.com&tags=1&tags=2&nights=&a[]=;&member=%00", false)
	required := inviting()
	for i := range required.Trigger.Incoming.Fields {
		required.Trigger.Incoming.Fields[i].Required = true
	}
	takers := []*automation.Taker{automation.NewTaker(inviting()), automation.NewTaker(required)}
	f.Fuzz(func(t *testing.T, data, query string, isJSON bool) {
		r := automation.Request{ID: "1", JSON: json.RawMessage(data)}
		if !isJSON {
			r.JSON = nil
			r.Values, _ = url.ParseQuery(query)
		}
		for _, taker := range takers {
			got, err := taker.Take(r)
			if err != nil && strings.Contains(err.Error(), "does not fit the JSON Schema") {
				t.Fatalf("only the schema refuses %q %q: %v", data, query, err)
			}
			if err == nil && len(got.Runs) == 1 && !json.Valid(got.Runs[0].Run.Message) {
				t.Fatalf("message %s", got.Runs[0].Run.Message)
			}
			if !isJSON || !json.Valid(r.JSON) {
				continue
			}
			if refused, schemaErr := taker.RefusedBySchema(r); schemaErr != nil || (err != nil) != (len(refused) > 0) {
				t.Fatalf("%q: Take says %v, the schema %q, %v", data, err, refused, schemaErr)
			}
		}
	})
}
