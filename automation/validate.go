package automation

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

// The bounds of an automation's settings.
const (
	MaxName       = 200 // characters
	MaxActions    = 20
	MaxTypes      = 50
	MaxType       = 128 // bytes of an event type or pattern
	MaxActionID   = 64  // bytes
	MaxVariables  = 1000
	MaxSecrets    = 16 // as many as a receiver reads
	MaxRecipients = 20
	MaxTimeout    = 30 * time.Second
	MaxDelay      = 366 * 24 * time.Hour
)

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// Validate reports every setting of a that cannot be saved, as a [*ValidationError]. Known is what the settings can name.
func (a Automation) Validate(known Known) error {
	var vs violations
	words := newLexicon(known.Variables, known.Labels)
	if a.Account == "" {
		vs.add("/account", ErrAccount, "it is empty: name the account that owns the automation")
	}
	if err := CheckName(a.Name); err != nil {
		vs.add("/name", ErrName, "%v", err)
	}
	a.Trigger.validate(&vs)
	in := a.Trigger.Incoming
	if in != nil {
		in.validate(&vs, a, words)
	}
	switch calls := in != nil && in.URLWebhooks; {
	case calls && len(a.Actions) > 0:
		vs.add("/actions", ErrAction, "there are %d, but each call of a URL webhook is an action of its own: remove them", len(a.Actions))
	case !calls && (len(a.Actions) == 0 || len(a.Actions) > MaxActions):
		vs.add("/actions", ErrAction, "there are %d: use 1 to %d", len(a.Actions), MaxActions)
	}
	for i, act := range a.Actions {
		at := fmt.Sprintf("/actions/%d", i)
		if slices.ContainsFunc(a.Actions[:i], func(b Action) bool { return b.ID == act.ID }) {
			vs.add(at+"/id", ErrAction, "id %q is used twice: give each action its own", act.ID)
		}
		if len(act.ID) > MaxActionID || strings.Trim(act.ID, letters+digits+"_-") != "" {
			vs.add(at+"/id", ErrAction, "id %.80q cannot be used: use up to %d letters, digits, _ and -", act.ID, MaxActionID)
		}
		act.validate(&vs, at, words, in)
	}
	a.validateLimits(&vs)
	a.DisableRule.validate(&vs)
	validateRecipients(&vs, a.Recipients)
	return vs.err()
}

func (t Trigger) validate(vs *violations) {
	if t.Incoming == nil && len(t.Types) == 0 || len(t.Types) > MaxTypes {
		vs.add("/trigger/types", ErrTrigger, "there are %d: name 1 to %d event types", len(t.Types), MaxTypes)
	}
	for i, pattern := range t.Types {
		if !isPattern(pattern) {
			vs.add(fmt.Sprintf("/trigger/types/%d", i), ErrTrigger,
				"%q is not an event type: use letters, digits, _ and - in parts joined by dots, up to %d in all; the last part may be *", pattern, MaxType)
		}
	}
	if t.Filter != nil {
		if err := t.Filter.validate(1); err != nil {
			vs.add("/trigger/filter", ErrCondition, "%v", err)
		}
	}
}

func (a Action) validate(vs *violations, at string, known lexicon, in *Incoming) {
	if a.Delay < 0 || a.Delay > MaxDelay {
		vs.add(at+"/delay", ErrLimit, "%v is not a delay: use 0 to %v", a.Delay, MaxDelay)
	}
	switch {
	case a.Push == nil && a.Invite == nil:
		vs.add(at, ErrAction, "it does nothing: give it a push, or an invite if requests trigger the automation")
	case a.Push != nil && in != nil:
		vs.add(at+"/push", ErrAction, "requests trigger the automation, which can only invite: give it an invite instead")
	case a.Invite != nil && in == nil:
		vs.add(at+"/invite", ErrAction, "events trigger the automation, which can only push: give it a push instead")
	case a.Push != nil:
		a.Push.validate(vs, at+"/push", known)
	default:
		a.Invite.validate(vs, at+"/invite", *in)
	}
}

func (p Push) validate(vs *violations, at string, known lexicon) {
	p.validateURL(vs, at+"/url", known)
	validateHeaders(vs, at+"/headers", p.Headers)
	p.validateSecrets(vs, at+"/secrets")
	p.validateSchemes(vs, at+"/schemes")
	p.Body.validate(vs, at+"/body", known)
	if p.Timeout < 0 || p.Timeout > MaxTimeout {
		vs.add(at+"/timeout", ErrLimit, "%v is not a timeout: use up to %v, or 0 for 10 s", p.Timeout, MaxTimeout)
	}
	if err := p.Retry.Validate(); err != nil {
		vs.add(at+"/retry", ErrPolicy, "%v", err)
	}
}

func (p Push) validateSecrets(vs *violations, at string) {
	if len(p.Secrets) > MaxSecrets {
		vs.add(at, ErrSecret, "there are %d: use at most %d", len(p.Secrets), MaxSecrets)
		return
	}
	for i, secret := range p.Secrets {
		if err := signature.CheckSecret(secret, p.Schemes...); err != nil {
			vs.add(fmt.Sprintf("%s/%d", at, i), ErrSecret, "%v", err)
		}
	}
}

func (b Body) validate(vs *violations, at string, known lexicon) {
	if b.Form != Whole && b.Form != Selected && b.Form != Thin {
		vs.add(at+"/form", ErrAction, "%q is not a form: use %q or %q, or leave it empty for the whole event", b.Form, Selected, Thin)
	}
	if b.Labels != Automatic && b.Labels != Data {
		vs.add(at+"/labels", ErrAction, "%q is not a kind of labels: use %q, or leave it empty for automatic ones", b.Labels, Data)
	}
	if (b.Form == Whole || b.Form == Thin) && (len(b.Variables) > 0 || b.Labels != Automatic) {
		vs.add(at, ErrAction, "only chosen variables have a selection or labels: set form to %q", Selected)
	}
	if len(b.Variables) > MaxVariables {
		vs.add(at+"/variables", ErrLimit, "there are %d: use at most %d", len(b.Variables), MaxVariables)
		return
	}
	for i, id := range b.Variables {
		switch field := fmt.Sprintf("%s/variables/%d", at, i); {
		case slices.Contains(b.Variables[:i], id):
			vs.add(field, ErrVariable, "%q is selected twice: name it once", id)
		case !known.has(id):
			vs.add(field, ErrVariable, "%q is no variable of this trigger: choose one that exists, and name the survey in the trigger for one of a survey", id)
		}
	}
}

// CheckName reports what cannot be the name of an automation, or of one of its keys: nothing but spaces, more than MaxName
// characters, or other than UTF-8 on one line.
func CheckName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("it is empty: give it a name")
	case !utf8.ValidString(name):
		return fmt.Errorf("it is not valid UTF-8: write it anew")
	case utf8.RuneCountInString(name) > MaxName:
		return fmt.Errorf("it has %d characters: use at most %d", utf8.RuneCountInString(name), MaxName)
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }):
		return fmt.Errorf("it holds a control character or line break: remove it")
	}
	return nil
}
