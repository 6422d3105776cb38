package automation

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
)

// MaxMessage is the largest message in bytes.
const MaxMessage = 1 << 20

// What an event can be refused for.
var (
	ErrIncomplete = errors.New("event is incomplete")
	ErrMalformed  = errors.New("event is malformed")
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
	s := newSubject(ev.Redacted())
	concerned := concern(automations, s)
	if len(concerned) == 0 {
		return nil, nil
	}
	r := newRenderer(s, data)
	planned := make([]Planned, 0, len(concerned))
	for _, a := range concerned {
		for _, act := range a.Actions {
			if act.Push == nil {
				continue // of a kind that a later version saved
			}
			p, err := r.plan(a, act)
			if err != nil {
				return nil, fmt.Errorf("render event %q for automation %q: %w", ev.ID, a.ID, err)
			}
			planned = append(planned, p)
		}
	}
	return planned, nil
}

// concern returns the automations that make runs of s.
func concern(automations []Automation, s *subject) []*Automation {
	var found []*Automation
	for i := range automations {
		a := &automations[i]
		mine := a.Account == s.event.Account.ID && !a.Deleted && a.Trigger.Incoming == nil
		if mine && (a.Enabled() || a.RecordDisabled) && a.Trigger.matches(s) {
			found = append(found, a)
		}
	}
	return found
}

func (r *renderer) plan(a *Automation, act Action) (Planned, error) {
	m, err := r.render(act.Push.Body)
	if err != nil {
		return Planned{}, err
	}
	url, warnings := r.url(act.Push.URL)
	ev := &r.subject.event
	id := runID(a.Account, ev.ID, a.ID, act.ID)
	var held runs.Hold
	if !a.Enabled() {
		held = runs.HoldDisabled
	}
	return Planned{
		Delay: act.begin(),
		Run: runs.Run{
			ID: id, Account: a.Account, Automation: a.ID, Action: act.ID,
			Event: ev.ID, EventType: ev.Type, Respondent: r.respondent,
			URL: url, Message: m.body, Warnings: slices.Concat(m.warnings, warnings), Held: held,
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
	if err := ev.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
