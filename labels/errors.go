package labels

import (
	"fmt"
	"strings"
)

// Rule names what a label broke.
type Rule string

const (
	// RuleEmpty says that a label has at least one character.
	RuleEmpty Rule = "empty"
	// RuleLength says that a label has at most [MaxLength] characters.
	RuleLength Rule = "length"
	// RuleCharacters says that a label has letters, digits and underscores only.
	RuleCharacters Rule = "characters"
	// RuleUnique says that no two variables of a survey have the same label.
	RuleUnique Rule = "unique"
	// RuleKind says that only questions and background variables have data labels.
	RuleKind Rule = "kind"
	// RuleVariable says that the variable is one of the survey's.
	RuleVariable Rule = "variable"
)

// Error is one label that broke one rule. Variable is the id of the variable that
// was to get it, empty where [Check] knows none; Other is the id of the variable
// that has the label already, for [RuleUnique] only.
type Error struct {
	Variable string
	Label    string
	Rule     Rule
	Other    string
}

// Error says which label of which variable broke what rule, and what to do.
func (e *Error) Error() string {
	subject := "label " + quote(e.Label)
	if e.Variable != "" {
		subject += " of variable " + quote(e.Variable)
	}
	return subject + " " + e.advice()
}

func (e *Error) advice() string {
	switch e.Rule {
	case RuleEmpty:
		return "is empty: give it at least one character, or reset it to the automatic label"
	case RuleLength:
		return fmt.Sprintf("is too long: shorten it to %d characters", MaxLength)
	case RuleCharacters:
		refused, _ := firstRefused(e.Label)
		return fmt.Sprintf("has %+q, which is no letter, digit or underscore: remove or replace it", refused)
	case RuleUnique:
		return fmt.Sprintf("is taken by variable %s: choose another one", quote(e.Other))
	case RuleKind:
		return "is not possible: only questions and background variables have data labels"
	case RuleVariable:
		return "is not possible: the survey has no such variable, check its id"
	default:
		return fmt.Sprintf("breaks the rule %q", string(e.Rule))
	}
}

// Errors are the violations of one edit, at most one a label, by variable id.
type Errors []*Error

// Error gives one line for each violation.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find the first violation.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// quote quotes text for a message, cut where it is longer than a label can be.
func quote(text string) string {
	seen := 0
	for i := range text {
		if seen == MaxLength {
			return fmt.Sprintf("%q…", text[:i])
		}
		seen++
	}
	return fmt.Sprintf("%q", text)
}
