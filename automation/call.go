package automation

import (
	"errors"
	"fmt"
	"time"
)

// CallName is the name of a URL webhook, and the action of its runs.
type CallName string

// The names of URL webhooks.
const (
	UpdateRespondent      CallName = "update-respondent"
	AddRespondent         CallName = "add-respondent"
	SendInvitation        CallName = "send-invitation"
	SendInvitationToToken CallName = "send-invitation-to-token"
)

// What a call can be refused for.
var (
	ErrCallName  = errors.New("unknown webhook name")
	ErrParameter = errors.New("parameter")
)

// CallError is why a call cannot be done: ErrCallName, or ErrParameter for one parameter. Its text, made for the answer, repeats
// no value.
type CallError struct {
	Parameter string // its name; "" when the call itself is not known
	Rule      error
	Message   string // which, what is wrong, what to do
}

// Error returns the message.
func (e *CallError) Error() string { return e.Message }

// Unwrap returns the rule.
func (e *CallError) Unwrap() error { return e.Rule }

// Call is a call of a URL webhook by its name (SPEC I8), with its parameters read.
type Call struct {
	Name       CallName
	Survey     string
	Respondent Respondent    // of update-respondent and add-respondent
	Invitation Invitation    // of send-invitation and send-invitation-to-token
	Delay      time.Duration // until the invitation
	Reminder   *Reminder     // of send-invitation, After the invitation; nil: none
}

// Success is what the caller is told when its call was taken.
func (n CallName) Success() string {
	switch n {
	case UpdateRespondent:
		return "Respondent has been updated on the survey's mailing list"
	case AddRespondent:
		return "Respondent has been added to the survey's mailing list"
	}
	return "Invitation has been scheduled"
}

// PlanCall returns the runs that a call makes, with the call's name for action: one, and one more, named with [ReminderSuffix],
// for a reminder. Id is that of the request: the same one makes the same runs. A disabled automation makes none unless it
// records what happens meanwhile.
func (a Automation) PlanCall(id string, c Call) ([]Planned, error) {
	if in := a.Trigger.Incoming; in == nil || !in.URLWebhooks {
		return nil, fmt.Errorf("plan call: automation %q takes no calls of URL webhooks: %w", a.ID, ErrTrigger)
	}
	if !a.Enabled() && !a.RecordDisabled {
		return nil, nil
	}
	var planned []Planned
	for _, e := range c.errands(a.Account) {
		p, err := a.planErrand(id, e)
		if err != nil {
			return nil, err
		}
		planned = append(planned, p)
	}
	return planned, nil
}

// errands returns what a call has the host do.
func (c Call) errands(account string) []errand {
	e := errand{action: string(c.Name), eventType: CallType, delay: c.Delay}
	if c.Name == UpdateRespondent || c.Name == AddRespondent {
		change := c.Respondent
		change.Account = account
		e.who, e.message = change.who(), change
		return []errand{e}
	}
	invitation := c.Invitation
	invitation.Account = account
	e.who, e.message = invitation.who(), invitation
	if c.Reminder == nil {
		return []errand{e}
	}
	return []errand{e, e.remind(*c.Reminder)}
}
