package automation_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
)

// The big list of naughty strings (github.com/minimaxir/big-list-of-naughty-strings): each is kept letter by letter, by JSON, form
// and call, and neither ends a subject's line nor begins a tag.
func TestNaughtyStringsAreOnlyData(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(need.Suites(t), "blns", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var naughty []string
	if err := json.Unmarshal(content, &naughty); err != nil || len(naughty) < 400 {
		t.Fatalf("%d strings, %v", len(naughty), err)
	}
	taker := automation.NewTaker(inviting())
	x := automation.Template{Subject: "Re: [guest.first]", Text: "[guest.first]", HTML: "<p title='[guest.first]'>[guest.first]</p>"}
	for _, s := range naughty {
		data, err := json.Marshal(map[string]any{"guest": map[string]string{"email": "a@example.com", "first": s}})
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{"guest.email": {"a@example.com"}, "guest.first": {s}}
		for _, r := range []automation.Request{{JSON: data}, {Values: form}} {
			got, err := taker.Take(r)
			if err != nil {
				t.Errorf("%q: %v", s, err)
				continue
			}
			shown := []rune(s)
			shown = shown[:min(len(shown), automation.MaxName)]
			if kept := got.Runs[0].Run.Respondent.FirstName; kept != string(shown) {
				t.Errorf("%q was kept as %q", s, kept)
			}
			var message automation.Invitation
			if err := json.Unmarshal(got.Runs[0].Run.Message, &message); err != nil || message.FirstName != s {
				t.Errorf("%q: the message has %q, %v", s, message.FirstName, err)
			}
			out, err := x.Render(message.Fields, surveyLink)
			if err != nil || strings.ContainsFunc(out.Subject, unicode.IsControl) || strings.Count(out.HTML, "<") != 2 || strings.Count(out.HTML, ">") != 2 {
				t.Errorf("%q is rendered as %+v, %v", s, out, err)
			}
		}
		call, err := automation.ParseCall("acct_1", "update-respondent", url.Values{"id_survey": {"1"}, "l1": {s}})
		if refused := strings.ContainsFunc(s, unicode.IsControl); (err != nil) != refused || err == nil && call.Respondent.Labels["l1"] != s {
			t.Errorf("%q: the call has %q, %v", s, call.Respondent.Labels["l1"], err)
		}
	}
}
