package automation

import (
	"strings"

	"github.com/tenterhook/tenterhook/events"
)

// Trigger says which events of the account concern an automation.
type Trigger struct {
	// Types are event types; a last part "*" stands for one or more parts, as in "contact.*", and "*" alone for all types. A
	// type that the catalogue does not have is permitted, but has no sample to test with.
	Types []string `json:"types,omitempty"`
	// Survey narrows survey events to one survey, by its id; default: any.
	Survey string `json:"survey,omitempty"`
	// Filter is a condition on the event's variables, or on the fields of a request; default: none.
	Filter *Condition `json:"filter,omitempty"`
	// Incoming has it triggered by requests instead of events: Types is then empty, and Survey the one that people are invited
	// to; default: nil.
	Incoming *Incoming `json:"incoming,omitempty"`
}

// Matches tells whether ev concerns an automation with this trigger.
func (t Trigger) Matches(ev events.Event) bool {
	return t.matches(newSubject(ev))
}

func (t Trigger) matches(s *subject) bool {
	if !t.Wants(s.event.Type) || t.Survey != "" && s.isSurvey() && s.survey != t.Survey {
		return false
	}
	return t.Filter == nil || t.Filter.holds(s)
}

// Wants tells whether events of this type can concern it.
func (t Trigger) Wants(eventType string) bool {
	for _, pattern := range t.Types {
		if glob(pattern, eventType) {
			return true
		}
	}
	return false
}

// glob matches a type name against a pattern whose last part may be "*".
func glob(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix) && len(name) > len(prefix)
	}
	return pattern == name
}

// isPattern accepts names of ASCII letters, digits, hyphens and underscores parted by dots, the last of which may be "*",
// and "*" alone.
func isPattern(pattern string) bool {
	parts := strings.Split(pattern, ".")
	for i, p := range parts {
		last := i == len(parts)-1
		if p == "*" && last {
			continue
		}
		if p == "" || strings.Trim(p, letters+digits+"_-") != "" {
			return false
		}
	}
	return len(pattern) <= MaxType
}
