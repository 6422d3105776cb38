package automation

import (
	"errors"
	"fmt"
	"strings"
)

// What a setting can be refused for; a [ValidationError] matches each of its violations with errors.Is.
var (
	ErrAccount   = errors.New("account")
	ErrName      = errors.New("name")
	ErrTrigger   = errors.New("trigger")
	ErrCondition = errors.New("condition")
	ErrAction    = errors.New("action")
	ErrURL       = errors.New("push URL")
	ErrHeader    = errors.New("header")
	ErrSecret    = errors.New("secret")
	ErrVariable  = errors.New("variable")
	ErrPolicy    = errors.New("retry policy")
	ErrLimit     = errors.New("limit")
	ErrRecipient = errors.New("recipient")
)

// Violation is one setting that cannot be saved.
type Violation struct {
	Field   string // JSON pointer (RFC 6901) to the setting in the automation
	Rule    error  // one of the package's sentinels
	Message string // which, what is wrong, what to do
}

// Error returns field, rule and message on one line.
func (v Violation) Error() string { return fmt.Sprintf("%s: %s: %s", v.Field, v.Rule, v.Message) }

// Unwrap returns the rule.
func (v Violation) Unwrap() error { return v.Rule }

// ValidationError is every violation of one automation, in order of its settings.
type ValidationError struct{ Violations []Violation }

// Error returns all violations on one line.
func (e *ValidationError) Error() string {
	texts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		texts[i] = v.Error()
	}
	return "check automation: " + strings.Join(texts, "; ")
}

// Unwrap returns the violations.
func (e *ValidationError) Unwrap() []error {
	errs := make([]error, len(e.Violations))
	for i, v := range e.Violations {
		errs[i] = v
	}
	return errs
}

// violations collects what is refused on the way through an automation.
type violations []Violation

func (vs *violations) add(field string, rule error, format string, args ...any) {
	*vs = append(*vs, Violation{Field: field, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

func (vs violations) err() error {
	if len(vs) == 0 {
		return nil
	}
	return &ValidationError{Violations: vs}
}
