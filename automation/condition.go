package automation

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Condition is either one comparison (Field, Op, Value) or one group (All, Any or Not).
type Condition struct {
	All []Condition `json:"all,omitempty"` // holds when each does
	Any []Condition `json:"any,omitempty"` // holds when one does
	Not *Condition  `json:"not,omitempty"` // holds when it does not

	// Field is a variable: a payload's path as "contact.email", or a survey variable's id. Saving does not check that events
	// have it; of a request it has to be a declared field.
	Field string `json:"field,omitempty"`
	Op    Op     `json:"op,omitempty"`
	Value any    `json:"value,omitempty"` // what JSON can hold; a list for In; nil for Exists
}

// Op is how a condition compares a variable with its value.
type Op string

// The comparisons. Types are never converted: "5" and 5 are not equal. A variable that is absent or null fulfils only
// NotEquals; text is compared letter by letter.
const (
	Equals     Op = "equals"
	NotEquals  Op = "not_equals"
	Contains   Op = "contains" // text: a part of it; list: an element of it
	StartsWith Op = "starts_with"
	EndsWith   Op = "ends_with"
	Greater    Op = "greater" // two numbers, or two times or two dates in RFC 3339 form
	Less       Op = "less"
	In         Op = "in"
	Exists     Op = "exists" // present and not null
)

var ops = []Op{Equals, NotEquals, Contains, StartsWith, EndsWith, Greater, Less, In, Exists}

const maxDepth = 10 // of groups in groups

// variables tells what a condition asks for: the value of a variable or field as JSON decodes it, nil when it is absent or null.
type variables interface{ get(id string) any }

func (c Condition) holds(v variables) bool {
	switch {
	case c.Not != nil:
		return !c.Not.holds(v)
	case c.All != nil:
		for _, each := range c.All {
			if !each.holds(v) {
				return false
			}
		}
		return true
	case c.Any != nil:
		for _, each := range c.Any {
			if each.holds(v) {
				return true
			}
		}
		return false
	}
	got := v.get(c.Field)
	if got == nil {
		return c.Op == NotEquals
	}
	return compare(c.Op, got, plain(c.Value))
}

func compare(op Op, got, want any) bool {
	switch op {
	case Exists:
		return true
	case Equals:
		return equal(got, want)
	case NotEquals:
		return !equal(got, want)
	case In:
		return element(want, got)
	case Contains:
		return textual(got, want, strings.Contains) || element(got, want)
	case StartsWith:
		return textual(got, want, strings.HasPrefix)
	case EndsWith:
		return textual(got, want, strings.HasSuffix)
	case Greater:
		n, ok := order(got, want)
		return ok && n > 0
	case Less:
		n, ok := order(got, want)
		return ok && n < 0
	}
	return false
}

// equal compares two values as JSON decodes them, numbers by their value.
func equal(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	x, ok1 := number(a)
	y, ok2 := number(b)
	if ok1 && ok2 {
		return x.Cmp(y) == 0
	}
	return a == b
}

func element(list, v any) bool {
	items, _ := list.([]any)
	for _, item := range items {
		if equal(item, v) {
			return true
		}
	}
	return false
}

func textual(a, b any, holds func(s, part string) bool) bool {
	x, ok1 := a.(string)
	y, ok2 := b.(string)
	return ok1 && ok2 && holds(x, y)
}

// order compares two numbers, two times or two dates; false when they are neither, or one is a date and the other a time.
func order(a, b any) (int, bool) {
	x, ok1 := number(a)
	y, ok2 := number(b)
	if ok1 && ok2 {
		return x.Cmp(y), true
	}
	s, ok1 := a.(string)
	u, ok2 := b.(string)
	if !ok1 || !ok2 {
		return 0, false
	}
	layout := time.RFC3339
	if len(u) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	t1, err1 := time.Parse(layout, s)
	t2, err2 := time.Parse(layout, u)
	return t1.Compare(t2), err1 == nil && err2 == nil
}

// number returns a JSON number with all its digits. One of more than 400 characters, or with an exponent beyond four
// digits, is no number here: exact arithmetic on it would cost a stranger's choice of memory.
func number(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok || len(n) > 400 {
		return nil, false
	}
	if _, exp, ok := strings.Cut(strings.ToLower(string(n)), "e"); ok && len(strings.TrimLeft(exp, "+-0")) > 4 {
		return nil, false
	}
	return new(big.Rat).SetString(string(n))
}

// plain returns a Go value as JSON decodes it, with numbers as json.Number; nil when JSON cannot hold it.
func plain(v any) any {
	if isPlain(v) {
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return decode(b)
}

func isPlain(v any) bool {
	switch v := v.(type) {
	case nil, string, bool, json.Number:
		return true
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !isPlain(item) })
	}
	return false
}

// validateFields refuses comparisons of what is no field of an incoming automation.
func (c Condition) validateFields(vs *violations, in Incoming, at string) {
	for i, each := range c.All {
		each.validateFields(vs, in, fmt.Sprintf("%s/all/%d", at, i))
	}
	for i, each := range c.Any {
		each.validateFields(vs, in, fmt.Sprintf("%s/any/%d", at, i))
	}
	if c.Not != nil {
		c.Not.validateFields(vs, in, at+"/not")
	}
	if _, ok := in.field(c.Field); c.Field != "" && !ok {
		vs.add(at+"/field", ErrCondition, "%.200q is no field of this automation: declare it, excluded if it is for the filter only", c.Field)
	}
}

func (c Condition) validate(depth int) error {
	groups := 0
	for _, set := range []bool{c.All != nil, c.Any != nil, c.Not != nil, c.Field != "" || c.Op != "" || c.Value != nil} {
		if set {
			groups++
		}
	}
	switch {
	case groups != 1:
		return fmt.Errorf("a condition is one of all, any, not or a comparison with field and op: this one has %d of them", groups)
	case depth > maxDepth:
		return fmt.Errorf("conditions are nested more than %d deep: flatten them", maxDepth)
	case c.Not != nil:
		return c.Not.validate(depth + 1)
	case c.All == nil && c.Any == nil:
		return c.validateComparison()
	case len(c.All)+len(c.Any) == 0:
		return fmt.Errorf("a group has no conditions: add one or remove the group")
	}
	for _, each := range slices.Concat(c.All, c.Any) {
		if err := each.validate(depth + 1); err != nil {
			return err
		}
	}
	return nil
}

func (c Condition) validateComparison() error {
	value := plain(c.Value)
	_, isText := value.(string)
	_, isList := value.([]any)
	_, isNumber := number(value)
	switch c.Op {
	case Equals, NotEquals, Contains:
		if value == nil {
			return fmt.Errorf("condition on %q: %s takes a value: to ask whether there is one, use exists", c.Field, c.Op)
		}
	case Exists:
		if c.Value != nil {
			return fmt.Errorf("condition on %q: exists takes no value: leave it out", c.Field)
		}
	case StartsWith, EndsWith:
		if !isText {
			return fmt.Errorf("condition on %q: %s takes a text: write the value as one", c.Field, c.Op)
		}
	case Greater, Less:
		if _, isTime := order(value, value); !isNumber && !isTime {
			return fmt.Errorf("condition on %q: %s takes a number, or an RFC 3339 time or date", c.Field, c.Op)
		}
	case In:
		if !isList {
			return fmt.Errorf("condition on %q: in takes a list: put the values in one, even if there is only one", c.Field)
		}
	default:
		return fmt.Errorf("condition on %q: comparison %q is not known: use one of %v", c.Field, c.Op, ops)
	}
	if c.Field == "" {
		return fmt.Errorf("a comparison %q has no field: name the variable to compare", c.Op)
	}
	return nil
}
