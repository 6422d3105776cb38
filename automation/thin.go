package automation

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/tenterhook/tenterhook/events"
)

// thin returns ev with nothing but ids: for data its own id, as event_id, and those that data holds; the account without
// its e-mail address; no unknown keys.
func thin(ev events.Event) (events.Event, error) {
	data, err := ev.EncodeData()
	if err != nil {
		return events.Event{}, err
	}
	return events.Event{
		Type:      ev.Type,
		Data:      events.Raw{Name: ev.Type, JSON: ids(ev.ID, data)},
		Account:   events.Account{ID: ev.Account.ID},
		CreatedAt: ev.CreatedAt,
	}, nil
}

// ids returns {"event_id": …} with the id of data and of each object in it, where data has them, in order of their keys.
func ids(event string, data []byte) json.RawMessage {
	const eventKey = "event_id"
	quoted, _ := json.Marshal(event) // a string cannot fail
	out := append(appendKey([]byte{'{'}, eventKey), quoted...)
	members := object(data)
	for _, key := range slices.Sorted(maps.Keys(members)) {
		value := members[key]
		switch id := object(value)["id"]; {
		case key == eventKey || !isWord(key):
		case key == "id" && isID(value):
			out = append(appendKey(append(out, ','), key), value...)
		case isID(id):
			out = appendKey(append(appendKey(append(out, ','), key), '{'), "id")
			out = append(append(out, id...), '}')
		}
	}
	return append(out, '}')
}

// object returns the members of a JSON object; none of anything else.
func object(value []byte) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(value, &members)
	return members
}

// isID accepts what identifies without telling more: a number, or a word that is no e-mail address.
func isID(value json.RawMessage) bool {
	switch id := decode(value).(type) {
	case json.Number:
		return true
	case string:
		return isWord(id)
	}
	return false
}

// isWord reports up to 128 printable ASCII characters, none of which parts words or an e-mail address.
func isWord(s string) bool {
	return s != "" && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '@' })
}
