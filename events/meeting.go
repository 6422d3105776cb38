package events

import "encoding/json"

// Meeting is an appointment between a contact and a host.
type Meeting struct {
	ID       json.Number `json:"id"`
	Name     string      `json:"name"`
	StartsAt Time        `json:"starts_at"`
	EndsAt   Time        `json:"ends_at"`
	TimeZone string      `json:"time_zone"` // the contact's, as in the IANA database
	Location *string     `json:"location"`  // an address, a phone number or a URL
	Host     MeetingHost `json:"host"`
	Object
}

// MeetingHost is the person whom the contact meets.
type MeetingHost struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Object
}

// MeetingBooked is the payload of contact.meeting.booked.
type MeetingBooked struct {
	Meeting Meeting `json:"meeting"`
	Contact Contact `json:"contact"`
	Note    *string `json:"note"` // what the contact wrote when booking
	Object
}

// EventType returns "contact.meeting.booked".
func (MeetingBooked) EventType() string { return "contact.meeting.booked" }

func (m MeetingBooked) respondent() Respondent { return m.Contact.respondent() }
