package events

import (
	"encoding/json"

	"github.com/tenterhook/tenterhook/labels"
)

// Variable is a [labels.Variable] with the value that one event gives it.
type Variable struct {
	labels.Variable
	Type  string          // the question type; of a field, the JSON type of its value
	Value json.RawMessage // never empty
	Text  string          // what a reader sees; empty for null
}

// Variables returns the variables of e in the order of the wire: the questions and
// then the background variables of a survey response; for any other event the
// fields of its data, by path, an array or an empty object being one value. It is
// nil if e cannot be encoded.
func (e Event) Variables() []Variable {
	if s, ok := e.survey(); ok {
		return s.variables()
	}
	data, err := e.EncodeData()
	if err != nil || check(data) != nil {
		return nil
	}
	var l leaves
	l.add(trim(data), "")
	return l.found
}

// Lookup returns the value at path in e's data, as [Find] does.
func (e Event) Lookup(path string) (json.RawMessage, bool) {
	data, err := e.EncodeData()
	if err != nil {
		return nil, false
	}
	return Find(data, path)
}

// leaves collects the fields of data, each path once.
type leaves struct {
	found []Variable
	at    map[string]int
}

func (l *leaves) add(value []byte, path string) {
	object, empty := value[0] == '{', true
	if object {
		for quoted, v := range members(value) {
			key, err := unquote(quoted)
			if err != nil {
				continue
			}
			empty = false
			l.add(v, joinPath(path, key))
		}
	}
	if path == "" || object && !empty {
		return
	}
	v := Variable{
		Variable: labels.Variable{ID: path, Kind: labels.Field, Name: path},
		Type:     jsonType(value),
		Value:    value,
		Text:     textOf(value),
	}
	if i, twice := l.at[path]; twice {
		l.found[i] = v
		return
	}
	if l.at == nil {
		l.at = map[string]int{}
	}
	l.at[path] = len(l.found)
	l.found = append(l.found, v)
}

// textOf returns value as a reader sees it.
func textOf(value []byte) string {
	if text, err := unquote(value); err == nil {
		return text
	}
	if isNull(value) {
		return ""
	}
	return string(value)
}

func (s *SurveyResponseCompleted) variables() []Variable {
	found := make([]Variable, 0, len(s.Answers)+len(s.Background))
	for _, a := range labelled(s.Answers, labels.Question) {
		found = append(found, a.variable(labels.Question))
	}
	for _, a := range labelled(s.Background, labels.Background) {
		found = append(found, a.variable(labels.Background))
	}
	return found
}

func (a Answer) variable(kind labels.Kind) Variable {
	v := Variable{
		Variable: labels.Variable{ID: a.VariableID, Kind: kind, Name: a.Label},
		Type:     a.Type,
		Value:    a.Value,
	}
	if len(v.Value) == 0 {
		v.Value = json.RawMessage("null")
	}
	if a.Text != nil {
		v.Text = *a.Text
	}
	return v
}
