package automation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
)

// I4: which condition does not hold, by its place, and of the data and the condition's value nothing.
func TestUnmetConditionIsNamed(t *testing.T) {
	for _, tt := range []struct{ filter, want string }{
		{`{"field":"nights","op":"greater","value":2}`, ""},
		{`{"field":"stays.0.from","op":"less","value":"2026-03-15"}`, ""},
		{`{"field":"nights","op":"equals","value":3.0}`, ""},
		{`{"field":"tags","op":"contains","value":2}`, ""},
		{`{"field":"nights","op":"greater","value":3}`, `the condition at /trigger/filter does not hold: "nights" is not greater than its value`},
		{`{"field":"nights","op":"less","value":3}`, `the condition at /trigger/filter does not hold: "nights" is not less than its value`},
		{`{"field":"nights","op":"equals","value":"3"}`, `the condition at /trigger/filter does not hold: "nights" is not equal to its value`},
		{`{"field":"guest.first","op":"not_equals","value":"Ewa"}`, `the condition at /trigger/filter does not hold: "guest.first" is equal to its value`},
		{`{"field":"guest.first","op":"contains","value":"x"}`, `the condition at /trigger/filter does not hold: "guest.first" does not contain its value`},
		{`{"field":"guest.first","op":"starts_with","value":"w"}`, `the condition at /trigger/filter does not hold: "guest.first" does not start with its value`},
		{`{"field":"guest.first","op":"ends_with","value":"w"}`, `the condition at /trigger/filter does not hold: "guest.first" does not end with its value`},
		{`{"field":"guest.first","op":"in","value":["Eve"]}`, `the condition at /trigger/filter does not hold: "guest.first" is not in its list`},
		{`{"field":"gone","op":"exists"}`, `the condition at /trigger/filter does not hold: "gone" did not come`},
		{`{"all":[{"field":"nights","op":"exists"},{"field":"nights","op":"in","value":[1]}]}`, `the condition at /trigger/filter/all/1 does not hold: "nights" is not in its list`},
		{`{"any":[{"field":"nights","op":"in","value":[1]},{"field":"gone","op":"exists"}]}`, `none of the 2 conditions at /trigger/filter/any holds`},
		{`{"not":{"field":"nights","op":"exists"}}`, `the condition at /trigger/filter/not holds, and must not`},
		{`{"all":[{"all":[{"not":{"field":"member","op":"equals","value":true}}]}]}`, `the condition at /trigger/filter/all/0/all/0/not holds, and must not`},
	} {
		a, c := inviting(), condition(t, tt.filter)
		a.Trigger.Filter = &c
		got := take(t, a, guest())
		if got.Unmet != tt.want || (len(got.Runs) == 0) != (tt.want != "") {
			t.Errorf("%s: %q with %d runs; want %q", tt.filter, got.Unmet, len(got.Runs), tt.want)
		}
		if len(got.Fields) != 7 {
			t.Errorf("%s: %d fields are shown; want all 7", tt.filter, len(got.Fields))
		}
	}
}

// A filter sees what a field was converted to, not what came.
func TestFilterSeesConvertedValues(t *testing.T) {
	a := inviting()
	a.Trigger.Filter = &automation.Condition{Field: "nights", Op: automation.Greater, Value: json.Number("9007199254740992")}
	r := automation.Request{JSON: json.RawMessage(strings.Replace(guestJSON, `"nights":3`, `"nights":"9007199254740993"`, 1))}
	if got := take(t, a, r); got.Unmet != "" || len(got.Runs) != 1 {
		t.Errorf("unmet %q, %d runs; want one", got.Unmet, len(got.Runs))
	}
}
