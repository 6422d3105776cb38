package email

import (
	"context"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/tenterhook/tenterhook/automation"
)

// Inviter invites people to surveys by e-mail (SPEC I5). It may be used by many at once. Make it with [NewInviter].
type Inviter struct {
	sender  *Sender
	options InviterOptions
}

// InviterOptions is what an [Inviter] has to know of the host. An error of one of these functions that wraps
// [automation.ErrRefused] is final; after any other the run tries again.
type InviterOptions struct {
	// Link returns the address of the survey for an invitation, which [SURVEY_LINK] stands for; there is no default.
	Link func(ctx context.Context, i automation.Invitation) (string, error)
	// Templates returns the host's template of an id; default: invitations that name one are refused.
	Templates func(ctx context.Context, account, id string) (automation.Template, error)
	// Address returns the address of the respondent whom a token stands for; default: invitations to tokens are refused.
	Address func(ctx context.Context, i automation.Invitation) (string, error)
	// Answered tells whether the person of a reminder has answered the survey, and needs none; default: reminders are sent.
	Answered func(ctx context.Context, i automation.Invitation) (bool, error)
	// Unsubscribe returns the https address at which a POST unsubscribes the person of an invitation (RFC 8058); "": none.
	// Default: none is offered.
	Unsubscribe func(ctx context.Context, i automation.Invitation) (string, error)
}

// NewInviter returns an inviter that sends by s.
func NewInviter(s *Sender, o InviterOptions) (*Inviter, error) {
	switch {
	case s == nil:
		return nil, errors.New("new inviter: there is no sender: make one with NewSender")
	case o.Link == nil:
		return nil, errors.New("new inviter: there is no Link: return the address of the survey for an invitation")
	}
	return &Inviter{sender: s, options: o}, nil
}

// Invite sends an invitation, in plain text and HTML, and returns when the mail server has taken it on. An error that wraps
// [automation.ErrRefused] is final. Inviting again for the same run sends a mail with the same Message-ID.
func (v *Inviter) Invite(ctx context.Context, i automation.Invitation) error {
	if i.Reminder && v.options.Answered != nil {
		answered, err := v.options.Answered(ctx, i)
		if err != nil {
			return fmt.Errorf("look up whether the survey was answered: %w", err)
		}
		if answered {
			return nil
		}
	}
	m, err := v.message(ctx, i)
	if err != nil {
		return err
	}
	return v.sender.Send(ctx, m)
}

func (v *Inviter) message(ctx context.Context, i automation.Invitation) (m Message, err error) {
	m = Message{ID: i.Run, To: i.Recipient, Name: strings.TrimSpace(i.FirstName + " " + i.LastName)}
	if i.Recipient == "" {
		if m.To, err = v.address(ctx, i); err != nil {
			return m, err
		}
	}
	t, err := v.template(ctx, i)
	if err != nil {
		return m, err
	}
	link, err := v.options.Link(ctx, i)
	if err != nil {
		return m, fmt.Errorf("make the survey's address: %w", err)
	}
	if link == "" {
		return m, fmt.Errorf("make the survey's address: Link returned none for survey %q", i.Survey)
	}
	if v.options.Unsubscribe != nil {
		if m.Unsubscribe, err = v.options.Unsubscribe(ctx, i); err != nil {
			return m, fmt.Errorf("make the address to unsubscribe at: %w", err)
		}
	}
	r, err := t.Render(i.Fields, link)
	if err != nil {
		return m, fmt.Errorf("%w: %w", automation.ErrRefused, err) // the same template and values give the same again
	}
	m.Subject, m.Text, m.HTML = r.Subject, r.Text, r.HTML
	if i.Footer != "" {
		m.Text = strings.TrimRight(m.Text, "\n") + "\n\n" + i.Footer + "\n"
		m.HTML = withFooter(m.HTML, i.Footer)
	}
	return m, nil
}

// address returns the address of a token's respondent.
func (v *Inviter) address(ctx context.Context, i automation.Invitation) (string, error) {
	switch {
	case i.Token == "":
		return "", fmt.Errorf("%w: the invitation names nobody", automation.ErrRefused)
	case v.options.Address == nil:
		return "", fmt.Errorf("%w: invitations to tokens are not sent by e-mail here", automation.ErrRefused)
	}
	address, err := v.options.Address(ctx, i)
	if err != nil {
		return "", fmt.Errorf("look up the address of a token: %w", err)
	}
	return address, nil
}

// template returns the template of an invitation, the host's where it is named.
func (v *Inviter) template(ctx context.Context, i automation.Invitation) (automation.Template, error) {
	id := i.Template.ID
	switch {
	case id == "":
		return i.Template, nil
	case v.options.Templates == nil:
		return automation.Template{}, fmt.Errorf("%w: template %q is unknown: there are none by id here", automation.ErrRefused, id)
	}
	t, err := v.options.Templates(ctx, i.Account, id)
	if err != nil {
		return t, fmt.Errorf("read template %q: %w", id, err)
	}
	t.ID = ""
	return t, nil
}

// bodyEnd is where the content of an HTML document ends.
var bodyEnd = regexp.MustCompile(`(?i)</body\s*>`)

// withFooter appends a text to the content of an HTML document.
func withFooter(document, footer string) string {
	end := len(document)
	if all := bodyEnd.FindAllStringIndex(document, -1); len(all) > 0 {
		end = all[len(all)-1][0]
	}
	lines := strings.ReplaceAll(html.EscapeString(strings.ReplaceAll(footer, "\r\n", "\n")), "\n", "<br>\n")
	return document[:end] + "<p>" + lines + "</p>\n" + document[end:]
}
