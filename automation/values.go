package automation

import (
	"bytes"
	"encoding/json"

	"github.com/tenterhook/tenterhook/events"
)

// subject is an event while it is being planned.
type subject struct {
	event  events.Event
	values *values
}

// values are an event's variables by id, read when a condition first asks for one.
type values struct {
	event events.Event
	byID  map[string]json.RawMessage
}

func newValues(ev events.Event) *values { return &values{event: ev} }

// get returns a variable's value as JSON decodes it; nil when it is absent or null.
func (v *values) get(id string) any {
	if v.byID == nil {
		v.byID = map[string]json.RawMessage{}
		for _, each := range v.event.Variables() {
			v.byID[each.ID] = each.Value
		}
	}
	if raw, ok := v.byID[id]; ok {
		return decode(raw)
	}
	return nil
}

func decode(raw []byte) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out any
	if d.Decode(&out) != nil {
		return nil
	}
	return out
}
