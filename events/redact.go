package events

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/tenterhook/tenterhook/internal/pushurl"
)

// Redacted returns e without what tells who the respondent is, if it is a response
// to an anonymous survey; any other event as it is. What is left of the respondent
// is the language; an answer or background value that holds the respondent's
// e-mail, as it is or escaped as in a link, becomes null, and so does a background
// value that is the respondent's id or name and nothing else; unknown keys of the
// data go, and those of the envelope that hold the e-mail. A response whose raw
// data cannot be read has null for data.
func (e Event) Redacted() Event {
	if !e.isSurvey() {
		return e
	}
	s, ok := e.survey()
	if !ok {
		e.Data = Raw{Name: surveyType, JSON: json.RawMessage("null")}
		return e
	}
	if s.Survey.Anonymous {
		e.Data = s.redacted()
		e.Extra = without(e.Extra, s.Respondent.mentioned())
	}
	return e
}

// clue tells whether a text gives away who the respondent is.
type clue func(text string) bool

// mentioned is the clue of a text that holds the respondent's e-mail.
func (r *SurveyRespondent) mentioned() clue {
	email := ""
	if r != nil {
		email = strings.ToLower(strings.TrimSpace(r.Email))
	}
	return func(text string) bool { return email != "" && mentions(text, email) }
}

// named is the clue of a text that is the respondent's id or name. It is for
// background values, which came with the respondent: an answer may be the same by
// chance.
func (r *SurveyRespondent) named() clue {
	var names []string
	if r != nil {
		names = []string{r.ID, r.FirstName, r.LastName, r.FirstName + " " + r.LastName, r.LastName + " " + r.FirstName}
	}
	return func(text string) bool {
		words := strings.Fields(text)
		return len(words) > 0 && slices.ContainsFunc(names, func(name string) bool { return slices.EqualFunc(words, strings.Fields(name), strings.EqualFold) })
	}
}

// without returns a copy of extra that lacks the members that tell.
func without(extra map[string]json.RawMessage, tells clue) map[string]json.RawMessage {
	kept := maps.Clone(extra)
	maps.DeleteFunc(kept, func(key string, value json.RawMessage) bool {
		return tells(key) || tells.in(trim(value))
	})
	return kept
}

func (s *SurveyResponseCompleted) redacted() SurveyResponseCompleted {
	done := *s
	done.Extra, done.Survey.Extra = nil, nil
	if s.Respondent != nil {
		done.Respondent = &SurveyRespondent{Language: s.Respondent.Language}
	}
	mentioned, named := s.Respondent.mentioned(), s.Respondent.named()
	done.Answers = discreet(s.Answers, mentioned)
	done.Background = discreet(s.Background, func(text string) bool { return mentioned(text) || named(text) })
	return done
}

// discreet returns a copy of answers in which those that tell are null, and
// without unknown keys.
func discreet(answers []Answer, tells clue) []Answer {
	done := slices.Clone(answers)
	for i := range done {
		done[i].Extra = nil
		if a := done[i]; a.Text != nil && tells(*a.Text) || tells.in(trim(a.Value)) {
			done[i].Value, done[i].Text = nil, nil
		}
	}
	return done
}

// in tells of any text or number in a JSON value, names of members included.
func (tells clue) in(value []byte) bool {
	if len(value) == 0 {
		return false
	}
	switch value[0] {
	case '"':
		held, err := unquote(value)
		return err != nil || tells(held)
	case '[':
		for element := range elements(value) {
			if tells.in(element) {
				return true
			}
		}
	case '{':
		for key, member := range members(value) {
			if tells.in(key) || tells.in(member) {
				return true
			}
		}
	default:
		return tells(string(value))
	}
	return false
}

// deepest is how many times over an e-mail may be escaped and still be found: the time to look for it stays in proportion
// to the text.
const deepest = 8

// mentions reports whether s holds text, which is in lower case, as it is or
// percent-encoded (RFC 3986 section 2.1).
func mentions(s, text string) bool {
	for range deepest {
		if strings.Contains(strings.ToLower(s), text) {
			return true
		}
		plain := pushurl.Unescape(s)
		if len(plain) == len(s) {
			return false
		}
		s = plain
	}
	return false
}
