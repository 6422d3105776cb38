package events

import "encoding/json"

// Funnel is a chain of pages.
type Funnel struct {
	ID   json.Number `json:"id"`
	Name string      `json:"name"`
	Object
}

// FunnelStep is one page of a funnel.
type FunnelStep struct {
	ID     json.Number `json:"id"`
	Name   string      `json:"name"`
	Type   string      `json:"type"` // "squeeze", "offer-form", …
	Funnel Funnel      `json:"funnel"`
	Object
}

// Blog is a blog that has pages.
type Blog struct {
	ID   json.Number `json:"id"`
	Name string      `json:"name"`
	Object
}

// PageModel is one page of a blog.
type PageModel struct {
	ID   json.Number `json:"id"`
	Name string      `json:"name"`
	Blog Blog        `json:"blog"`
	Object
}

// OptinCompleted is the payload of contact.optin.completed. It has one of two
// shapes: an opt-in on a funnel step or on a blog page.
type OptinCompleted struct {
	FunnelStep *FunnelStep `json:"funnel_step,omitzero"`
	PageModel  *PageModel  `json:"page_model,omitzero"`
	Contact    Contact     `json:"contact"`
	Object
}

// EventType returns "contact.optin.completed".
func (OptinCompleted) EventType() string { return "contact.optin.completed" }

func (o OptinCompleted) respondent() Respondent { return o.Contact.respondent() }

// PageVisited is the payload of contact.page.visited.
type PageVisited struct {
	FunnelStep FunnelStep `json:"funnel_step"`
	Contact    Contact    `json:"contact"`
	Object
}

// EventType returns "contact.page.visited".
func (PageVisited) EventType() string { return "contact.page.visited" }

func (p PageVisited) respondent() Respondent { return p.Contact.respondent() }

// Webinar is a live or recorded talk that starts from a funnel step.
type Webinar struct {
	ID         json.Number `json:"id"`
	Duration   string      `json:"duration"` // seconds, as text
	FunnelStep FunnelStep  `json:"funnel_step"`
	Object
}

// WebinarRegistered is the payload of contact.webinar.registered.
type WebinarRegistered struct {
	Webinar      Webinar `json:"webinar"`
	Contact      Contact `json:"contact"`
	RegisteredAt Time    `json:"registered_at"`
	ScheduledAt  Time    `json:"scheduled_at"` // when the webinar starts
	Object
}

// EventType returns "contact.webinar.registered".
func (WebinarRegistered) EventType() string { return "contact.webinar.registered" }

func (w WebinarRegistered) respondent() Respondent { return w.Contact.respondent() }
