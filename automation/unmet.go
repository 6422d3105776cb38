package automation

import "fmt"

// unmet says which part of c, which is at that JSON pointer of the automation, does not hold, "" if all does. It repeats no
// value, neither of the data nor of the condition, which may be the same.
func (c Condition) unmet(v variables, at string) string {
	switch {
	case c.holds(v):
		return ""
	case c.Not != nil:
		return fmt.Sprintf("the condition at %s/not holds, and must not", at)
	case c.Any != nil:
		return fmt.Sprintf("none of the %d conditions at %s/any holds", len(c.Any), at)
	case c.All != nil:
		for i, each := range c.All {
			if why := each.unmet(v, fmt.Sprintf("%s/all/%d", at, i)); why != "" {
				return why
			}
		}
	case v.get(c.Field) == nil:
		return fmt.Sprintf("the condition at %s does not hold: %q did not come", at, c.Field)
	}
	return fmt.Sprintf("the condition at %s does not hold: %q %s", at, c.Field, c.Op.miss())
}

// miss says how a value fails a comparison.
func (o Op) miss() string {
	switch o {
	case Equals:
		return "is not equal to its value"
	case NotEquals:
		return "is equal to its value"
	case Contains:
		return "does not contain its value"
	case StartsWith:
		return "does not start with its value"
	case EndsWith:
		return "does not end with its value"
	case Greater:
		return "is not greater than its value"
	case Less:
		return "is not less than its value"
	case In:
		return "is not in its list"
	}
	return "does not fulfil it"
}
