package labels

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Set is the labels of one survey: its variables and the data labels given to
// them. It never changes, so it can be copied and shared; [Set.Edit], [Set.Reset]
// and [Set.Copy] return another. The zero Set is a survey without variables.
type Set struct {
	variables map[string]Variable
	automatic map[string]string // by id, of every variable that has one
	data      map[string]string // by id; pairwise different, whatever their letter form
	inForce   map[string]string // by id: what Data answers
}

// NewSet returns the labels of a survey with these variables, where data maps ids
// to the data labels that [Set.Stored] gave. It never fails, since variables come
// and go after a label was stored: what has become impossible is left out, and a
// label whose variable is gone is kept for the day it comes back. Of variables
// with one id the first counts, and of equal labels the one whose variable is
// there and has the smallest id.
func NewSet(vars []Variable, data map[string]string) Set {
	s := Set{
		variables: make(map[string]Variable, len(vars)),
		automatic: make(map[string]string, len(vars)),
		data:      make(map[string]string, len(data)),
	}
	for _, v := range vars {
		if _, twice := s.variables[v.ID]; twice {
			continue
		}
		s.variables[v.ID] = v
		if v.Kind.labelled() {
			s.automatic[v.ID] = Automatic(v)
		}
	}
	s.adopt(data)
	s.inForce = s.resolve()
	return s
}

// Automatic returns the automatic label of a variable; ok is false for a response
// option and for an id that the survey does not have.
func (s Set) Automatic(id string) (label string, ok bool) {
	label, ok = s.automatic[id]
	return label, ok
}

// Data returns the label under which a variable's value is sent: its data label,
// else its automatic one. No two variables of the survey have the same. A variable
// that was created after another one got its automatic label as a data label
// yields: its own is made longer, so that a name once sent never changes meaning.
func (s Set) Data(id string) (label string, ok bool) {
	label, ok = s.inForce[id]
	return label, ok
}

// Stored returns the data labels to keep in a store, by variable id, in NFC. The
// map is the caller's; NewSet takes it back.
func (s Set) Stored() map[string]string {
	stored := make(map[string]string, len(s.data))
	maps.Copy(stored, s.data)
	return stored
}

// Reset returns the set with these variables back at their automatic labels; an
// id without a data label is left as it is.
func (s Set) Reset(ids ...string) Set {
	data := s.Stored()
	for _, id := range ids {
		delete(data, id)
	}
	return s.with(data)
}

// Copy returns the labels of a copy of the survey with the variables vars, where
// mapping gives the new id for an old one. Data labels follow the mapping and all
// else is automatic. Use it where a survey is copied or shared as a template; a
// copied question is a new variable of the same survey, and so begins without one.
func (s Set) Copy(mapping map[string]string, vars []Variable) Set {
	data := make(map[string]string, len(s.data))
	for _, old := range slices.Sorted(maps.Keys(mapping)) {
		label, given := s.data[old]
		if _, twice := data[mapping[old]]; given && !twice {
			data[mapping[old]] = label
		}
	}
	return NewSet(vars, data)
}

// with returns the set of the same variables with other data labels.
func (s Set) with(data map[string]string) Set {
	return NewSet(slices.Collect(maps.Values(s.variables)), data)
}

// adopt fills s.data with the labels of data that keep its invariant.
func (s Set) adopt(data map[string]string) {
	taken := make(map[string]bool, len(data))
	ids := slices.SortedFunc(maps.Keys(data), s.presentFirst)
	for _, id := range ids {
		label := norm.NFC.String(data[id])
		v, present := s.variables[id]
		switch {
		case present && !v.Kind.editable(), broken(label) != "", taken[key(label)]:
		case present && label == s.automatic[id]: // the default needs no keeping
		default:
			taken[key(label)] = true
			s.data[id] = label
		}
	}
}

// presentFirst orders ids of the survey's variables before all others.
func (s Set) presentFirst(a, b string) int {
	_, hasA := s.variables[a]
	_, hasB := s.variables[b]
	switch {
	case hasA == hasB:
		return strings.Compare(a, b)
	case hasA:
		return -1
	default:
		return 1
	}
}

// resolve returns the label in force of every variable, by id.
func (s Set) resolve() map[string]string {
	inForce := make(map[string]string, len(s.automatic))
	taken := make(map[string]bool, len(s.automatic))
	for id := range s.automatic {
		if label, given := s.data[id]; given {
			inForce[id] = label
			taken[key(label)] = true
		}
	}
	reserved := maps.Clone(taken)
	for _, label := range s.automatic {
		reserved[key(label)] = true
	}
	for _, id := range slices.Sorted(maps.Keys(s.automatic)) {
		if _, given := inForce[id]; given {
			continue
		}
		inForce[id] = s.automatic[id]
		if taken[key(inForce[id])] {
			inForce[id] = s.yielded(id, reserved)
			reserved[key(inForce[id])] = true
		}
	}
	return inForce
}

// yielded returns a label for a variable whose automatic one is taken.
func (s Set) yielded(id string, reserved map[string]bool) string {
	for n := 1; ; n++ {
		label := digested(s.variables[id], id+"\x00"+strconv.Itoa(n))
		if !reserved[key(label)] {
			return label
		}
	}
}
