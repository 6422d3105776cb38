package events

import (
	"fmt"
	"reflect"
)

// Event is something that happened in one account: the envelope and its payload.
type Event struct {
	// ID is the host's id of the event, not on the wire: the same id published
	// twice makes no second run. Empty: drawn when published.
	ID string `json:"-"`
	// Type names the payload, as "contact.tag.added" does: what Data's EventType
	// returns.
	Type string `json:"type"`
	// Data is a struct of the type that the catalogue lists, or [Raw].
	Data    Payload `json:"data"`
	Account Account `json:"account,omitzero"`
	// CreatedAt is when it happened; zero: filled in when published.
	CreatedAt Time `json:"created_at,omitzero"`
	Object
}

// dataField is the position of Data among the fields on the wire.
const dataField = 1

// Account is the host's tenant that an event belongs to.
type Account struct {
	ID    string `json:"id,omitempty"` // the tenant's id
	Email string `json:"email"`        // the owner's address
	Object
}

// Payload is the data of an event: a struct, or a pointer to one, that embeds
// [Object] if unknown keys are to survive.
type Payload interface {
	// EventType returns the type of the events that carry the payload; it does
	// not depend on the payload's content.
	EventType() string
}

// New returns an event of that account, by its id, with p's type. Its ID and
// CreatedAt are left to whoever publishes it. Account.Email, which receivers see,
// is empty: set it where they want it.
func New(account string, p Payload) Event {
	return Event{Type: typeOf(p), Data: p, Account: Account{ID: account}}
}

func typeOf(p Payload) string {
	if v := reflect.ValueOf(p); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return ""
	}
	return p.EventType()
}

// Encode returns e as it goes on the wire: compact JSON without HTML escapes, the
// envelope's known keys first, the data of a [Raw] byte for byte.
func (e Event) Encode() ([]byte, error) {
	if err := e.agrees(); err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	return Marshal(&e)
}

// Check reports what can be known to keep e from being encoded without encoding
// it: data of another type, and the data of a [Raw] that is no JSON.
func (e Event) Check() error {
	if raw, ok := e.Data.(Raw); ok {
		if _, err := raw.MarshalJSON(); err != nil {
			return fmt.Errorf("check event: %w", within("data", err))
		}
	}
	if err := e.agrees(); err != nil {
		return fmt.Errorf("check event: %w", err)
	}
	return nil
}

func (e Event) agrees() error {
	if name := typeOf(e.Data); name != e.Type && name != "" && e.Type != "" {
		return fmt.Errorf("its type is %q but its data is of type %q; make them agree", e.Type, name)
	}
	return nil
}

// EncodeData returns e's data as [Event.Encode] writes it; null if it has none.
func (e Event) EncodeData() ([]byte, error) {
	if e.hasNoData() {
		return []byte("null"), nil
	}
	b, err := payloadCodec{}.append(nil, reflect.ValueOf(&e.Data).Elem())
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", within("data", err))
	}
	return b, nil
}

// MarshalJSON returns what [Event.Encode] does. Called through encoding/json, that
// package removes space from raw data and escapes HTML in it; Encode does not.
func (e Event) MarshalJSON() ([]byte, error) { return e.Encode() }

// UnmarshalJSON reads an event as [Decode] does.
func (e *Event) UnmarshalJSON(b []byte) error {
	decoded, err := Decode(b)
	if err == nil {
		*e = decoded
	}
	return err
}

// Decode reads an event from its JSON against the standard catalogue. The data of
// a type that is not in it becomes a [Raw]; errors are a [*DecodeError].
func Decode(b []byte) (Event, error) { return decode(b, standardType) }

// finder returns the type of that name.
type finder func(name string) (Type, bool)

func decode(b []byte, find finder) (Event, error) {
	var e Event
	if err := Unmarshal(b, &e); err != nil {
		return Event{}, err
	}
	if err := e.readData(find); err != nil {
		return Event{}, asDecodeError(within("data", err))
	}
	return e, nil
}

// readData replaces the Raw that the codec left in Data. Absent data of a known
// type is the zero payload.
func (e *Event) readData(find finder) error {
	raw, present := e.Data.(Raw)
	t, known := find(e.Type)
	if !known {
		e.Data = Raw{Name: e.Type, JSON: raw.JSON}
		return nil
	}
	if e.null&(1<<dataField) != 0 {
		return mismatch([]byte("null"), "an object")
	}
	payload := reflect.New(t.structType())
	if present {
		if err := readInto(raw.JSON, payload.Elem()); err != nil {
			return err
		}
	}
	if reflect.TypeOf(t.Prototype).Kind() != reflect.Pointer {
		payload = payload.Elem()
	}
	e.Data = payload.Interface().(Payload)
	return nil
}

// complete fills in the type of an event built in Go, and takes out the data that
// stands for none, so that it is absent or null as it was read.
func (e *Event) complete() any {
	if (e.Type != "" || e.decoded) && !e.hasNoData() {
		return e
	}
	done := *e
	if e.Type == "" && !e.decoded {
		done.Type = typeOf(e.Data)
	}
	if e.hasNoData() {
		done.Data = nil
	}
	return &done
}

func (e *Event) hasNoData() bool {
	if raw, ok := e.Data.(Raw); ok {
		return len(raw.JSON) == 0
	}
	v := reflect.ValueOf(e.Data)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	return e.absent&(1<<dataField) != 0 && v.IsValid() && v.IsZero()
}
