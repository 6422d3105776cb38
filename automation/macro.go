package automation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenterhook/tenterhook/internal/pushurl"
	"github.com/tenterhook/tenterhook/runs"
)

// MaxMacros is how many macros a push URL can have.
const MaxMacros = 20

// numbered is how many background variables have a macro of their own, from L1 on.
const numbered = 10

// eventMacros stand for what any event may tell, of the person that it is about above all.
var eventMacros = map[string]func(*renderer) string{
	"ID_RESPONDENT": func(r *renderer) string { return r.respondent.ID },
	"ID_SURVEY":     func(r *renderer) string { return r.subject.survey },
	"EMAIL":         func(r *renderer) string { return r.respondent.Email },
	"FIRST_NAME":    func(r *renderer) string { return r.respondent.FirstName },
	"LAST_NAME":     func(r *renderer) string { return r.respondent.LastName },
}

// isNumbered reports one of L1 to L10.
func isNumbered(macro string) bool {
	digits, ok := strings.CutPrefix(macro, "L")
	n, err := strconv.Atoi(digits)
	return ok && err == nil && 1 <= n && n <= numbered && digits == strconv.Itoa(n)
}

// URLFor returns where an attempt of r is sent: the push URL as it is now, or, if that has macros, the one that was made
// of them when r was created.
func (p Push) URLFor(r runs.Run) string {
	if t, err := cutTemplate(p.URL); err == nil && len(t.macros) > 0 {
		return r.URL
	}
	return p.URL
}

func (p Push) validateURL(vs *violations, at string, known lexicon) {
	t, err := cutTemplate(p.URL)
	if err != nil {
		vs.add(at, ErrURL, "%v", err)
		return
	}
	switch u, err := t.check(); {
	case err != nil:
		vs.add(at, ErrURL, "%v", err)
	case u.Scheme == "http" && !p.AllowHTTP:
		vs.add(at, ErrURL, "it is http: use https, or allow http for this action")
	}
	for i, macro := range t.macros {
		_, ofVariable := known.labelled(macro)
		if slices.Contains(t.macros[:i], macro) || eventMacros[macro] != nil || isNumbered(macro) || ofVariable {
			continue
		}
		vs.add(at, ErrURL, "macro %.100q stands for nothing: use EMAIL, FIRST_NAME, LAST_NAME, ID_RESPONDENT, ID_SURVEY, L1 to L%d"+
			" or a label of a variable of this trigger, and name the survey in the trigger for one of a survey", macro, numbered)
	}
}

// url returns a push URL with the event's values for its macros, and in words what had to be left out. No warning repeats
// a value.
func (r *renderer) url(text string) (filled string, warnings []string) {
	if !strings.Contains(text, "[") {
		return text, nil // as most
	}
	t, err := cutTemplate(text)
	if err != nil {
		return text, nil // saved unchecked
	}
	warn := func(macro, why string) {
		warning := fmt.Sprintf("macro [%s] was left out of the push URL: %s", macro, why)
		if !slices.Contains(warnings, warning) {
			warnings = append(warnings, warning)
		}
	}
	values := make([]string, len(t.macros))
	for i, macro := range t.macros {
		var ok bool
		if values[i], ok = r.value(macro); !ok {
			warn(macro, "no variable with that label exists in what happened")
		}
	}
	filled, why := t.expand(values)
	for i, macro := range t.macros {
		if why[i] != "" {
			warn(macro, why[i])
		}
	}
	return filled, warnings
}

// value returns what a macro stands for; ok is false where its variable is gone. What an event does not tell is empty.
func (r *renderer) value(macro string) (text string, ok bool) {
	if of := eventMacros[macro]; of != nil {
		return of(r), true
	}
	if isNumbered(macro) {
		if id, has := r.lexicon().background(macro); has {
			text = asText(r.subject.values[id])
		}
		return text, true
	}
	id, ok := r.lexicon().labelled(macro)
	if ok {
		text = asText(r.subject.values[id])
	}
	return text, ok
}

// asText returns a JSON value as a URL has it: the text of a string, the elements of an array with commas between them,
// nothing for null, else the JSON. One that no URL could hold need not be read to know it.
func asText(value json.RawMessage) string {
	const escaped = len(`\u0000`) // bytes of JSON for one of text
	value = bytes.TrimSpace(value)
	switch {
	case len(value) == 0 || value[0] == 'n':
		return ""
	case len(value) > escaped*(pushurl.MaxLength+1):
		return string(value)
	case value[0] == '"':
		text, _ := decode(value).(string)
		return text
	case value[0] == '[':
		var elements []json.RawMessage
		_ = json.Unmarshal(value, &elements) // it is JSON, as the event was encoded
		texts := make([]string, len(elements))
		for i, element := range elements {
			texts[i] = asText(element)
		}
		return strings.Join(texts, ",")
	}
	return string(value)
}
