package automation

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// Invite invites a person to the trigger's survey (SPEC I5).
type Invite struct {
	Recipient string `json:"recipient"`            // the field with the address to invite: included, required, of type email
	FirstName string `json:"first_name,omitempty"` // the field with the first name; default: none
	LastName  string `json:"last_name,omitempty"`  // the field with the last name; default: none

	Template Template `json:"template"`
	// Reminder invites once more; default: nil, once is enough.
	Reminder *Reminder `json:"reminder,omitempty"`
	// Timeout bounds an attempt; at most 30 s; default: 10 s.
	Timeout time.Duration `json:"timeout,omitempty"`
	// Retry says how often and when a failed attempt is repeated; default: ten attempts in about 75 hours.
	Retry runs.Policy `json:"retry,omitzero"`
}

// address returns the invitation that i makes of what a request holds.
func (i Invite) address(from Invitation) Invitation {
	text := func(field string) string {
		s, _ := decode(from.Fields[field]).(string)
		return s
	}
	from.Recipient, from.FirstName, from.LastName = text(i.Recipient), text(i.FirstName), text(i.LastName)
	from.Template = i.Template
	return from
}

// Reminder is a second invitation, some time after the first.
type Reminder struct {
	After    time.Duration `json:"after"`             // MinReminder to MaxDelay, from when the first one is due
	Template Template      `json:"template,omitzero"` // default: the first one's
}

// MinReminder is how soon after the first invitation the second can be.
const MinReminder = time.Minute

func (i Invite) validate(vs *violations, at string, in Incoming) {
	i.validateRecipient(vs, at, in)
	i.Template.validate(vs, at+"/template", in)
	if r := i.Reminder; r != nil {
		if r.After < MinReminder || r.After > MaxDelay {
			vs.add(at+"/reminder/after", ErrLimit, "%v is not a time to wait: use %v to %v", r.After, MinReminder, MaxDelay)
		}
		if r.Template != (Template{}) {
			r.Template.validate(vs, at+"/reminder/template", in)
		}
	}
	if i.Timeout < 0 || i.Timeout > MaxTimeout {
		vs.add(at+"/timeout", ErrLimit, "%v is not a timeout: use up to %v, or 0 for 10 s", i.Timeout, MaxTimeout)
	}
	if err := i.Retry.Validate(); err != nil {
		vs.add(at+"/retry", ErrPolicy, "%v", err)
	}
}

func (i Invite) validateRecipient(vs *violations, at string, in Incoming) {
	if f, ok := in.included(i.Recipient); !ok || f.Type != TypeEmail || !f.Required {
		vs.add(at+"/recipient", ErrField, "%.200q cannot be invited: name an included, required field of type %s", i.Recipient, TypeEmail)
	}
	for _, name := range []struct{ key, field string }{{"first_name", i.FirstName}, {"last_name", i.LastName}} {
		if f, ok := in.included(name.field); name.field != "" && (!ok || f.Type != TypeText) {
			vs.add(at+"/"+name.key, ErrField, "%.200q is no name: name an included field of type %s, or leave it out", name.field, TypeText)
		}
	}
}

// Invitation is what an inviter is given: the message of a run, as JSON.
type Invitation struct {
	Run       string                     `json:"-"` // the run's id, the same at every attempt: do not invite twice for it
	Account   string                     `json:"account"`
	Survey    string                     `json:"survey"`
	Recipient string                     `json:"recipient,omitempty"` // e-mail address
	Token     string                     `json:"token,omitempty"`     // of a respondent whom the host knows, instead of a recipient
	FirstName string                     `json:"first_name,omitempty"`
	LastName  string                     `json:"last_name,omitempty"`
	Template  Template                   `json:"template,omitzero"`
	Variables []Assignment               `json:"variables,omitempty"` // what the respondent's variables become, in the order of the fields
	Fields    map[string]json.RawMessage `json:"fields,omitempty"`    // values for the template, by field name
	Labels    map[string]string          `json:"labels,omitempty"`    // "l1" to "l10" of a URL webhook, those that were given
	Footer    string                     `json:"footer,omitempty"`
	Reminder  bool                       `json:"reminder,omitempty"` // it is a second one: leave out who has answered already
}

// who returns whom a run with this message is about. Lists show it, so names are cut to MaxName characters: the message has all of
// them.
func (i Invitation) who() runs.Respondent {
	return runs.Respondent{FirstName: beginning(i.FirstName), LastName: beginning(i.LastName), Email: i.Recipient}
}

func beginning(name string) string {
	all := []rune(name)
	return string(all[:min(len(all), MaxName)])
}

// Assignment is the value that a variable gets.
type Assignment struct {
	Variable string          `json:"variable"`
	Value    json.RawMessage `json:"value"`
}

// Respondent is a change to a survey's mailing list: the message of a run of update-respondent or add-respondent. What it does
// not name stays as it is.
type Respondent struct {
	Run      string            `json:"-"` // the run's id
	CalledAt time.Time         `json:"-"` // when the call was taken, by the store's clock
	Account  string            `json:"account"`
	Survey   string            `json:"survey"`
	ID       string            `json:"id,omitempty"`     // of whom to update; default: nobody is named, a new respondent gets the labels
	Email    string            `json:"email,omitempty"`  // of whom to add
	Labels   map[string]string `json:"labels,omitempty"` // "l1" to "l10", those that were given
}

// who returns whom a run with this message is about.
func (r Respondent) who() runs.Respondent { return runs.Respondent{ID: r.ID, Email: r.Email} }

// ErrRefused is wrapped by what a host's inviter or directory answers when trying again cannot help: an unknown survey,
// respondent or template. The text around it says which, and is shown to the account's people.
var ErrRefused = errors.New("refused")
