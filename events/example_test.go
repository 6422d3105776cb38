package events_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tenterhook/tenterhook/events"
)

func ExampleNew() {
	e := events.New("acct_1", events.TagAdded{
		Tag: events.Tag{ID: "12", Name: "Customer"},
		Contact: events.Contact{
			ID:     "7",
			Email:  "ada@example.com",
			Fields: events.Fields{"first_name": "Ada"},
		},
	})
	text, err := e.Encode()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(text))
	// Output:
	// {"type":"contact.tag.added","data":{"tag":{"id":12,"name":"Customer"},"contact":{"id":7,"email":"ada@example.com","fields":{"first_name":"Ada"},"ip":null,"referred_by_contact_id":null,"referred_by_contact_email":null}},"account":{"id":"acct_1","email":""}}
}

func ExampleDecode() {
	e, err := events.Decode([]byte(`{
		"type": "contact.course.enrolled",
		"data": {"course": {"id": 9007199254740993, "name": "Knots"}, "contact": {"email": "ada@example.com"}}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	switch data := e.Data.(type) {
	case events.CourseEnrolled:
		fmt.Println(data.Contact.Email, "takes course", data.Course.ID)
	case events.Raw:
		fmt.Println("unknown type", data.Name)
	}
	// Output: ada@example.com takes course 9007199254740993
}

func ExampleValidate() {
	err := events.Validate([]byte(`{
		"type": "contact.tag.added",
		"data": {"tag": {"id": "12", "name": "Customer"}, "contact": {"id": 7, "fields": []}}
	}`))
	if invalid, ok := errors.AsType[*events.ValidationError](err); ok {
		for _, v := range invalid.Violations {
			fmt.Println(v.Pointer, v.Message)
		}
	}
	// Output:
	// /data/contact missing properties: 'email'
	// /data/tag/id expected number, but got string
}

// Shipment is a payload of the host's own.
type Shipment struct {
	Order   json.Number `json:"order"`
	Carrier string      `json:"carrier"`
	events.Object
}

// EventType returns "order.shipped".
func (Shipment) EventType() string { return "order.shipped" }

// MarshalJSON keeps unknown keys.
func (s Shipment) MarshalJSON() ([]byte, error) { return events.Marshal(s) }

// UnmarshalJSON keeps unknown keys.
func (s *Shipment) UnmarshalJSON(b []byte) error { return events.Unmarshal(b, s) }

func ExampleCatalogue_Register() {
	catalogue := events.Standard()
	err := catalogue.Register(events.Type{
		Description: "A parcel left the warehouse.",
		Prototype:   Shipment{Order: "4711", Carrier: "Post"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := catalogue.Decode([]byte(`{"type":"order.shipped","data":{"order":5,"carrier":"Rail","track":"x1"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	shipment := e.Data.(Shipment)
	fmt.Println(shipment.Order, shipment.Carrier, string(shipment.Extra["track"]))
	fmt.Println(catalogue.Validate([]byte(`{"type":"order.shipped","data":{"order":5}}`)))
	// Output:
	// 5 Rail "x1"
	// validate event: at "/data": missing properties: 'carrier'
}

func ExampleEvent_Variables() {
	e := events.New("acct_1", events.EmailLinkClicked{
		SentEmail: events.SentEmail{ID: "3", Subject: "Hello"},
		Contact:   events.Contact{ID: "7", Email: "ada@example.com"},
	})
	for _, v := range e.Variables()[:4] {
		fmt.Println(v.ID, v.Type, v.Text)
	}
	// Output:
	// sent_email.id number 3
	// sent_email.subject string Hello
	// contact.id number 7
	// contact.email string ada@example.com
}
