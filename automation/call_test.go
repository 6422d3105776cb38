package automation_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

func query(t testing.TB, text string) url.Values {
	t.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// I8: every call with all that it has, and with no more than it needs.
func TestCallsAreRead(t *testing.T) {
	labels := map[string]string{"l1": "a", "l10": "ż"}
	for _, tt := range []struct {
		name, query string
		want        automation.Call
	}{
		{"update-respondent", "id_survey=399793&id_respondent=12345&l4=SuperVIP&l7=9", automation.Call{
			Survey:     "399793",
			Respondent: automation.Respondent{Account: "acct_1", Survey: "399793", ID: "12345", Labels: map[string]string{"l4": "SuperVIP", "l7": "9"}},
		}},
		{"update-respondent", "id_survey=1", automation.Call{
			Survey: "1", Respondent: automation.Respondent{Account: "acct_1", Survey: "1", Labels: map[string]string{}},
		}},
		{"update-respondent", "id_survey=1&l2=", automation.Call{
			Survey: "1", Respondent: automation.Respondent{Account: "acct_1", Survey: "1", Labels: map[string]string{"l2": ""}},
		}},
		{"add-respondent", "id_survey=1&email=a@example.com&l1=a&l10=%C5%BC", automation.Call{
			Survey: "1", Respondent: automation.Respondent{Account: "acct_1", Survey: "1", Email: "a@example.com", Labels: labels},
		}},
		{"send-invitation", "id_survey=1&id_template=2&email=a@example.com", automation.Call{
			Survey: "1", Invitation: automation.Invitation{
				Account: "acct_1", Survey: "1", Recipient: "a@example.com", Template: automation.Template{ID: "2"}, Labels: map[string]string{},
			},
		}},
		{"send-invitation", "id_survey=1&id_template=2&email=a@example.com&l1=a&l10=%C5%BC&delay=90&footer=a%0Ab&reminder_delay=24&template_reminder_id=3", automation.Call{
			Survey: "1", Delay: 90 * time.Minute, Reminder: &automation.Reminder{After: 24 * time.Hour, Template: automation.Template{ID: "3"}},
			Invitation: automation.Invitation{
				Account: "acct_1", Survey: "1", Recipient: "a@example.com", Template: automation.Template{ID: "2"}, Labels: labels, Footer: "a\nb",
			},
		}},
		{"send-invitation-to-token", "id_survey=1&id_template=2&token=t0k&delay=0&footer=&reminder=1", automation.Call{
			Survey: "1", Invitation: automation.Invitation{
				Account: "acct_1", Survey: "1", Token: "t0k", Template: automation.Template{ID: "2"}, Labels: map[string]string{}, Reminder: true,
			},
		}},
		{"send-invitation-to-token", "id_survey=1&id_template=2&token=t0k&reminder=false&delay=527040", automation.Call{
			Survey: "1", Delay: automation.MaxDelay, Invitation: automation.Invitation{
				Account: "acct_1", Survey: "1", Token: "t0k", Template: automation.Template{ID: "2"}, Labels: map[string]string{},
			},
		}},
	} {
		tt.want.Name = automation.CallName(tt.name)
		got, err := automation.ParseCall("acct_1", tt.name, query(t, tt.query))
		if err != nil {
			t.Errorf("%s?%s: %v", tt.name, tt.query, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s?%s (-want +got):\n%s", tt.name, tt.query, diff)
		}
	}
}

// I8: an address is as long as RFC 5321 (section 4.5.3.1) has them, whichever way it comes.
func TestCallsTakeAddressesOfAnyLength(t *testing.T) {
	domain := "@" + strings.Repeat("example.", 20) + "com"
	for _, n := range []int{automation.MaxCallID, automation.MaxCallID + 1, 60 + len(domain)} {
		address := strings.Repeat("a", n-len(domain)) + domain
		c, err := automation.ParseCall("acct_1", "add-respondent", query(t, "id_survey=1&email="+address))
		if err != nil || c.Respondent.Email != address {
			t.Errorf("%d bytes: %+v, %v", len(address), c, err)
		}
	}
	long := query(t, "id_survey=1&email=a@"+strings.Repeat("example.", 40)+"com")
	if _, err := automation.ParseCall("acct_1", "add-respondent", long); err == nil {
		t.Error("an address of more than 254 bytes was taken")
	}
}

// The parameters that calls need.
const (
	update = "id_survey=1&"
	add    = "id_survey=1&email=a@example.com&"
	send   = "id_survey=1&id_template=2&email=a@example.com&"
	token  = "id_survey=1&id_template=2&token=t&"
)

// badCalls are calls that cannot be done: by which parameter, and what is to be said of it.
var badCalls = []struct{ name, query, parameter, says string }{
	{"", "", "", "use update-respondent, add-respondent, send-invitation or send-invitation-to-token"},
	{"delete-respondent", update, "", "not known"},
	{"Update-Respondent", update, "", "not known"},
	{"update-respondent", "", "id_survey", "is missing: update-respondent needs it"},
	{"update-respondent", "id_survey=", "id_survey", "is empty"},
	{"update-respondent", update + "id_respondent=", "id_respondent", "is empty: give it a value or leave it out"},
	{"update-respondent", update + "l11=a", "l11", "is not known to update-respondent: use id_survey, id_respondent, l1, l2"},
	{"update-respondent", update + "l0=a", "l0", "is not known"},
	{"update-respondent", update + "l01=a", "l01", "is not known"},
	{"update-respondent", update + "L1=a", "L1", "is not known"},
	{"update-respondent", update + "email=a@example.com", "email", "is not known"},
	{"update-respondent", update + "l1=a&l1=a", "l1", "is given 2 times"},
	{"update-respondent", update + "id_survey=1", "id_survey", "is given 2 times"},
	{"update-respondent", update + "l1[]=a", "l1[]", "is not known"},
	{"update-respondent", update + "a[]=", "a[]", "is not known"},
	{"update-respondent", update + "=a", "", "is not known"},
	{"update-respondent", update + "l1=a%00", "l1", "control character"},
	{"update-respondent", update + "l1=a%0D%0Ab", "l1", "control character"},
	{"update-respondent", update + "l1=%FF", "l1", "UTF-8"},
	{"update-respondent", update + "%FF=a", "\xff", "is not known"},
	{"update-respondent", update + "l1=" + strings.Repeat("a", automation.MaxCallLabel+1), "l1", "use at most 4096"},
	{"update-respondent", "id_survey=" + strings.Repeat("1", automation.MaxCallID+1), "id_survey", "use at most 200"},
	{"add-respondent", update, "email", "is missing"},
	{"add-respondent", update + "email=", "email", "is empty"},
	{"add-respondent", update + "email=a", "email", "name@example.com"},
	{"add-respondent", update + "email=%C3%A4@example.com", "email", "in ASCII"},
	{"add-respondent", update + "email=a@example.com%0ABcc:b@example.com", "email", "control character"},
	{"add-respondent", add + "id_respondent=1", "id_respondent", "is not known"},
	{"send-invitation", add, "id_template", "is missing"},
	{"send-invitation", send + "delay=", "delay", "is empty"},
	{"send-invitation", send + "delay=-1", "delay", "whole number from 0 to 527040"},
	{"send-invitation", send + "delay=1.5", "delay", "whole number"},
	{"send-invitation", send + "delay=%2B1", "delay", "whole number"},
	{"send-invitation", send + "delay=01", "delay", "whole number"},
	{"send-invitation", send + "delay=1e3", "delay", "whole number"},
	{"send-invitation", send + "delay=527041", "delay", "whole number"},
	{"send-invitation", send + "delay=9223372036854775808", "delay", "whole number"},
	{"send-invitation", send + "delay=%D9%A1", "delay", "whole number"},
	{"send-invitation", send + "reminder_delay=0", "reminder_delay", "1 or more"},
	{"send-invitation", send + "reminder_delay=8785", "reminder_delay", "from 0 to 8784"},
	{"send-invitation", send + "template_reminder_id=3", "template_reminder_id", "needs reminder_delay"},
	{"send-invitation", send + "footer=%1B[31m", "footer", "control character"},
	{"send-invitation", send + "reminder=1", "reminder", "is not known"},
	{"send-invitation-to-token", "id_survey=1&id_template=2", "token", "is missing"},
	{"send-invitation-to-token", token + "reminder=yes", "reminder", "use 1 or 0"},
	{"send-invitation-to-token", token + "reminder=", "reminder", "is empty"},
	{"send-invitation-to-token", token + "l1=a", "l1", "is not known"},
}

// I9, ATTACKS 40: what cannot be done is refused by the parameter's name, in words that can be answered.
func TestBadCallsAreRefused(t *testing.T) {
	for _, tt := range badCalls {
		got, err := automation.ParseCall("acct_1", tt.name, query(t, tt.query))
		refused, ok := errors.AsType[*automation.CallError](err)
		rule := automation.ErrParameter
		if tt.says == "not known" || tt.name == "" {
			rule = automation.ErrCallName
		}
		if !ok || refused.Parameter != tt.parameter || !errors.Is(err, rule) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s?%.100s: %v; want a %s %q that says %q", tt.name, tt.query, err, rule, tt.parameter, tt.says)
		}
		if diff := cmp.Diff(automation.Call{}, got); diff != "" {
			t.Errorf("%s?%.100s: a refused call is not empty: %s", tt.name, tt.query, diff)
		}
	}
}

// ATTACKS 40: 10,000 parameters are refused at the first.
func TestManyParametersAreRefused(t *testing.T) {
	values := url.Values{}
	for range 10_000 {
		values.Add("l1", "a")
	}
	if _, err := automation.ParseCall("acct_1", "update-respondent", values); !errors.Is(err, automation.ErrParameter) || len(err.Error()) > 200 {
		t.Errorf("got %v; want one short refusal", err)
	}
	values = url.Values{strings.Repeat("k", 1<<20): {"canary"}}
	if _, err := automation.ParseCall("acct_1", "update-respondent", values); !errors.Is(err, automation.ErrParameter) || len(err.Error()) > 400 || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %.500v; want one short refusal without the value", err)
	}
}

// calls returns the runs that a call makes of [calling].
func calls(t testing.TB, id, name, parameters string) []automation.Planned {
	t.Helper()
	c, err := automation.ParseCall("acct_1", name, query(t, parameters))
	if err != nil {
		t.Fatal(err)
	}
	planned, err := calling().PlanCall(id, c)
	if err != nil {
		t.Fatal(err)
	}
	return planned
}

// I8, R2.
func TestCallsMakeRuns(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		who         runs.Respondent
		messages    []string
		delays      []time.Duration
	}{
		{"update-respondent", "id_survey=399793&id_respondent=12345&l4=SuperVIP&l7=9", runs.Respondent{ID: "12345"},
			[]string{`{"account":"acct_1","survey":"399793","id":"12345","labels":{"l4":"SuperVIP","l7":"9"}}`}, []time.Duration{0}},
		{"add-respondent", "id_survey=1&email=a@example.com", runs.Respondent{Email: "a@example.com"},
			[]string{`{"account":"acct_1","survey":"1","email":"a@example.com"}`}, []time.Duration{0}},
		{"send-invitation", "id_survey=1&id_template=2&email=a@example.com&l1=x&delay=30&reminder_delay=2", runs.Respondent{Email: "a@example.com"},
			[]string{
				`{"account":"acct_1","survey":"1","recipient":"a@example.com","template":{"id":"2"},"labels":{"l1":"x"}}`,
				`{"account":"acct_1","survey":"1","recipient":"a@example.com","template":{"id":"2"},"labels":{"l1":"x"},"reminder":true}`,
			}, []time.Duration{30 * time.Minute, 150 * time.Minute}},
		{"send-invitation-to-token", "id_survey=1&id_template=2&token=t&footer=Bye", runs.Respondent{},
			[]string{`{"account":"acct_1","survey":"1","token":"t","template":{"id":"2"},"footer":"Bye"}`}, []time.Duration{0}},
	} {
		planned := calls(t, "1", tt.name, tt.query)
		var messages []string
		var delays []time.Duration
		for i, p := range planned {
			messages, delays = append(messages, string(p.Run.Message)), append(delays, p.Delay)
			want := runs.Run{
				ID: p.Run.ID, Account: "acct_1", Automation: "aut_8", Action: tt.name + []string{"", ".reminder"}[i], Event: p.Run.Event,
				EventType: "incoming.call", Respondent: tt.who, Message: p.Run.Message,
			}
			if diff := cmp.Diff(want, p.Run); diff != "" {
				t.Errorf("%s: run (-want +got):\n%s", tt.name, diff)
			}
		}
		if diff := cmp.Diff(tt.messages, messages); diff != "" {
			t.Errorf("%s: messages (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.delays, delays); diff != "" {
			t.Errorf("%s: delays (-want +got):\n%s", tt.name, diff)
		}
	}
}

// I7 and O5 hold for calls as for requests.
func TestCallsAreIdempotentAndHeedDisabling(t *testing.T) {
	const name, parameters = "add-respondent", "id_survey=1&email=a@example.com"
	first, again, other := calls(t, "1", name, parameters), calls(t, "1", name, parameters), calls(t, "2", name, parameters)
	if first[0].Run.ID != again[0].Run.ID || first[0].Run.ID == other[0].Run.ID {
		t.Errorf("run ids %s and %s of one call, %s of another", first[0].Run.ID, again[0].Run.ID, other[0].Run.ID)
	}
	c, err := automation.ParseCall("acct_1", name, query(t, parameters))
	if err != nil {
		t.Fatal(err)
	}
	a := calling()
	a.Disabled = &automation.Disabled{Reason: automation.ByUser}
	if planned, err := a.PlanCall("1", c); err != nil || len(planned) != 0 {
		t.Errorf("disabled: %d runs, %v; want none", len(planned), err)
	}
	a.RecordDisabled = true
	if planned, err := a.PlanCall("1", c); err != nil || len(planned) != 1 || planned[0].Run.Held != runs.HoldDisabled {
		t.Errorf("recorded: %+v, %v; want one held run", planned, err)
	}
	if _, err := inviting().PlanCall("1", c); !errors.Is(err, automation.ErrTrigger) {
		t.Errorf("an automation with fields: %v; want ErrTrigger", err)
	}
	if !(runs.Erasure{Account: "acct_1", Email: "A@example.com"}).Covers(first[0].Run) {
		t.Error("the run is not covered by the erasure of its person")
	}
}

// I8: the answer is that of the source's example.
func TestCallsAreAnsweredInWords(t *testing.T) {
	if got := automation.UpdateRespondent.Success(); got != "Respondent has been updated on the survey's mailing list" {
		t.Errorf("answer %q", got)
	}
	for _, n := range []automation.CallName{automation.AddRespondent, automation.SendInvitation, automation.SendInvitationToToken} {
		if n.Success() == "" || n.Success() == automation.UpdateRespondent.Success() {
			t.Errorf("%s is answered %q", n, n.Success())
		}
	}
}

// Whatever is called, the answer is valid text without a value, or runs whose calls are within their bounds.
func FuzzParseCall(f *testing.F) {
	f.Add("update-respondent", "id_survey=399793&id_respondent=12345&l4=SuperVIP&l7=9")
	f.Add("send-invitation", "id_survey=1&id_template=2&email=a@example.com&delay=1&reminder_delay=1")
	f.Add("send-invitation-to-token", "id_survey=1&id_template=2&token=%00&a[]=;&%FF=1")
	f.Add("x", "")
	f.Fuzz(func(t *testing.T, name, text string) {
		values, _ := url.ParseQuery(text)
		c, err := automation.ParseCall("acct_1", name, values)
		if err != nil {
			if _, ok := errors.AsType[*automation.CallError](err); !ok || !utf8.ValidString(err.Error()) || len(err.Error()) > 1000 {
				t.Fatalf("refused with %q", err)
			}
			return
		}
		if c.Survey == "" || c.Delay < 0 || c.Delay > automation.MaxDelay || len(values) == 0 {
			t.Fatalf("%s?%s is read as %+v", name, text, c)
		}
		planned, err := calling().PlanCall("1", c)
		if err != nil || len(planned) == 0 || c.Reminder != nil && len(planned) != 2 {
			t.Fatalf("%s?%s makes %d runs, %v", name, text, len(planned), err)
		}
	})
}
