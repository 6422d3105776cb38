package automation

import "github.com/tenterhook/tenterhook/webhook/signature"

// Incoming has an automation triggered by requests of others instead of events: what data it takes, and whom it believes
// besides those who have one of its API keys (SPEC I1, I2).
type Incoming struct {
	// Fields are the data fields that it takes; what else a request holds is ignored.
	Fields []Field `json:"fields,omitempty"`
	// Schemes and Secrets let a sender sign requests instead of showing a key; default: keys only.
	Schemes []signature.Scheme `json:"schemes,omitempty"`
	Secrets Secrets            `json:"secrets,omitempty"`
	// QueryKey also takes the API key from the query, as "api_key", for senders that can do no better; default: false.
	QueryKey bool `json:"query_key,omitempty"`
	// URLWebhooks takes calls by name (SPEC I8) instead of fields. Such an automation has no fields and no actions: each
	// call is an action of its own; default: false.
	URLWebhooks bool `json:"url_webhooks,omitempty"`
	// Anonymous is for an anonymous survey: runs are shown as Anonymous, and name and address stand only in the message, for the
	// inviter (SPEC S8); default: false.
	Anonymous bool `json:"anonymous,omitempty"`
}

// Field is one data field of an incoming automation.
type Field struct {
	// Name is the field's path in JSON data, as "contact.email" or "items.0.sku"; in a form or query it is the parameter's name.
	Name string    `json:"name"`
	Type FieldType `json:"type"`
	// Required refuses requests without it; default: false.
	Required bool `json:"required,omitempty"`
	// Excluded checks the field and lets filters see it, but passes it on to nobody; default: false.
	Excluded bool `json:"excluded,omitempty"`
	// Variable is the id of the trigger's survey variable that the value goes to; default: none, it is skipped (SPEC I3).
	Variable string `json:"variable,omitempty"`
}

// FieldType is the type that a field's values have, or are converted to where nothing has to be guessed.
type FieldType string

// The types of fields.
const (
	TypeText    FieldType = "text"
	TypeNumber  FieldType = "number"  // JSON number, all digits kept
	TypeBoolean FieldType = "boolean" // true or false
	TypeDate    FieldType = "date"    // full-date or date-time of RFC 3339
	TypeEmail   FieldType = "email"   // one address, name@example.com
	TypeList    FieldType = "list"    // of texts, numbers and booleans
)
