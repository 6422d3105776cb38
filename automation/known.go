package automation

import (
	"slices"
	"strings"

	"github.com/tenterhook/tenterhook/labels"
)

// Known is what the events of a trigger hold, as far as it is known when an automation is saved; zero: nothing.
type Known struct {
	Variables []labels.Variable // those that an automation may name
	Labels    map[string]string // data labels by variable id; default: automatic ones only
}

// lexicon is the variables of a trigger or an event, and what they are called.
type lexicon struct {
	variables []labels.Variable
	labels    labels.Set
}

func newLexicon(vars []labels.Variable, data map[string]string) lexicon {
	return lexicon{variables: vars, labels: labels.NewSet(vars, data)}
}

func (l lexicon) has(id string) bool {
	return slices.ContainsFunc(l.variables, func(v labels.Variable) bool { return v.ID == id })
}

// kind returns the kind of a variable; "" where there is none of that id.
func (l lexicon) kind(id string) labels.Kind {
	for _, v := range l.variables {
		if v.ID == id {
			return v.Kind
		}
	}
	return ""
}

// labelled returns the variable that a label is in force for, else the one that it was made for.
func (l lexicon) labelled(label string) (id string, ok bool) {
	for _, of := range []func(id string) (string, bool){l.labels.Data, l.labels.Automatic} {
		for _, v := range l.variables {
			if found, has := of(v.ID); has && found == label {
				return v.ID, true
			}
		}
	}
	return "", false
}

// background returns the background variable whose id, else whose label, is name in any letter case.
func (l lexicon) background(name string) (id string, ok bool) {
	byLabel := ""
	for _, v := range l.variables {
		if v.Kind != labels.Background {
			continue
		}
		if strings.EqualFold(v.ID, name) {
			return v.ID, true
		}
		if label, _ := l.labels.Data(v.ID); strings.EqualFold(label, name) {
			byLabel, ok = v.ID, true
		}
	}
	return byLabel, ok
}
