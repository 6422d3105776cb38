package automation

import (
	"encoding/json"
	"fmt"
	"html"
	htmltemplate "html/template"
	"strconv"
	"strings"
)

// SurveyLink is the macro of a template that stands for the address of the survey.
const SurveyLink = "SURVEY_LINK"

// The bounds of a template.
const (
	MaxSubject        = 200       // characters
	MaxText           = 64 << 10  // bytes
	MaxHTML           = 256 << 10 // bytes
	MaxTemplateMacros = 100       // in each of its parts
	MaxRendered       = 1 << 20   // bytes of each part with its values
)

// Rendered is a template with its values.
type Rendered struct{ Subject, Text, HTML string }

// Render returns a template that is written here with the values of an invitation's fields and the address of the survey. It is
// a pure function. A field that did not come is empty.
//
// The subject is one line: control characters become spaces, those that turn the direction of writing go, and it is cut to
// MaxSubject characters. Text keeps line breaks. In the HTML a value is escaped for the place where it stands, an address other
// than http, https or mailto is not linked to, and comments are left out ([html/template]). An error wraps ErrTemplate, or
// ErrTooLarge when a part has more than MaxRendered bytes.
func (t Template) Render(fields map[string]json.RawMessage, link string) (Rendered, error) {
	if t.ID != "" {
		return Rendered{}, fmt.Errorf("render template %q: %w: its text is the host's: render it there", t.ID, ErrTemplate)
	}
	v := values{fields, link}
	var out Rendered
	for _, part := range []struct {
		name   string
		source string
		render func(text, values) (string, error)
		to     *string
	}{
		{"subject", t.Subject, renderSubject, &out.Subject},
		{"text", t.Text, renderText, &out.Text},
		{"html", t.HTML, renderHTML, &out.HTML},
	} {
		cut, err := cutText(part.source)
		if err != nil {
			return Rendered{}, fmt.Errorf("render %s: %w: %w", part.name, ErrTemplate, err)
		}
		if *part.to, err = part.render(cut, v); err != nil {
			return Rendered{}, fmt.Errorf("render %s: %w", part.name, err)
		}
	}
	if t.HTML != "" {
		return out, nil
	}
	cut, _ := cutText(t.Text) // it was cut before
	var err error
	if out.HTML, err = htmlOf(cut, v); err != nil {
		return Rendered{}, fmt.Errorf("render html: %w", err)
	}
	return out, nil
}

// values are what the macros of a template stand for.
type values struct {
	fields map[string]json.RawMessage
	link   string
}

func (v values) of(macro string) string {
	if macro == SurveyLink {
		return v.link
	}
	return inWords(v.fields[macro])
}

func (v values) all(t text) []string {
	all := make([]string, len(t.macros))
	for i, macro := range t.macros {
		all[i] = v.of(macro)
	}
	return all
}

func renderSubject(t text, v values) (string, error) {
	filled, err := t.fill(v.all(t))
	line := []rune(oneLine(filled))
	return string(line[:min(len(line), MaxSubject)]), err
}

func renderText(t text, v values) (string, error) {
	filled, err := t.fill(v.all(t))
	return lines(filled), err
}

// renderHTML has html/template put the values in, for only it knows what each place in a document takes. Its actions stand between
// two control characters, which are in no literal.
func renderHTML(t text, v values) (string, error) {
	var source strings.Builder
	for i, literal := range t.literals {
		source.WriteString(lines(literal))
		if i < len(t.macros) {
			source.WriteString("\x01index . " + strconv.Itoa(i) + "\x02")
		}
	}
	all := v.all(t)
	for i := range all {
		all[i] = lines(all[i])
	}
	if _, err := t.fill(all); err != nil {
		return "", err
	}
	parsed, err := htmltemplate.New("html").Delims("\x01", "\x02").Parse(source.String())
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, all); err != nil {
		return "", fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	if out.Len() > MaxRendered {
		return "", fmt.Errorf("%w: with its values it has %d bytes, at most %d are sent: use fewer macros", ErrTooLarge, out.Len(), MaxRendered)
	}
	return out.String(), nil
}

// htmlOf returns a document that says what the text does, with a link for the address of the survey.
func htmlOf(t text, v values) (string, error) {
	escaped := text{literals: make([]string, len(t.literals)), macros: t.macros}
	for i, literal := range t.literals {
		escaped.literals[i] = html.EscapeString(lines(literal))
	}
	all := v.all(t)
	for i, macro := range t.macros {
		address := html.EscapeString(lines(all[i]))
		all[i] = address
		if macro == SurveyLink && isAddress(v.link) {
			all[i] = `<a href="` + address + `">` + address + `</a>`
		}
	}
	filled, err := escaped.fill(all)
	if err != nil {
		return "", err
	}
	filled = strings.NewReplacer("\n\n", "</p>\n<p>", "\n", "<br>\n").Replace(strings.Trim(filled, "\n"))
	return "<p>" + filled + "</p>\n", nil
}

// isAddress tells whether a link leads to a page.
func isAddress(link string) bool {
	return (strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://")) && lines(link) == link && !strings.Contains(link, "\n")
}
