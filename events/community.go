package events

import "encoding/json"

// Community is a place where contacts talk with each other.
type Community struct {
	ID          json.Number `json:"id"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	Object
}

// CommunityJoined is the payload of contact.community.joined.
type CommunityJoined struct {
	Community Community `json:"community"`
	Contact   Contact   `json:"contact"`
	Role      string    `json:"role"` // "member", "moderator", …
	Object
}

// EventType returns "contact.community.joined".
func (CommunityJoined) EventType() string { return "contact.community.joined" }

func (c CommunityJoined) respondent() Respondent { return c.Contact.respondent() }
