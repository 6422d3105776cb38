package automation

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/runs"
)

// renderer makes the messages of one event, each distinct one once.
type renderer struct {
	event      events.Event
	respondent runs.Respondent
	data       map[string]string
	done       map[string]message
}

// message is a rendered body and what had to be left out of it.
type message struct {
	body     []byte
	warnings []string
}

func newRenderer(ev events.Event, data map[string]string) *renderer {
	who := ev.Respondent()
	return &renderer{
		event: ev, data: data, done: map[string]message{},
		respondent: runs.Respondent{
			ID: who.ID, FirstName: who.FirstName, LastName: who.LastName, Email: who.Email, Anonymous: who.Anonymous,
		},
	}
}

func (r *renderer) render(b Body) (message, error) {
	key := string(b.Form) + "\x00" + string(b.Labels) + "\x00" + strings.Join(b.Variables, "\x00")
	if m, ok := r.done[key]; ok {
		return m, nil
	}
	ev, warnings := r.event, []string(nil)
	if b.Form == Selected {
		data, missing := r.selected(b)
		ev.Data = events.Raw{Name: ev.Type, JSON: data}
		warnings = missing
	}
	body, err := ev.Encode()
	if err != nil {
		return message{}, err
	}
	if len(body) > MaxMessage {
		return message{}, fmt.Errorf("%w: it has %d bytes, at most %d are sent: publish less, or a link to it", ErrTooLarge, len(body), MaxMessage)
	}
	m := message{body: body, warnings: warnings}
	r.done[key] = m
	return m, nil
}

// selected returns {label: value, …} in the order of the selection, and a warning for each variable that is gone (SPEC S7).
func (r *renderer) selected(b Body) (json.RawMessage, []string) {
	vars := r.event.Variables()
	byID := make(map[string]events.Variable, len(vars))
	plain := make([]labels.Variable, len(vars))
	ids := make([]string, len(vars))
	for i, v := range vars {
		byID[v.ID], plain[i], ids[i] = v, v.Variable, v.ID
	}
	if len(b.Variables) > 0 {
		ids = b.Variables
	}
	set := labels.NewSet(plain, r.data)
	var warnings []string
	out := []byte{'{'}
	for _, id := range ids {
		v, ok := byID[id]
		if !ok {
			warnings = append(warnings, fmt.Sprintf("variable %q was left out: it no longer exists in what happened", id))
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(appendKey(out, label(set, id, b.Labels)), v.Value...)
	}
	return append(out, '}'), warnings
}

func label(set labels.Set, id string, kind Labelling) string {
	of := set.Automatic
	if kind == Data {
		of = set.Data
	}
	if l, ok := of(id); ok {
		return l
	}
	return id
}

func appendKey(out []byte, key string) []byte {
	quoted, _ := json.Marshal(key) // a string cannot fail
	return append(append(out, quoted...), ':')
}
