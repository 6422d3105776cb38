package events

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Redacted returns e without what tells who the respondent is, if it is a response
// to an anonymous survey; any other event as it is. What is left of the respondent
// is the language; an answer or background value that holds the respondent's
// e-mail, as it is or escaped as in a link, becomes null; unknown keys of the data
// go, and those of the envelope that hold the e-mail. A response whose raw data
// cannot be read has null for data.
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
		e.Extra = without(e.Extra, s.email())
	}
	return e
}

// email returns the respondent's e-mail in lower case, or "".
func (s *SurveyResponseCompleted) email() string {
	if s.Respondent == nil {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(s.Respondent.Email))
}

// without returns a copy of extra that lacks the members that hold text.
func without(extra map[string]json.RawMessage, text string) map[string]json.RawMessage {
	kept := maps.Clone(extra)
	maps.DeleteFunc(kept, func(key string, value json.RawMessage) bool {
		return text != "" && (mentions(key, text) || valueHolds(trim(value), text))
	})
	return kept
}

func (s *SurveyResponseCompleted) redacted() SurveyResponseCompleted {
	done := *s
	done.Extra, done.Survey.Extra = nil, nil
	if s.Respondent != nil {
		done.Respondent = &SurveyRespondent{Language: s.Respondent.Language}
	}
	done.Answers = withoutText(s.Answers, s.email())
	done.Background = withoutText(s.Background, s.email())
	return done
}

// withoutText returns a copy of answers in which those that hold text, which is in
// lower case, are null, and without unknown keys.
func withoutText(answers []Answer, text string) []Answer {
	done := slices.Clone(answers)
	for i := range done {
		done[i].Extra = nil
		if text != "" && done[i].holds(text) {
			done[i].Value, done[i].Text = nil, nil
		}
	}
	return done
}

func (a Answer) holds(text string) bool {
	return a.Text != nil && mentions(*a.Text, text) || valueHolds(trim(a.Value), text)
}

func valueHolds(value []byte, text string) bool {
	if len(value) == 0 {
		return false
	}
	switch value[0] {
	case '"':
		held, err := unquote(value)
		return err != nil || mentions(held, text)
	case '[':
		for element := range elements(value) {
			if valueHolds(element, text) {
				return true
			}
		}
	case '{':
		for key, member := range members(value) {
			if valueHolds(key, text) || valueHolds(member, text) {
				return true
			}
		}
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
		plain := unescape(s)
		if len(plain) == len(s) {
			return false
		}
		s = plain
	}
	return false
}

// unescape decodes what is percent-encoded in s, once.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
