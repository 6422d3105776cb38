package automation

import (
	"encoding/json"
	"net/url"
)

// Request is what came in for an incoming automation: JSON, or the parameters of a form or query.
type Request struct {
	ID     string          // the sender's webhook-id or Idempotency-Key, or one that was drawn: the same one makes the same run
	JSON   json.RawMessage // one JSON value, with no key twice in an object; nil: Values count
	Values url.Values
}

// Intake is what a request becomes: what a dry run shows, and the runs to create (SPEC I4, I6).
type Intake struct {
	Fields []Taken // those declared, in their order
	// Unmet says which condition of the filter does not hold, in words; "": they all do, and Runs are to be made.
	Unmet string
	Runs  []Planned
}

// Taken is what one field of a request became.
type Taken struct {
	Field    string          // its name
	Given    json.RawMessage // as it came; nil: it did not
	Value    json.RawMessage // what it was converted to; nil: it did not come
	Variable string          // where it goes; "": nowhere
}

// Take returns what a request becomes. It is a pure function: the same request and automation give the same runs, ids
// included. A request that does not fit the fields is a [*RequestError], and nothing of it is taken.
func (a Automation) Take(r Request) (Intake, error) { panic("to be written") }

// Call is a call of a URL webhook by its name (SPEC I8), with its parameters read.
type Call struct {
	Name       CallName
	Survey     string
	Respondent Respondent // of update-respondent and add-respondent
	Invitation Invitation // of send-invitation and send-invitation-to-token
	Delay      int64      // nanoseconds
}

// CallName is the name of a URL webhook, and the action of its runs.
type CallName string

// The names of URL webhooks.
const (
	UpdateRespondent      CallName = "update-respondent"
	AddRespondent         CallName = "add-respondent"
	SendInvitation        CallName = "send-invitation"
	SendInvitationToToken CallName = "send-invitation-to-token"
)
