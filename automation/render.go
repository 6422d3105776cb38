package automation

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
)

// renderer makes the messages of one event, each distinct one once.
type renderer struct {
	subject    *subject
	respondent runs.Respondent
	data       map[string]string // data labels by variable id
	words      *lexicon          // nil until a selection or macro needs it
	done       []message
}

// message is a rendered body and what had to be left out of it.
type message struct {
	of       Body
	body     []byte
	warnings []string
}

func newRenderer(s *subject, data map[string]string) *renderer {
	who := s.event.Respondent()
	return &renderer{
		subject: s, data: data,
		respondent: runs.Respondent{
			ID: who.ID, FirstName: who.FirstName, LastName: who.LastName, Email: who.Email, Anonymous: who.Anonymous,
		},
	}
}

func (r *renderer) render(b Body) (message, error) {
	for _, m := range r.done {
		if m.of.Form == b.Form && m.of.Labels == b.Labels && slices.Equal(m.of.Variables, b.Variables) {
			return m, nil
		}
	}
	m := message{of: b}
	ev := r.subject.event
	var err error
	switch b.Form {
	case Selected:
		var data json.RawMessage
		data, m.warnings = r.selected(b)
		ev.Data = events.Raw{Name: ev.Type, JSON: data}
	case Thin:
		if ev, err = thin(ev); err != nil {
			return message{}, err
		}
	}
	if m.body, err = ev.Encode(); err != nil {
		return message{}, err
	}
	if len(m.body) > MaxMessage {
		return message{}, fmt.Errorf("%w: it has %d bytes, at most %d are sent: publish less, or a link to it", ErrTooLarge, len(m.body), MaxMessage)
	}
	r.done = append(r.done, m)
	return m, nil
}

// selected returns {label: value, …} in the order of the selection, and a warning for each variable that is gone (SPEC S7).
func (r *renderer) selected(b Body) (json.RawMessage, []string) {
	r.subject.read()
	ids := b.Variables
	if len(ids) == 0 {
		for _, v := range r.subject.variables {
			ids = append(ids, v.ID)
		}
	}
	var warnings []string
	out := []byte{'{'}
	for _, id := range ids {
		value, ok := r.subject.values[id]
		if !ok {
			warnings = append(warnings, fmt.Sprintf("variable %q was left out: it no longer exists in what happened", id))
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(appendKey(out, r.label(id, b.Labels)), value...)
	}
	return append(out, '}'), warnings
}

func (r *renderer) label(id string, kind Labelling) string {
	of := r.lexicon().labels.Automatic
	if kind == Data {
		of = r.lexicon().labels.Data
	}
	label, _ := of(id) // every variable of an event has one
	return label
}

// lexicon returns what the event's variables are called.
func (r *renderer) lexicon() lexicon {
	if r.words == nil {
		r.subject.read()
		words := newLexicon(r.subject.variables, r.data)
		r.words = &words
	}
	return *r.words
}

func appendKey(out []byte, key string) []byte {
	quoted, _ := json.Marshal(key) // a string cannot fail
	return append(append(out, quoted...), ':')
}
