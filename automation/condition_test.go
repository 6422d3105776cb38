package automation_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
)

// subject is what the conditions of this file are asked of.
const subject = `{
	"s": "Sailing course", "empty": "", "digits": "5", "t": true, "z": null, "o": {"k": 1}, "none": {}, "a.b": "dotted",
	"n": 5, "f": 5.0, "neg": -0.5, "big": 9007199254740993, "huge": 1e400, "absurd": 1e99999,
	"l": ["a", 1, {"k": 1.0}, [2]], "el": [],
	"at": "2026-03-14T10:00:00+01:00", "day": "2026-03-14"
}`

func condition(t testing.TB, text string) automation.Condition {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var c automation.Condition
	if err := d.Decode(&c); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return c
}

func holds(c automation.Condition) bool {
	return automation.Trigger{Types: []string{"*"}, Filter: &c}.Matches(raw(subject))
}

// comparisons are asked of subject.
var comparisons = []struct {
	op, field, value string
	want             bool
}{
	{"equals", "s", `"Sailing course"`, true},
	{"equals", "s", `"sailing course"`, false},
	{"equals", "empty", `""`, true},
	{"equals", "digits", `5`, false},
	{"equals", "n", `"5"`, false},
	{"equals", "n", `5`, true},
	{"equals", "n", `5.00`, true},
	{"equals", "n", `0.5e1`, true},
	{"equals", "f", `5`, true},
	{"equals", "big", `9007199254740993`, true},
	{"equals", "big", `9007199254740992`, false},
	{"equals", "big", `9007199254740993.0`, true},
	{"equals", "huge", `10e399`, true},
	{"equals", "huge", `1e401`, false},
	{"equals", "absurd", `1e99999`, true}, // by its text: it has no value here
	{"equals", "absurd", `10e99998`, false},
	{"equals", "t", `true`, true},
	{"equals", "t", `"true"`, false},
	{"equals", "t", `1`, false},
	{"equals", "l", `["a",1.0,{"k":1},[2.0]]`, true},
	{"equals", "l", `["a",1]`, false},
	{"equals", "l", `{"a":1}`, false},
	{"equals", "el", `[]`, true},
	{"equals", "none", `{}`, true},
	{"equals", "none", `[]`, false},
	{"equals", "o", `{"k":1}`, false}, // its members are the variables
	{"equals", "o.k", `1`, true},
	{"equals", `a\.b`, `"dotted"`, true},
	{"equals", "a.b", `"dotted"`, false},
	{"equals", "z", `"x"`, false},
	{"equals", "missing", `"x"`, false},

	{"not_equals", "s", `"Rowing"`, true},
	{"not_equals", "s", `"Sailing course"`, false},
	{"not_equals", "s", `5`, true},
	{"not_equals", "n", `5.0`, false},
	{"not_equals", "z", `"x"`, true},
	{"not_equals", "missing", `"x"`, true},

	{"contains", "s", `"ing c"`, true},
	{"contains", "s", `"ING"`, false},
	{"contains", "s", `""`, true},
	{"contains", "s", `5`, false},
	{"contains", "n", `5`, false},
	{"contains", "l", `"a"`, true},
	{"contains", "l", `1.0`, true},
	{"contains", "l", `{"k":1}`, true},
	{"contains", "l", `[2]`, true},
	{"contains", "l", `{"k":2}`, false},
	{"contains", "l", `{"j":1}`, false},
	{"contains", "l", `[2.5]`, false},
	{"contains", "l", `2`, false},
	{"contains", "el", `"a"`, false},
	{"contains", "z", `"a"`, false},
	{"contains", "missing", `""`, false},

	{"starts_with", "s", `"Sail"`, true},
	{"starts_with", "s", `"ail"`, false},
	{"starts_with", "n", `"5"`, false},
	{"starts_with", "l", `"a"`, false},
	{"starts_with", "missing", `""`, false},
	{"ends_with", "s", `"course"`, true},
	{"ends_with", "s", `"cours"`, false},
	{"ends_with", "missing", `""`, false},

	{"greater", "n", `4.999`, true},
	{"greater", "n", `5`, false},
	{"greater", "f", `5`, false},
	{"greater", "neg", `-1`, true},
	{"greater", "big", `9007199254740992`, true},
	{"greater", "huge", `1e399`, true},
	{"greater", "absurd", `1`, false}, // beyond exact arithmetic
	{"greater", "digits", `4`, false},
	{"greater", "t", `0`, false},
	{"greater", "l", `0`, false},
	{"greater", "at", `"2026-03-14T08:59:59Z"`, true},
	{"greater", "at", `"2026-03-14T09:00:00Z"`, false},
	{"greater", "at", `5`, false},
	{"greater", "day", `"2026-03-13T00:00:00Z"`, false}, // a day is no time
	{"greater", "s", `"2026-03-13T00:00:00Z"`, false},
	{"greater", "missing", `0`, false},
	{"less", "n", `5.0000001`, true},
	{"less", "n", `5`, false},
	{"less", "neg", `0`, true},
	{"less", "big", `9007199254740994`, true},
	{"less", "huge", `1e401`, true},
	{"less", "at", `"2026-03-14T09:00:01Z"`, true},
	{"greater", "day", `"2026-03-13"`, true},
	{"greater", "day", `"2026-03-14"`, false},
	{"less", "day", `"2026-03-15"`, true},
	{"less", "at", `"2026-03-15"`, false}, // a time is no day
	{"less", "s", `"2026-03-15"`, false},
	{"less", "z", `1`, false},
	{"less", "missing", `1`, false},

	{"in", "s", `["Rowing","Sailing course"]`, true},
	{"in", "s", `["Rowing"]`, false},
	{"in", "s", `[]`, false},
	{"in", "n", `["5",5.0]`, true},
	{"in", "n", `["5"]`, false},
	{"in", "el", `[[]]`, true},
	{"in", "z", `[null]`, false},
	{"in", "missing", `[null]`, false},

	{"exists", "s", `null`, true},
	{"exists", "empty", `null`, true},
	{"exists", "none", `null`, true},
	{"exists", "el", `null`, true},
	{"exists", "z", `null`, false},
	{"exists", "o", `null`, false},
	{"exists", "o.k", `null`, true},
	{"exists", "missing", `null`, false},
}

// O1.
func TestComparisonsHold(t *testing.T) {
	for _, tt := range comparisons {
		c := condition(t, fmt.Sprintf(`{"field":%q,"op":%q,"value":%s}`, tt.field, tt.op, tt.value))
		if got := holds(c); got != tt.want {
			t.Errorf("%s %s %s holds: %v, want %v", tt.field, tt.op, tt.value, got, tt.want)
		}
		mustAccept(t, c)
	}
}

// A condition made in Go has Go's values, where JSON would have numbers and lists of any.
func TestGoValuesAreComparedAsJSON(t *testing.T) {
	for _, c := range []automation.Condition{
		{Field: "n", Op: automation.Equals, Value: 5},
		{Field: "n", Op: automation.Less, Value: 5.5},
		{Field: "big", Op: automation.Equals, Value: int64(9007199254740993)},
		{Field: "s", Op: automation.In, Value: []string{"Sailing course"}},
		{Field: "n", Op: automation.In, Value: []any{4, 5}},
		{Field: "at", Op: automation.Equals, Value: "2026-03-14T10:00:00+01:00"},
		{Field: "none", Op: automation.Equals, Value: map[string]any{}},
		{Field: "at", Op: automation.Greater, Value: happened.AddDate(0, 0, -1)},
	} {
		mustAccept(t, c)
		if !holds(c) {
			t.Errorf("%+v does not hold", c)
		}
	}
}

func TestGroupsCombine(t *testing.T) {
	const yes, no = `{"field":"s","op":"exists"}`, `{"field":"missing","op":"exists"}`
	for text, want := range map[string]bool{
		`{"all":[` + yes + `,` + yes + `]}`:                                     true,
		`{"all":[` + yes + `,` + no + `]}`:                                      false,
		`{"any":[` + no + `,` + yes + `]}`:                                      true,
		`{"any":[` + no + `,` + no + `]}`:                                       false,
		`{"not":` + no + `}`:                                                    true,
		`{"not":` + yes + `}`:                                                   false,
		`{"not":{"any":[` + no + `,{"all":[` + yes + `,{"not":` + no + `}]}]}}`: false,
	} {
		c := condition(t, text)
		mustAccept(t, c)
		if got := holds(c); got != want {
			t.Errorf("%s holds: %v, want %v", text, got, want)
		}
	}
}

// nested returns a comparison within n groups.
func nested(n int) automation.Condition {
	c := automation.Condition{Field: "s", Op: automation.Exists}
	for range n {
		inner := c
		c = automation.Condition{Not: &inner}
	}
	return c
}

func TestGroupsNestTenDeep(t *testing.T) {
	mustAccept(t, nested(9))
	a := valid(t)
	deep := nested(10)
	a.Trigger.Filter = &deep
	mustRefuse(t, a, refusal(automation.ErrCondition, "/trigger/filter"))
}

func TestMeaninglessConditionsAreRefused(t *testing.T) {
	for complaint, conditions := range map[string][]string{
		"one of all, any, not or a comparison": {
			`{}`, `{"all":[{"field":"s","op":"exists"}],"any":[{"field":"s","op":"exists"}]}`,
			`{"not":{"field":"s","op":"exists"},"field":"s","op":"exists"}`, `{"all":[{"field":"s","op":"exists"}],"value":5}`,
			`{"any":[{"field":"s","op":"exists"},{}]}`,
		},
		"no conditions":         {`{"all":[]}`, `{"any":[]}`, `{"not":{"all":[]}}`},
		"has no field":          {`{"op":"exists"}`, `{"op":"equals","value":5}`},
		"is not known":          {`{"field":"s"}`, `{"field":"s","op":"matches","value":"x"}`, `{"field":"s","op":"Equals","value":"x"}`, `{"value":5}`},
		"exists takes no value": {`{"field":"s","op":"exists","value":true}`},
		"use exists": {
			`{"field":"s","op":"equals"}`, `{"field":"s","op":"equals","value":null}`, `{"field":"s","op":"not_equals"}`, `{"field":"s","op":"contains"}`,
		},
		"takes a text": {`{"field":"s","op":"starts_with","value":5}`, `{"field":"s","op":"ends_with"}`, `{"field":"s","op":"starts_with","value":["a"]}`},
		"takes a number, or an RFC 3339 time or date": {
			`{"field":"s","op":"greater","value":"5"}`, `{"field":"s","op":"less","value":"2026-02-30"}`, `{"field":"s","op":"less"}`,
			`{"field":"s","op":"greater","value":1e99999}`, `{"field":"s","op":"greater","value":` + strings.Repeat("9", 401) + `}`,
		},
		"takes a list": {`{"field":"s","op":"in","value":"a"}`, `{"field":"s","op":"in"}`, `{"field":"s","op":"in","value":{"a":1}}`},
	} {
		for _, text := range conditions {
			a, c := valid(t), condition(t, text)
			a.Trigger.Filter = &c
			mustRefuse(t, a, refusal(automation.ErrCondition, "/trigger/filter"))
			if err := a.Validate(automation.Known{}); !strings.Contains(fmt.Sprint(err), complaint) {
				t.Errorf("%.80s: got %v; want it to say %q", text, err, complaint)
			}
			holds(c) // must not panic all the same
		}
	}
}

func TestValueThatJSONCannotHoldIsRefused(t *testing.T) {
	for _, value := range []any{math.NaN(), math.Inf(1), func() {}, []any{math.NaN()}} {
		a := valid(t)
		a.Trigger.Filter = &automation.Condition{Field: "n", Op: automation.Equals, Value: value}
		mustRefuse(t, a, refusal(automation.ErrCondition, "/trigger/filter"))
	}
}

// FuzzCondition: no condition and no event makes Matches or Validate panic, and what does not hold holds negated.
func FuzzCondition(f *testing.F) {
	f.Add(`{"field":"l","op":"contains","value":{"k":1}}`, subject)
	f.Add(`{"all":[{"not":{"field":"n","op":"in","value":[1e400,null]}}]}`, `{"n":1e400}`)
	f.Add(`{"field":"at","op":"less","value":"2026-03-14T10:00:00Z"}`, `{"at":"2026-03-14T10:00:00+23:59"}`)
	f.Fuzz(func(t *testing.T, text, data string) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var c automation.Condition
		if d.Decode(&c) != nil {
			return
		}
		a := rule()
		a.Trigger.Filter = &c
		_ = a.Validate(automation.Known{})
		ev := raw(data)
		negated := automation.Trigger{Types: []string{"*"}, Filter: &automation.Condition{Not: &c}}
		if a.Trigger.Matches(ev) == negated.Matches(ev) {
			t.Errorf("%s and its negation agree about %s", text, data)
		}
	})
}
