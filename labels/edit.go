package labels

import (
	"maps"
	"slices"

	"golang.org/x/text/unicode/norm"
)

// Edit returns the set with these data labels, by variable id, or the unchanged
// set and [Errors] with every violation: all changes hold or none is made. A label
// is refused that breaks [Check], or that another variable of the survey has as
// its data label or its automatic one, but changes are judged together, so two
// variables can swap theirs. Labels are kept in NFC; a variable that is given its
// own automatic label goes back to it.
func (s Set) Edit(changes map[string]string) (Set, error) {
	edited := s.Stored()
	owners := s.owners(changes)
	var violations Errors
	for _, id := range slices.Sorted(maps.Keys(changes)) {
		label := changes[id]
		rule, other := s.refused(id, label), ""
		if rule == "" {
			if other = owners.besides(id, key(label)); other != "" {
				rule = RuleUnique
			}
		}
		if rule != "" {
			violations = append(violations, &Error{Variable: id, Label: label, Rule: rule, Other: other})
		}
		edited[id] = norm.NFC.String(label)
	}
	if len(violations) > 0 {
		return s, violations
	}
	return s.with(edited), nil
}

// refused returns the rule that keeps id from having label, uniqueness aside, or "".
func (s Set) refused(id, label string) Rule {
	v, known := s.variables[id]
	switch {
	case !known:
		return RuleVariable
	case !v.Kind.editable():
		return RuleKind
	default:
		return broken(label)
	}
}

// owners maps a label's key to the ids of the variables that have it, sorted.
type owners map[string][]string

// owners returns who would have what after changes: every automatic label and
// every data label of a variable of the survey. A change that is refused for
// itself claims nothing.
func (s Set) owners(changes map[string]string) owners {
	all := make(owners, len(s.automatic)+len(changes))
	for _, id := range slices.Sorted(maps.Keys(s.automatic)) {
		all.add(key(s.automatic[id]), id)
		label, given := s.data[id]
		if changed, ok := changes[id]; ok {
			label, given = changed, s.refused(id, changed) == ""
		}
		if given {
			all.add(key(label), id)
		}
	}
	return all
}

func (o owners) add(key, id string) { o[key] = append(o[key], id) }

// besides returns the first variable but id that has the label with this key, or "".
func (o owners) besides(id, key string) string {
	for _, other := range o[key] {
		if other != id {
			return other
		}
	}
	return ""
}
