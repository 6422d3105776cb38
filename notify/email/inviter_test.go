package email

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
)

func linkTo(_ context.Context, i automation.Invitation) (string, error) {
	return "https://survey.example.org/" + i.Survey + "?r=" + i.Run, nil
}

func invitation() automation.Invitation {
	return automation.Invitation{
		Run: "run_7", Account: "acct_1", Survey: "s1", Recipient: "ann@example.com", FirstName: "Ann", LastName: "Lee",
		Template: automation.Template{Subject: "[first], how was it?", Text: "Dear [first],\n\ntell us: [SURVEY_LINK]\n"},
		Fields:   map[string]json.RawMessage{"first": json.RawMessage(`"Ann"`)},
	}
}

func newInviter(t *testing.T, s *Sender, o InviterOptions) *Inviter {
	t.Helper()
	if o.Link == nil {
		o.Link = linkTo
	}
	v, err := NewInviter(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// arrived returns the one mail that a server got.
func arrived(t *testing.T, srv *server) reading {
	t.Helper()
	got := srv.got()
	if len(got) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(got))
	}
	r, err := read(got[0].raw)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Parts {
		r.Parts[i][1] = strings.ReplaceAll(r.Parts[i][1], "\r\n", "\n")
	}
	return r
}

// I5.
func TestInvitationArrivesInTextAndHTML(t *testing.T) {
	var srv server
	v := newInviter(t, newSender(t, srv.start(t, StartTLS)), InviterOptions{})
	i := invitation()
	i.Fields["first"] = json.RawMessage(`"Zoë <b>\r\nBcc: eve@example.net\u202e"`)
	i.FirstName, i.Footer = "Zoë\r\nBcc: eve@example.net", "Acme & Sons\n1 Main Street"
	if err := v.Invite(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	r := arrived(t, &srv)
	if diff := cmp.Diff(fields, r.Names); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if want := [][2]string{{"Zoë Bcc: eve@example.net Lee", "ann@example.com"}}; !cmp.Equal(want, r.To) {
		t.Errorf("to %q, want %q", r.To, want)
	}
	if !strings.HasPrefix(r.Subject, "Zoë <b>") || !strings.HasSuffix(r.Subject, ", how was it?") || strings.Contains(r.Subject, "\u202e") {
		t.Errorf("subject %q", r.Subject)
	}
	if r.ID != "<run_7@example.org>" || r.Kind != "multipart/alternative" || len(r.Parts) != 2 {
		t.Fatalf("Message-ID %q of a %s with %d parts", r.ID, r.Kind, len(r.Parts))
	}
	text, page := r.Parts[0][1], r.Parts[1][1]
	if !strings.Contains(text, "https://survey.example.org/s1?r=run_7") || !strings.HasSuffix(text, "\n\nAcme & Sons\n1 Main Street\n") {
		t.Errorf("text:\n%s", text)
	}
	if !strings.Contains(page, "https://survey.example.org/s1?r=run_7") || !strings.Contains(page, "Acme &amp; Sons<br>\n1 Main Street") || strings.Contains(page, "<b>") {
		t.Errorf("HTML:\n%s", page)
	}
}

// I5, I8: what the host knows by an id or a token comes from the host.
func TestHostsTemplatesAndTokens(t *testing.T) {
	var srv server
	v := newInviter(t, newSender(t, srv.start(t, StartTLS)), InviterOptions{
		Templates: func(_ context.Context, account, id string) (automation.Template, error) {
			return automation.Template{ID: id, Subject: "of " + account, Text: id + " [SURVEY_LINK]", HTML: "<p>[first]</p>"}, nil
		},
		Address: func(_ context.Context, i automation.Invitation) (string, error) { return i.Token + "@example.com", nil },
		Unsubscribe: func(_ context.Context, i automation.Invitation) (string, error) {
			return "https://example.org/u/" + i.Token, nil
		},
	})
	i := invitation()
	i.Recipient, i.Token, i.FirstName, i.LastName, i.Template = "", "tok", "", "", automation.Template{ID: "t1"}
	if err := v.Invite(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	r := arrived(t, &srv)
	if r.Subject != "of acct_1" || !cmp.Equal(r.To, [][2]string{{"", "tok@example.com"}}) || !strings.HasPrefix(r.Parts[0][1], "t1 https://") || !strings.Contains(r.Parts[1][1], "<p>Ann</p>") {
		t.Errorf("mail %+v", r)
	}
	if got := string(srv.got()[0].raw); !strings.Contains(got, "List-Unsubscribe: <https://example.org/u/tok>") {
		t.Errorf("no way to unsubscribe in\n%s", got)
	}
}

func TestReminderIsLeftOutForWhoHasAnswered(t *testing.T) {
	var srv server
	v := newInviter(t, newSender(t, srv.start(t, StartTLS)), InviterOptions{
		Answered: func(_ context.Context, i automation.Invitation) (bool, error) {
			return i.Recipient == "ann@example.com", nil
		},
	})
	for _, to := range []string{"ann@example.com", "bob@example.com"} {
		for _, reminder := range []bool{false, true} {
			i := invitation()
			i.Recipient, i.Reminder = to, reminder
			if err := v.Invite(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
	}
	var to []string
	for _, m := range srv.got() {
		to = append(to, m.to)
	}
	if diff := cmp.Diff([]string{"ann@example.com", "bob@example.com", "bob@example.com"}, to); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
}

// I5: what the host does not know is refused for good, what it cannot tell now is tried again; nothing is sent either way.
func TestInvitationThatCannotBeMadeIsNotSent(t *testing.T) {
	srv := server{on: func(step string) error { t.Errorf("got as far as %s", step); return nil }}
	sender := newSender(t, srv.start(t, StartTLS))
	down, unknown := errors.New("database is down"), fmt.Errorf("survey s1: %w", automation.ErrRefused)
	failing := func(err error) func(context.Context, automation.Invitation) (string, error) {
		return func(context.Context, automation.Invitation) (string, error) { return "", err }
	}
	toToken := func(i *automation.Invitation) { i.Recipient, i.Token = "", "tok" }
	byID := func(i *automation.Invitation) { i.Template = automation.Template{ID: "t1"} }
	for name, tt := range map[string]struct {
		options InviterOptions
		change  func(*automation.Invitation)
		refused bool
	}{
		"no recipient":     {change: func(i *automation.Invitation) { i.Recipient = "" }, refused: true},
		"a bad address":    {change: func(i *automation.Invitation) { i.Recipient = "ann" }, refused: true},
		"a token":          {change: toToken, refused: true},
		"an unknown token": {change: toToken, options: InviterOptions{Address: failing(unknown)}, refused: true},
		"a token, down":    {change: toToken, options: InviterOptions{Address: failing(down)}},
		"a template":       {change: byID, refused: true},
		"an unknown template": {change: byID, options: InviterOptions{Templates: func(context.Context, string, string) (automation.Template, error) {
			return automation.Template{}, unknown
		}}, refused: true},
		"a template, down":    {change: byID, options: InviterOptions{Templates: func(context.Context, string, string) (automation.Template, error) { return automation.Template{}, down }}},
		"a broken template":   {change: func(i *automation.Invitation) { i.Template.HTML = "<a href='" }, refused: true},
		"an unknown survey":   {options: InviterOptions{Link: failing(unknown)}, refused: true},
		"a survey, down":      {options: InviterOptions{Link: failing(down)}},
		"no link":             {options: InviterOptions{Link: failing(nil)}},
		"unsubscribing, down": {options: InviterOptions{Unsubscribe: failing(down)}},
		"answers, down": {
			change:  func(i *automation.Invitation) { i.Reminder = true },
			options: InviterOptions{Answered: func(context.Context, automation.Invitation) (bool, error) { return false, down }},
		},
	} {
		i := invitation()
		if tt.change != nil {
			tt.change(&i)
		}
		err := newInviter(t, sender, tt.options).Invite(t.Context(), i)
		if err == nil || errors.Is(err, automation.ErrRefused) != tt.refused {
			t.Errorf("%s: error %v, refused: want %v", name, err, tt.refused)
		}
	}
	if _, err := NewInviter(nil, InviterOptions{Link: linkTo}); err == nil {
		t.Error("an inviter without a sender was made")
	}
	if _, err := NewInviter(sender, InviterOptions{}); err == nil {
		t.Error("an inviter without Link was made")
	}
}
