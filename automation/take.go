package automation

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// The types of events that requests are, in the runs that they make.
const (
	RequestType = "incoming.request" // of an incoming automation with fields
	CallType    = "incoming.call"    // of a URL webhook
)

// ReminderSuffix ends the action of a run that reminds: "1.reminder" is the reminder of action "1".
const ReminderSuffix = ".reminder"

// Intake is what a request becomes: what a dry run shows, and the runs to create (SPEC I4, I6).
type Intake struct {
	Fields []Taken // those declared, in their order
	// Unmet says which condition of the filter does not hold, in words without a value of the request; "": they all do.
	Unmet string
	// Runs are to be created: one for each action, and one for its reminder. None if the filter does not hold, or the automation
	// is disabled and does not record what happens meanwhile.
	Runs []Planned
}

// Taken is what one field of a request became.
type Taken struct {
	Field    string          // its name
	Given    json.RawMessage // as it came; nil: it did not, or was null
	Value    json.RawMessage // what it was converted to; nil: it did not come
	Variable string          // where it goes; "": nowhere
}

// Taker takes the requests of one automation. Make it with NewTaker, keep it as long as the automation stays as it is, use it
// from any goroutine.
type Taker struct {
	automation Automation
	data, form func() (*jsonschema.Schema, error) // of the fields
}

// NewTaker returns a Taker. It makes a schema of the fields when one is first needed, which costs as much as many requests.
func NewTaker(a Automation) *Taker {
	t := Taker{automation: a}
	if in := a.Trigger.Incoming; in != nil {
		t.data = sync.OnceValues(func() (*jsonschema.Schema, error) { return compileSchema(in.schema(split)) })
		t.form = sync.OnceValues(func() (*jsonschema.Schema, error) { return compileSchema(in.schema(flat)) })
	}
	return &t
}

// Take is [Taker.Take] of a Taker made for one request.
func (a Automation) Take(r Request) (Intake, error) { return NewTaker(a).Take(r) }

// Take returns what a request becomes. It is a pure function: the same request and automation give the same runs, ids
// included. A request that does not fit the fields is a [*RequestError], and nothing of it is taken; one whose invitation would
// be larger than MaxMessage wraps ErrTooLarge.
func (t *Taker) Take(r Request) (Intake, error) {
	a, in := t.automation, t.automation.Trigger.Incoming
	if in == nil || in.URLWebhooks {
		return Intake{}, fmt.Errorf("take request: automation %q takes no requests with fields: %w", a.ID, ErrTrigger)
	}
	got := in.receive(r)
	converted, err := got.convert()
	if err == nil {
		err = t.judge(got)
	}
	if err != nil {
		return Intake{}, err
	}
	taken := intakeOf(got, converted)
	if c := a.Trigger.Filter; c != nil {
		taken.Unmet = c.unmet(fieldValues{in.Fields, converted}, "/trigger/filter")
	}
	if taken.Unmet == "" && (a.Enabled() || a.RecordDisabled) {
		taken.Runs, err = a.invitations(r.ID, taken.Fields)
	}
	return taken, err
}

// judge reports what the schema of the fields refuses. That is nothing of what was converted: schema and conversion are one table,
// and each is the other's proof.
func (t *Taker) judge(r received) error {
	compiled := t.data
	if r.form {
		compiled = t.form
	}
	s, err := compiled()
	if err != nil {
		return fmt.Errorf("take request: compile schema of automation %q: %w", t.automation.ID, err)
	}
	var vs violations
	for _, at := range refusedAt(s.Validate(r.data)) {
		vs.add(at, ErrField, "it does not fit the JSON Schema of the fields: send what that takes")
	}
	if len(vs) > 0 {
		return &RequestError{vs}
	}
	return nil
}

func intakeOf(r received, converted []any) Intake {
	var taken Intake
	for i, f := range r.fields {
		t := Taken{Field: f.Name, Variable: f.Variable}
		if r.given[i] != nil {
			t.Given, t.Value = encode(r.given[i]), encode(converted[i])
		}
		taken.Fields = append(taken.Fields, t)
	}
	return taken
}

// fieldValues is what a filter sees of a request.
type fieldValues struct {
	fields    []Field
	converted []any
}

func (v fieldValues) get(id string) any {
	for i, f := range v.fields {
		if f.Name == id {
			return v.converted[i]
		}
	}
	return nil
}

// invitations returns the runs that a request makes of the automation's actions.
func (a Automation) invitations(request string, fields []Taken) ([]Planned, error) {
	from := Invitation{Account: a.Account, Survey: a.Trigger.Survey, Fields: map[string]json.RawMessage{}}
	for i, f := range a.Trigger.Incoming.Fields {
		if f.Excluded || fields[i].Value == nil {
			continue
		}
		from.Fields[f.Name] = fields[i].Value
		if f.Variable != "" {
			from.Variables = append(from.Variables, Assignment{f.Variable, fields[i].Value})
		}
	}
	var planned []Planned
	for _, act := range a.Actions {
		for _, e := range act.errands(from) {
			p, err := a.planErrand(request, e)
			if err != nil {
				return nil, err
			}
			planned = append(planned, p)
		}
	}
	return planned, nil
}

// errands returns the invitation of an action, and its reminder.
func (act Action) errands(from Invitation) []errand {
	if act.Invite == nil {
		return nil // of a kind that a later version saved
	}
	first := act.Invite.address(from)
	all := []errand{{action: act.ID, eventType: RequestType, delay: act.begin(), who: first.who(), message: first}}
	if r := act.Invite.Reminder; r != nil {
		all = append(all, all[0].remind(*r))
	}
	return all
}
