package events

import "encoding/json"

// Campaign is a series of e-mails.
type Campaign struct {
	ID          json.Number `json:"id"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	Object
}

// CampaignFinished is the payload of contact.campaign.finished.
type CampaignFinished struct {
	Campaign Campaign `json:"campaign"`
	Contact  Contact  `json:"contact"`
	Object
}

// EventType returns "contact.campaign.finished".
func (CampaignFinished) EventType() string { return "contact.campaign.finished" }

func (c CampaignFinished) respondent() Respondent { return c.Contact.respondent() }

// SentEmail is an e-mail that was sent to a contact.
type SentEmail struct {
	ID      json.Number `json:"id"`
	Subject string      `json:"subject"`
	Object
}

// EmailOpened is the payload of contact.email.opened. Mail programs that load images
// by themselves count as readers, so it is a hint.
type EmailOpened struct {
	SentEmail SentEmail `json:"sent_email"`
	Contact   Contact   `json:"contact"`
	Object
}

// EventType returns "contact.email.opened".
func (EmailOpened) EventType() string { return "contact.email.opened" }

func (e EmailOpened) respondent() Respondent { return e.Contact.respondent() }

// EmailLinkClicked is the payload of contact.email_link.clicked.
type EmailLinkClicked struct {
	SentEmail SentEmail `json:"sent_email"`
	Contact   Contact   `json:"contact"`
	Object
}

// EventType returns "contact.email_link.clicked".
func (EmailLinkClicked) EventType() string { return "contact.email_link.clicked" }

func (e EmailLinkClicked) respondent() Respondent { return e.Contact.respondent() }
