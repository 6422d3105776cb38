package events

import (
	"encoding/json"
	"slices"

	"github.com/tenterhook/tenterhook/labels"
)

// SurveyResponseCompleted is the payload of survey.response.completed: one
// respondent's answers to one survey.
type SurveyResponseCompleted struct {
	Survey Survey `json:"survey"`
	// Respondent is who answered; nil is written as null.
	Respondent  *SurveyRespondent `json:"respondent"`
	StartedAt   Time              `json:"started_at,omitzero"`
	CompletedAt Time              `json:"completed_at"`
	Answers     []Answer          `json:"answers"`    // in the survey's order, unanswered questions too
	Background  []Answer          `json:"background"` // the values of the background variables
	Object
}

// EventType returns "survey.response.completed".
func (SurveyResponseCompleted) EventType() string { return surveyType }

const surveyType = "survey.response.completed"

// Survey is the survey that was answered.
type Survey struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Anonymous bool   `json:"anonymous"` // nothing may tell who answered
	Object
}

// SurveyRespondent is who answered a survey, as far as is known.
type SurveyRespondent struct {
	ID        string `json:"id,omitzero"`
	FirstName string `json:"first_name,omitzero"`
	LastName  string `json:"last_name,omitzero"`
	Email     string `json:"email,omitzero"`
	Language  string `json:"language,omitzero"` // BCP 47
	Object
}

// Answer is the value of a question or a background variable.
type Answer struct {
	VariableID string `json:"variable_id"`
	// Label is the name that the host shows in its data downloads; empty in an
	// answer built in Go: the automatic label is written.
	Label string `json:"label"`
	Type  string `json:"type"` // the host's name of the question type
	// Value is the raw value: null if unanswered, an array in order for multiple
	// choice and ranking.
	Value json.RawMessage `json:"value"`
	Text  *string         `json:"text"` // what a reader sees; null if unanswered
	Object
}

func (s *SurveyResponseCompleted) complete() any {
	done := *s
	done.Answers = labelled(s.Answers, labels.Question)
	done.Background = labelled(s.Background, labels.Background)
	return &done
}

// labelled returns answers with their automatic labels filled in, the slice itself
// if there is none to fill in.
func labelled(answers []Answer, kind labels.Kind) []Answer {
	if !slices.ContainsFunc(answers, Answer.needsLabel) {
		return answers
	}
	done := slices.Clone(answers)
	for i, a := range done {
		if a.needsLabel() {
			done[i].Label = labels.Automatic(labels.Variable{ID: a.VariableID, Kind: kind})
		}
	}
	return done
}

func (a Answer) needsLabel() bool { return a.Label == "" && !a.decoded }
