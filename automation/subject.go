package automation

import (
	"bytes"
	"encoding/json"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/labels"
)

// subject is an event while it is being planned. Its variables are read when something first asks for one.
type subject struct {
	event     events.Event
	survey    string                     // the id of the survey that it is a response to
	variables []labels.Variable          // in the order of the wire, each id once
	values    map[string]json.RawMessage // by variable id; nil until read
}

func newSubject(ev events.Event) *subject { return &subject{event: ev, survey: ev.SurveyID()} }

func (s *subject) isSurvey() bool {
	return s.event.Type == events.SurveyResponseCompleted{}.EventType()
}

func (s *subject) read() {
	if s.values != nil {
		return
	}
	all := s.event.Variables()
	s.variables = make([]labels.Variable, 0, len(all))
	s.values = make(map[string]json.RawMessage, len(all))
	for _, v := range all {
		if _, twice := s.values[v.ID]; !twice {
			s.variables = append(s.variables, v.Variable)
			s.values[v.ID] = v.Value
		}
	}
}

// get returns a variable's value as JSON decodes it; nil when it is absent or null.
func (s *subject) get(id string) any {
	s.read()
	return decode(s.values[id])
}

// decode returns the value of a JSON text, numbers as json.Number; nil when it is none.
func decode(raw []byte) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out any
	if d.Decode(&out) != nil {
		return nil
	}
	return out
}
