package automation

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Template is the message of an invitation: one of the host's by its id, or one that is written here. In subject, text and
// HTML stand macros: [NAME] for the value of an included field of that name, [SURVEY_LINK] for the address of the survey, which
// the inviter knows. A bracket that begins no macro is written [[.
type Template struct {
	ID      string `json:"id,omitempty"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	HTML    string `json:"html,omitempty"` // default: made of Text
}

func (t Template) validate(vs *violations, at string, in Incoming) {
	if t.ID != "" {
		t.validateID(vs, at)
		return
	}
	before := len(*vs)
	for _, part := range []struct {
		key, text string
		most      int
	}{{"subject", t.Subject, MaxSubject * utf8.UTFMax}, {"text", t.Text, MaxText}, {"html", t.HTML, MaxHTML}} {
		err := in.checkText(part.text, part.most)
		if err == nil && part.key == "subject" {
			err = checkSubject(part.text)
		}
		if err != nil {
			vs.add(at+"/"+part.key, ErrTemplate, "%v", err)
		}
	}
	if strings.TrimSpace(t.Subject) == "" || strings.TrimSpace(t.Text) == "" {
		vs.add(at, ErrTemplate, "it has no subject or no text: write both, or name a message of yours by its id")
	}
	if len(*vs) > before {
		return
	}
	if _, err := t.Render(nil, "https://survey.example/"); err != nil {
		vs.add(at+"/html", ErrTemplate, "it is no document that values can be put into safely: %v", err)
	}
}

func checkSubject(s string) error {
	switch n := utf8.RuneCountInString(s); {
	case n > MaxSubject:
		return fmt.Errorf("it has %d characters: use at most %d", n, MaxSubject)
	case strings.ContainsFunc(s, unicode.IsControl) || oneLine(s) != strings.TrimSpace(s):
		return fmt.Errorf("it holds a control character, a line break or one that turns the direction of writing: remove it")
	}
	return nil
}

func (t Template) validateID(vs *violations, at string) {
	switch {
	case t != (Template{ID: t.ID}):
		vs.add(at, ErrTemplate, "it names message %.100q and has a text too: keep one of them", t.ID)
	case len(t.ID) > MaxCallID || oneLine(t.ID) != t.ID:
		vs.add(at+"/id", ErrTemplate, "it has more than %d bytes, a control character, or a space at an end: use the id as it is", MaxCallID)
	}
}

// checkText reports why a part of a template cannot be saved.
func (in Incoming) checkText(s string, most int) error {
	switch {
	case len(s) > most:
		return fmt.Errorf("it has %d bytes: use at most %d", len(s), most)
	case !utf8.ValidString(s):
		return fmt.Errorf("it is not valid UTF-8: write it anew")
	case lines(s) != strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s):
		return fmt.Errorf("it holds a control character: remove it")
	}
	t, err := cutText(s)
	if err != nil {
		return err
	}
	if len(t.macros) > MaxTemplateMacros {
		return fmt.Errorf("it has %d macros: use at most %d", len(t.macros), MaxTemplateMacros)
	}
	for _, macro := range t.macros {
		if _, ok := in.included(macro); !ok && macro != SurveyLink {
			return fmt.Errorf("macro %.200q stands for nothing: use %s or an included field, or write [[ for a bracket that is no macro's", macro, SurveyLink)
		}
	}
	return nil
}
