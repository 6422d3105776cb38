package automation

import (
	"errors"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
)

// MaxMessage is the largest message in bytes.
const MaxMessage = 1 << 20

// What an event can be refused for.
var (
	ErrIncomplete = errors.New("event is incomplete")
	ErrTooLarge   = errors.New("message is too large")
)

// Planned is a run that an event makes, and how long after the event it is to be done.
type Planned struct {
	Run   runs.Run
	Delay time.Duration
}

// Plan returns the runs that ev makes of automations: one for each action of each enabled automation whose trigger
// matches. Data holds the data labels of the event's survey by variable id; nil for none.
//
// It is a pure function: the same event and automations give the same runs, ids included, in the same order. Runs with
// equal messages share the bytes of one. The event needs its id, type, account and creation time.
func Plan(ev events.Event, automations []Automation, data map[string]string) ([]Planned, error) {
	if err := complete(ev); err != nil {
		return nil, err
	}
	ev = ev.Redacted()
	s := subject{event: ev, values: newValues(ev)}
	r := newRenderer(ev, data)
	var planned []Planned
	for _, a := range automations {
		if a.Account != ev.Account.ID || !a.Enabled() && !a.RecordDisabled || a.Deleted || !a.Trigger.matches(s) {
			continue
		}
		for _, act := range a.Actions {
			p, err := plan(ev, a, act, r)
			if err != nil {
				return nil, err
			}
			planned = append(planned, p)
		}
	}
	return planned, nil
}

func plan(ev events.Event, a Automation, act Action, r *renderer) (Planned, error) {
	m, err := r.render(act.Push.Body)
	if err != nil {
		return Planned{}, fmt.Errorf("render event %q for automation %q: %w", ev.ID, a.ID, err)
	}
	id := runID(ev.Account.ID, ev.ID, a.ID, act.ID)
	wait, _ := act.Push.Retry.Wait(id, 0)
	var held runs.Hold
	if !a.Enabled() {
		held = runs.HoldDisabled
	}
	return Planned{
		Delay: act.Delay + wait,
		Run: runs.Run{
			ID: id, Account: ev.Account.ID, Automation: a.ID, Action: act.ID,
			Event: ev.ID, EventType: ev.Type, Respondent: r.respondent,
			URL: act.Push.URL, Message: m.body, Warnings: m.warnings, Held: held,
		},
	}, nil
}

func complete(ev events.Event) error {
	switch {
	case ev.Account.ID == "":
		return fmt.Errorf("%w: it names no account: make it with events.New(account, payload)", ErrIncomplete)
	case ev.Type == "" || ev.Data == nil:
		return fmt.Errorf("%w: it has no type or no data: make it with events.New(account, payload)", ErrIncomplete)
	case ev.ID == "" || ev.CreatedAt.IsZero():
		return fmt.Errorf("%w: it has no id or creation time: publish it, or set both", ErrIncomplete)
	}
	return nil
}
