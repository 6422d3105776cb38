package automation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
)

// O1: a last part "*" stands for one or more parts.
func TestPatternsSelectEventTypes(t *testing.T) {
	for _, tt := range []struct {
		patterns string
		wants    string
		ignores  string
	}{
		{"contact.tag.added", "contact.tag.added", "contact.tag.removed contact.tag contact.tag.added.twice contact_tag_added"},
		{"contact.*", "contact.created contact.tag.added contact.a.b.c", "contact contact. contacts.created customer.contact.created"},
		{"contact.tag.*", "contact.tag.added contact.tag.removed", "contact.created contact.tags.added"},
		{"*", "contact.created survey.response.completed x", ""},
		{"contact.created customer.*", "contact.created customer.sale.completed", "contact.tag.added"},
		{"", "", "contact.created"},
	} {
		trigger := automation.Trigger{Types: strings.Fields(tt.patterns)}
		for _, name := range strings.Fields(tt.wants) {
			if !trigger.Wants(name) {
				t.Errorf("%q does not want %s", tt.patterns, name)
			}
		}
		for _, name := range strings.Fields(tt.ignores) {
			if trigger.Wants(name) {
				t.Errorf("%q wants %s", tt.patterns, name)
			}
		}
	}
}

func TestUnusablePatternsAreRefused(t *testing.T) {
	a := valid(t)
	a.Trigger.Types = []string{
		"*", "contact.*", "contact.tag.added", "Invoice.Paid_2", "some-thing.happened", strings.Repeat("a", 128), // these are usable
		"", ".", "contact.", ".contact", "contact..added", "contact*", "*.added", "contact.*.added", "**", "contact.**",
		"contact added", "contact.ädded", "contact/added", "contact.added\n", strings.Repeat("a", 129),
	}
	var want []string
	for i := 6; i < len(a.Trigger.Types); i++ {
		want = append(want, refusal(automation.ErrTrigger, "/trigger/types/%d", i))
	}
	mustRefuse(t, a, want...)
}

// A trigger may name a survey beside event types that know none.
func TestTriggerOfASurveyIgnoresOtherSurveys(t *testing.T) {
	encoded, err := identified(response()).EncodeData()
	if err != nil {
		t.Fatal(err)
	}
	mine, other, nameless := response(), response(), response()
	other.Survey.ID, nameless.Survey.ID = "sv_9", ""
	rawSurvey := events.Raw{Name: mine.EventType(), JSON: encoded}
	unreadable := events.Raw{Name: mine.EventType(), JSON: json.RawMessage("null")}
	trigger := automation.Trigger{Types: []string{"*"}, Survey: "sv_214"}
	for name, tt := range map[string]struct {
		payload events.Payload
		want    bool
	}{
		"its survey": {mine, true}, "another survey": {other, false}, "a survey without id": {nameless, false},
		"its survey, raw": {rawSurvey, true}, "an unreadable response": {unreadable, false}, "no survey": {tagAdded().Data, true},
	} {
		if got := trigger.Matches(identified(tt.payload)); got != tt.want {
			t.Errorf("%s: matches is %v, want %v", name, got, tt.want)
		}
	}
	if any := (automation.Trigger{Types: []string{"survey.*"}}); !any.Matches(identified(other)) {
		t.Error("a trigger without a survey ignores one")
	}
}

func TestFilterDecidesAfterTheType(t *testing.T) {
	trigger := automation.Trigger{
		Types:  []string{"contact.tag.added"},
		Filter: &automation.Condition{Field: "tag.name", Op: automation.StartsWith, Value: "Sail"},
	}
	if !trigger.Matches(tagAdded()) {
		t.Error("an event that fulfils the filter does not match")
	}
	trigger.Filter.Value = "Row"
	if trigger.Matches(tagAdded()) {
		t.Error("an event that does not fulfil the filter matches")
	}
}
