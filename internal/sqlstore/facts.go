package sqlstore

import (
	"encoding/json"
	"strings"

	"github.com/tenterhook/tenterhook/runs"
)

// facts is what of a run is only ever shown.
type facts struct {
	ID        string   `json:"id,omitempty"`
	FirstName string   `json:"first,omitempty"`
	LastName  string   `json:"last,omitempty"`
	Email     string   `json:"email,omitempty"`
	Anonymous bool     `json:"anonymous,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
}

// Facts returns as JSON what of a run is only ever shown; "" when there is none.
func Facts(r runs.Run) string {
	who := r.Respondent
	if who == (runs.Respondent{}) && len(r.Warnings) == 0 {
		return ""
	}
	doc, _ := json.Marshal(facts{who.ID, who.FirstName, who.LastName, who.Email, who.Anonymous, r.Warnings}) // cannot fail
	return string(doc)
}

// readFacts reads what Facts wrote. What cannot be read is shown as it is, and keeps no run from being sent or erased.
func readFacts(doc string) (runs.Respondent, []string) {
	if doc == "" {
		return runs.Respondent{}, nil
	}
	var f facts
	if json.Unmarshal([]byte(doc), &f) != nil {
		return runs.Respondent{}, []string{doc}
	}
	return runs.Respondent{ID: f.ID, FirstName: f.FirstName, LastName: f.LastName, Email: f.Email, Anonymous: f.Anonymous}, f.Warnings
}

// Mention returns a run of which only what may mention a person is known, its attempts aside.
func Mention(event, url, doc string, message []byte) runs.Run {
	r := runs.Run{Event: event, URL: url, Message: message}
	r.Respondent, r.Warnings = readFacts(doc)
	return r
}

// MentionOf returns a run of which only an attempt is known; one that cannot be read is looked at as text.
func MentionOf(attempt []byte) runs.Run {
	var a runs.Attempt
	if json.Unmarshal(attempt, &a) != nil {
		a = runs.Attempt{Detail: string(attempt)}
	}
	return runs.Run{Attempts: []runs.Attempt{a}}
}

// Person returns what a search for a person looks through; "" when nothing is known.
func Person(who runs.Respondent) string {
	name := who.Name()
	if name == "" && who.Email == "" {
		return ""
	}
	return strings.ToLower(name + "\n" + who.Email)
}
