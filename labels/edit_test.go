package labels

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// S4, S5: each rule of an edit, on a survey in which 13 is "income".
func TestEditNamesTheBrokenRule(t *testing.T) {
	s := NewSet(append(slices.Clone(satisfaction), Variable{ID: "caf\u00e9", Kind: Question}, Variable{ID: "a.b", Kind: Field}),
		map[string]string{"13": "income"})
	tests := []struct {
		name  string
		id    string
		label string
		want  Error
	}{
		{"empty", "12", "", Error{Rule: RuleEmpty}},
		{"too long", "12", strings.Repeat("語", 101), Error{Rule: RuleLength}},
		{"a space", "12", "my age", Error{Rule: RuleCharacters}},
		{"another's data label", "12", "income", Error{Rule: RuleUnique, Other: "13"}},
		{"another's data label in capitals", "12", "INCOME", Error{Rule: RuleUnique, Other: "13"}},
		{"another's data label in full width", "12", "ｉｎｃｏｍｅ", Error{Rule: RuleUnique, Other: "13"}},
		{"another's automatic label", "12", "b_segment", Error{Rule: RuleUnique, Other: "segment"}},
		{"another's automatic label in capitals", "12", "B_Segment", Error{Rule: RuleUnique, Other: "segment"}},
		{"another's automatic label, decomposed", "12", "q_cafe\u0301", Error{Rule: RuleUnique, Other: "caf\u00e9"}},
		{"automatic label of one with a data label", "12", "q_13", Error{Rule: RuleUnique, Other: "13"}},
		{"a response option", "13a", "low", Error{Rule: RuleKind}},
		{"a field", "a.b", "ab", Error{Rule: RuleKind}},
		{"unknown variable", "99", "age", Error{Rule: RuleVariable}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.Edit(map[string]string{tt.id: tt.label})
			tt.want.Variable, tt.want.Label = tt.id, tt.label
			requireErrors(t, err, Errors{&tt.want})
			if diff := cmp.Diff(s.Stored(), got.Stored()); diff != "" {
				t.Errorf("refused edit changed labels (-before +after):\n%s", diff)
			}
		})
	}
}

func requireErrors(t *testing.T, err error, want Errors) {
	t.Helper()
	var got Errors
	if !errors.As(err, &got) {
		t.Fatalf("error = %v, want Errors", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

// S4: all violations are reported, and the good label among them is not kept.
func TestEditReportsAllAndChangesNothing(t *testing.T) {
	s := NewSet(satisfaction, map[string]string{"13": "income"})
	got, err := s.Edit(map[string]string{"12": "", "13": "wage", "13a": "low", "segment": "q_12", "99": "x"})
	requireErrors(t, err, Errors{
		{Variable: "12", Label: "", Rule: RuleEmpty},
		{Variable: "13a", Label: "low", Rule: RuleKind},
		{Variable: "99", Label: "x", Rule: RuleVariable},
		{Variable: "segment", Label: "q_12", Rule: RuleUnique, Other: "12"},
	})
	if diff := cmp.Diff(map[string]string{"13": "income"}, got.Stored()); diff != "" {
		t.Errorf("Stored (-want +got):\n%s", diff)
	}
	var first *Error
	if !errors.As(err, &first) || first.Variable != "12" {
		t.Errorf("errors.As found %v, want the violation of 12", first)
	}
}

// S4: two changes that clash with each other are both named.
func TestEditNamesBothSidesOfAClash(t *testing.T) {
	_, err := NewSet(satisfaction, nil).Edit(map[string]string{"12": "Naam", "13": "naam"})
	requireErrors(t, err, Errors{
		{Variable: "12", Label: "Naam", Rule: RuleUnique, Other: "13"},
		{Variable: "13", Label: "naam", Rule: RuleUnique, Other: "12"},
	})
}

// S4: a change that is refused itself takes no label from the others.
func TestRefusedChangeClaimsNothing(t *testing.T) {
	_, err := NewSet(satisfaction, nil).Edit(map[string]string{"12": "naam", "13a": "naam", "99": "naam"})
	requireErrors(t, err, Errors{
		{Variable: "13a", Label: "naam", Rule: RuleKind},
		{Variable: "99", Label: "naam", Rule: RuleVariable},
	})
}

// S4: a batch is judged by what it leads to.
func TestEditsThatHoldTogether(t *testing.T) {
	tests := []struct {
		name    string
		stored  map[string]string
		changes map[string]string
		want    map[string]string
	}{
		{"none", map[string]string{"12": "age"}, nil, map[string]string{"12": "age"}},
		{"swap", map[string]string{"12": "age", "13": "income"},
			map[string]string{"12": "income", "13": "age"}, map[string]string{"12": "income", "13": "age"}},
		{"one takes what the other gives up", map[string]string{"12": "age"},
			map[string]string{"12": "years", "13": "AGE"}, map[string]string{"12": "years", "13": "AGE"}},
		{"own letter form", map[string]string{"12": "age"}, map[string]string{"12": "Age"}, map[string]string{"12": "Age"}},
		{"own automatic label is the default", map[string]string{"12": "age"}, map[string]string{"12": "q_12"}, map[string]string{}},
		{"own automatic label in capitals", nil, map[string]string{"12": "Q_12"}, map[string]string{"12": "Q_12"}},
		{"kept in NFC", nil, map[string]string{"12": "a\u030age"}, map[string]string{"12": "åge"}},
		{"label of a gone variable", map[string]string{"gone": "age"}, map[string]string{"12": "Age"}, map[string]string{"12": "Age"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := NewSet(satisfaction, tt.stored).Edit(tt.changes)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Stored()); diff != "" {
				t.Errorf("Stored (-want +got):\n%s", diff)
			}
		})
	}
}

// S4: a clash that a new variable brought about does not stop edits elsewhere.
func TestOldClashDoesNotBlockOtherEdits(t *testing.T) {
	s := NewSet(satisfaction, map[string]string{"12": "Q_13"})
	if _, err := s.Edit(map[string]string{"segment": "group"}); err != nil {
		t.Errorf("Edit of another variable: %v", err)
	}
}

// S4: every message says which label, of which variable, and what to do.
func TestViolationsSayWhatToDo(t *testing.T) {
	tests := []struct {
		e    Error
		want string
	}{
		{Error{Label: "", Rule: RuleEmpty}, `label "" is empty: give it at least one character, or reset it to the automatic label`},
		{Error{Variable: "12", Label: "long", Rule: RuleLength}, `label "long" of variable "12" is too long: shorten it to 100 characters`},
		{Error{Variable: "12", Label: "a b", Rule: RuleCharacters},
			`label "a b" of variable "12" has " ", which is no letter, digit or underscore: remove or replace it`},
		{Error{Variable: "12", Label: "age", Rule: RuleUnique, Other: "13"},
			`label "age" of variable "12" is taken by variable "13": choose another one`},
		{Error{Variable: "13a", Label: "low", Rule: RuleKind},
			`label "low" of variable "13a" is not possible: only questions and background variables have data labels`},
		{Error{Variable: "99", Label: "x", Rule: RuleVariable},
			`label "x" of variable "99" is not possible: the survey has no such variable, check its id`},
	}
	for _, tt := range tests {
		if got := tt.e.Error(); got != tt.want {
			t.Errorf("%+v\n got %s\nwant %s", tt.e, got, tt.want)
		}
	}
}

func FuzzEdit(f *testing.F) {
	f.Add("12", "age", "13", "income")
	f.Add("12", "Naam", "13", "ｎａａｍ")
	f.Add("12", "q_13", "13", "q_12")
	f.Add("13a", "", "x", "\xff")
	f.Fuzz(func(t *testing.T, id, label, otherID, otherLabel string) {
		s := NewSet(satisfaction, map[string]string{"segment": "naam"})
		got, err := s.Edit(map[string]string{id: label, otherID: otherLabel})
		if err != nil {
			if diff := cmp.Diff(s.Stored(), got.Stored()); diff != "" || err.Error() == "" {
				t.Errorf("refused edit: error %q, changed (-before +after):\n%s", err, diff)
			}
			return
		}
		labels := inForce(got, satisfaction)
		keys := make(map[string]string)
		for id, label := range labels {
			if taken, twice := keys[key(label)]; twice {
				t.Errorf("%q and %q are both %q", id, taken, label)
			}
			keys[key(label)] = id
		}
		if diff := cmp.Diff(labels, inForce(NewSet(satisfaction, got.Stored()), satisfaction)); diff != "" {
			t.Errorf("labels after a round trip through the store (-before +after):\n%s", diff)
		}
	})
}
