package events

import "encoding/json"

// Contact is the person that a contact.* event is about.
type Contact struct {
	ID                     json.Number  `json:"id"`
	Email                  string       `json:"email"`
	Fields                 Fields       `json:"fields"`
	IP                     *string      `json:"ip"`
	ReferredByContactID    *json.Number `json:"referred_by_contact_id"`
	ReferredByContactEmail *string      `json:"referred_by_contact_email"`
	Object
}

// ContactCreated is the payload of contact.created.
type ContactCreated struct {
	Contact Contact `json:"contact"`
	Source  *string `json:"source"` // "optin", "import", "manual", "api", …
	Object
}

// EventType returns "contact.created".
func (ContactCreated) EventType() string { return "contact.created" }

func (c ContactCreated) respondent() Respondent { return c.Contact.respondent() }

// Tag is a label that contacts can carry.
type Tag struct {
	ID   json.Number `json:"id"`
	Name string      `json:"name"`
	Object
}

// TagAdded is the payload of contact.tag.added.
type TagAdded struct {
	Tag     Tag     `json:"tag"`
	Contact Contact `json:"contact"`
	Object
}

// EventType returns "contact.tag.added".
func (TagAdded) EventType() string { return "contact.tag.added" }

func (t TagAdded) respondent() Respondent { return t.Contact.respondent() }

// TagRemoved is the payload of contact.tag.removed.
type TagRemoved struct {
	Tag     Tag     `json:"tag"`
	Contact Contact `json:"contact"`
	Object
}

// EventType returns "contact.tag.removed".
func (TagRemoved) EventType() string { return "contact.tag.removed" }

func (t TagRemoved) respondent() Respondent { return t.Contact.respondent() }
