package automation

import (
	"errors"
	"fmt"
	"strings"
)

// What a setting or the field of a request can be refused for; a [ValidationError] or [RequestError] matches each of its
// violations with errors.Is.
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
	ErrField     = errors.New("field")
	ErrTemplate  = errors.New("template")
)

// Violation is one setting that cannot be saved, or one value of a request that cannot be taken.
type Violation struct {
	Field   string // JSON pointer (RFC 6901) to the setting in the automation, or the value in the request
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
	return "check automation: " + violations(e.Violations).text()
}

// Unwrap returns the violations.
func (e *ValidationError) Unwrap() []error { return violations(e.Violations).errs() }

// RequestError is every violation of one request to an incoming automation (SPEC I2), up to
// MaxViolations. Its texts repeat no value of the request.
type RequestError struct{ Violations []Violation }

// Error returns all violations on one line.
func (e *RequestError) Error() string { return "take request: " + violations(e.Violations).text() }

// Unwrap returns the violations.
func (e *RequestError) Unwrap() []error { return violations(e.Violations).errs() }

// violations collects what is refused on the way through an automation.
type violations []Violation

func (vs *violations) add(field string, rule error, format string, args ...any) {
	*vs = append(*vs, Violation{Field: field, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

func (vs violations) text() string {
	texts := make([]string, len(vs))
	for i, v := range vs {
		texts[i] = v.Error()
	}
	return strings.Join(texts, "; ")
}

func (vs violations) errs() []error {
	errs := make([]error, len(vs))
	for i, v := range vs {
		errs[i] = v
	}
	return errs
}

func (vs violations) err() error {
	if len(vs) == 0 {
		return nil
	}
	return &ValidationError{Violations: vs}
}
