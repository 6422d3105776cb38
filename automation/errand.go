package automation

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// errand is what a run of a request has the host do.
type errand struct {
	action    string
	eventType string
	delay     time.Duration
	who       runs.Respondent
	message   any // Invitation or Respondent
}

// remind returns the errand that reminds of an invitation.
func (e errand) remind(r Reminder) errand {
	again := e.message.(Invitation) // nothing else is reminded of
	again.Reminder = true
	if r.Template != (Template{}) {
		again.Template = r.Template
	}
	e.action, e.delay, e.message = e.action+ReminderSuffix, e.delay+r.After, again
	return e
}

// planErrand returns the run of an errand that a request makes.
func (a Automation) planErrand(request string, e errand) (Planned, error) {
	message, err := json.Marshal(e.message)
	if err != nil {
		return Planned{}, fmt.Errorf("plan request: action %q: %w", e.action, err)
	}
	if len(message) > MaxMessage {
		return Planned{}, fmt.Errorf("plan request: action %q: %w: it has %d bytes, at most %d are kept: send less, or exclude fields",
			e.action, ErrTooLarge, len(message), MaxMessage)
	}
	event := requestID(a.Account, a.ID, request)
	p := Planned{Delay: e.delay, Run: runs.Run{
		ID: runID(a.Account, event, a.ID, e.action), Account: a.Account, Automation: a.ID, Action: e.action,
		Event: event, EventType: e.eventType, Respondent: e.who, Message: message,
	}}
	if in := a.Trigger.Incoming; in.Anonymous {
		p.Run.Respondent = runs.Respondent{Anonymous: true}
	}
	if !a.Enabled() {
		p.Run.Held = runs.HoldDisabled
	}
	return p, nil
}
