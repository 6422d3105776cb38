package automation

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The bounds of a call's parameters.
const (
	MaxCallID    = 200     // bytes of an id or token
	MaxCallLabel = 4 << 10 // bytes of l1 to l10 and of a footer
)

// ParseCall reads a call of an account's URL webhook by its name and parameters. What it refuses is a [*CallError], the first
// in the order of the parameters' names; so is a parameter that the call does not have, for a slip of the pen must not do
// nothing.
//
// Parameters are given once, in UTF-8, without control characters, but that a footer may have line breaks. Ids and tokens have up
// to MaxCallID bytes and are not empty; labels and footers up to MaxCallLabel, and an empty label empties it; an email is what
// TypeEmail takes. Delay is in whole minutes, reminder_delay in whole hours, 1 or more, both up to MaxDelay and in decimal digits
// alone; reminder says that the invitation is a second one: 1, true, 0 or false. An id_respondent that is left out names nobody:
// the directory adds a respondent with these labels.
func ParseCall(account, name string, values url.Values) (Call, error) {
	n := CallName(name)
	required, optional, ok := n.parameters()
	if !ok {
		return Call{}, &CallError{Rule: ErrCallName, Message: fmt.Sprintf("Webhook name is not known: use %s, %s, %s or %s",
			UpdateRespondent, AddRespondent, SendInvitation, SendInvitationToToken)}
	}
	known := slices.Concat(required, optional)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, name) {
			return Call{}, refuse(name, "is not known to %s: use %s", n, strings.Join(known, ", "))
		}
		if err := checkParameter(name, values[name]); err != nil {
			return Call{}, err
		}
	}
	for _, name := range required {
		if !values.Has(name) {
			return Call{}, refuse(name, "is missing: %s needs it", n)
		}
	}
	return n.read(account, values)
}

// refuse returns why a parameter is refused. Its name may be anything.
func refuse(name, format string, args ...any) *CallError {
	return &CallError{Parameter: name, Rule: ErrParameter, Message: fmt.Sprintf("Parameter %.50q ", name) + fmt.Sprintf(format, args...)}
}

// checkParameter refuses what no parameter of that name can be.
func checkParameter(name string, texts []string) error {
	if len(texts) != 1 {
		return refuse(name, "is given %d times: give it once", len(texts))
	}
	most, empty, text := MaxCallID, false, texts[0]
	switch {
	case name == "email":
		most = maxMailbox
	case name == "footer" || slices.Contains(labelNames(), name):
		most, empty = MaxCallLabel, true
	}
	strange := func(r rune) bool {
		return unicode.IsControl(r) && !(name == "footer" && (r == '\n' || r == '\r' || r == '\t'))
	}
	switch {
	case text == "" && !empty:
		return refuse(name, "is empty: give it a value or leave it out")
	case len(text) > most:
		return refuse(name, "has %d bytes: use at most %d", len(text), most)
	case !utf8.ValidString(text):
		return refuse(name, "is not valid UTF-8: encode it anew")
	case strings.ContainsFunc(text, strange):
		return refuse(name, "holds a control character: remove it")
	case name == "email" && !isMailbox(text):
		return refuse(name, "is not an e-mail address in ASCII: write it as name@example.com")
	}
	return nil
}

// read makes the call of parameters that were checked one by one.
func (n CallName) read(account string, values url.Values) (Call, error) {
	c := Call{Name: n, Survey: values.Get("id_survey")}
	labels := map[string]string{}
	for _, name := range labelNames() {
		if values.Has(name) {
			labels[name] = values.Get(name)
		}
	}
	if n == UpdateRespondent || n == AddRespondent {
		c.Respondent = Respondent{Account: account, Survey: c.Survey, ID: values.Get("id_respondent"), Email: values.Get("email"), Labels: labels}
		return c, nil
	}
	c.Invitation = Invitation{
		Account: account, Survey: c.Survey, Recipient: values.Get("email"), Token: values.Get("token"), Labels: labels,
		Template: Template{ID: values.Get("id_template")}, Footer: values.Get("footer"),
	}
	var err error
	if c.Delay, err = span(values, "delay", time.Minute); err != nil {
		return Call{}, err
	}
	if c.Invitation.Reminder, err = flag(values, "reminder"); err != nil {
		return Call{}, err
	}
	c.Reminder, err = reminder(values)
	if err != nil {
		return Call{}, err
	}
	return c, nil
}

// span reads a parameter that counts units of time; absent is 0.
func span(values url.Values, name string, unit time.Duration) (time.Duration, error) {
	if !values.Has(name) {
		return 0, nil
	}
	text := values.Get(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if most := int64(MaxDelay / unit); err != nil || n < 0 || n > most || strconv.FormatInt(n, 10) != text {
		return 0, refuse(name, "is not a delay: use a whole number from 0 to %d", most)
	}
	return time.Duration(n) * unit, nil
}

// flag reads a parameter that is 1 or true, 0 or false; absent is false.
func flag(values url.Values, name string) (bool, error) {
	switch {
	case !values.Has(name), values.Get(name) == "0", values.Get(name) == "false":
		return false, nil
	case values.Get(name) == "1", values.Get(name) == "true":
		return true, nil
	}
	return false, refuse(name, "is neither yes nor no: use 1 or 0")
}

// reminder reads the two parameters of a reminder; nil if they are absent.
func reminder(values url.Values) (*Reminder, error) {
	after, err := span(values, "reminder_delay", time.Hour)
	switch {
	case err != nil:
		return nil, err
	case values.Has("reminder_delay") && after == 0:
		return nil, refuse("reminder_delay", "is 0: use 1 or more hours, or leave it out for no reminder")
	case !values.Has("reminder_delay") && values.Has("template_reminder_id"):
		return nil, refuse("template_reminder_id", "needs reminder_delay: give both, or neither for no reminder")
	case after == 0:
		return nil, nil
	}
	return &Reminder{After: after, Template: Template{ID: values.Get("template_reminder_id")}}, nil
}

// parameters returns the names that a call has, those that it must have first; ok is false for an unknown call.
func (n CallName) parameters() (required, optional []string, ok bool) {
	switch n {
	case UpdateRespondent:
		return []string{"id_survey"}, append([]string{"id_respondent"}, labelNames()...), true
	case AddRespondent:
		return []string{"id_survey", "email"}, labelNames(), true
	case SendInvitation:
		return []string{"id_survey", "id_template", "email"},
			append(labelNames(), "delay", "footer", "reminder_delay", "template_reminder_id"), true
	case SendInvitationToToken:
		return []string{"id_survey", "id_template", "token"}, []string{"delay", "footer", "reminder"}, true
	}
	return nil, nil, false
}

// labelNames returns l1 to l10.
func labelNames() []string {
	names := make([]string, numbered)
	for i := range names {
		names[i] = "l" + strconv.Itoa(i+1)
	}
	return names
}
