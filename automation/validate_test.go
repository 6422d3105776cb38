package automation_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// known is what a trigger by the survey of [response] can name.
var known = automation.Known{
	Variables: []labels.Variable{
		{ID: "101", Kind: labels.Question}, {ID: "102", Kind: labels.Question}, {ID: "7", Kind: labels.Background},
		{ID: "opt", Kind: labels.Option}, {ID: "contact.email", Kind: labels.Field}, // no field of a request goes to those
	},
	Labels: map[string]string{"102": "Ausflüge"},
}

// valid returns an automation that nothing is wrong with.
func valid(t testing.TB) automation.Automation {
	a := rule()
	a.Actions[0].Push.Secrets = automation.Secrets{secret(t, canarySecret)}
	return a
}

// refusal is how the tests write a violation.
func refusal(rule error, field string, args ...any) string {
	return fmt.Sprintf(field, args...) + " " + rule.Error()
}

// mustRefuse fails unless Validate reports exactly these violations in this order, each found by errors.Is.
func mustRefuse(t *testing.T, a automation.Automation, want ...string) {
	t.Helper()
	err := a.Validate(known)
	var refused *automation.ValidationError
	if !errors.As(err, &refused) {
		t.Errorf("got %v; want %q", err, want)
		return
	}
	var got []string
	for _, v := range refused.Violations {
		got = append(got, refusal(v.Rule, "%s", v.Field))
		if !errors.Is(err, v.Rule) {
			t.Errorf("errors.Is does not find the rule of %v", v)
		}
		if v.Message == "" || strings.Contains(v.Message, "%!") {
			t.Errorf("%s: message %q", v.Field, v.Message)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

func mustAccept(t *testing.T, c automation.Condition) {
	t.Helper()
	a := valid(t)
	a.Trigger.Filter = &c
	if err := a.Validate(known); err != nil {
		t.Errorf("%+v: %v", c, err)
	}
}

func TestAutomationAtItsBoundsIsAccepted(t *testing.T) {
	for name, edit := range map[string]func(*automation.Automation){
		"as it is":      func(*automation.Automation) {},
		"disabled":      func(a *automation.Automation) { a.Disabled = &automation.Disabled{Reason: automation.ByUser} }, // O5
		"longest name":  func(a *automation.Automation) { a.Name = strings.Repeat("ö", automation.MaxName) },
		"most types":    func(a *automation.Automation) { a.Trigger.Types = slices.Repeat([]string{"*"}, automation.MaxTypes) },
		"most actions":  func(a *automation.Automation) { a.Actions = actions(a.Actions[0], automation.MaxActions) },
		"longest delay": func(a *automation.Automation) { a.Actions[0].Delay = automation.MaxDelay },
		"longest time":  func(a *automation.Automation) { a.Actions[0].Push.Timeout = automation.MaxTimeout },
		"most at once":  func(a *automation.Automation) { a.Limits.Concurrency = automation.MaxConcurrency },
		"no secret yet": func(a *automation.Automation) { a.Actions[0].Push.Secrets = nil },
		"most secrets":  func(a *automation.Automation) { repeatSecret(a, automation.MaxSecrets) },
		"longest id":    func(a *automation.Automation) { a.Actions[0].ID = strings.Repeat("a", automation.MaxActionID) },
		"http, allowed": func(a *automation.Automation) { a.Actions[0].Push.URL, a.Actions[0].Push.AllowHTTP = "http://h/", true },
		"a selection":   func(a *automation.Automation) { a.Actions[0].Push.Body = selection("7", "101") },
		"all, labelled": func(a *automation.Automation) {
			a.Actions[0].Push.Body = automation.Body{Form: automation.Selected, Labels: automation.Data}
		},
		"own rule": func(a *automation.Automation) {
			a.DisableRule = automation.DisableRule{After: time.Hour, FailedRuns: 3}
		},
		"most mailboxes": func(a *automation.Automation) {
			a.Recipients = slices.Repeat([]string{"a@example.com"}, automation.MaxRecipients)
		},
	} {
		a := valid(t)
		edit(&a)
		if err := a.Validate(known); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// actions returns n actions like act.
func actions(act automation.Action, n int) []automation.Action {
	all := slices.Repeat([]automation.Action{act}, n)
	for i := range all {
		all[i].ID = fmt.Sprint(i + 1)
	}
	return all
}

func repeatSecret(a *automation.Automation, n int) {
	a.Actions[0].Push.Secrets = slices.Repeat(a.Actions[0].Push.Secrets, n)
}

func selection(ids ...string) automation.Body {
	return automation.Body{Form: automation.Selected, Variables: ids}
}

// O2, O5, S7, N1: one thing is wrong, and it alone is reported.
func TestEachWrongSettingIsRefused(t *testing.T) {
	const push = "/actions/0/push"
	type A = automation.Automation
	for name, tt := range map[string]struct {
		edit func(*A)
		want []string
	}{
		"no account":         {func(a *A) { a.Account = "" }, []string{refusal(automation.ErrAccount, "/account")}},
		"no name":            {func(a *A) { a.Name = "" }, []string{refusal(automation.ErrName, "/name")}},
		"a blank name":       {func(a *A) { a.Name = " \u00a0\t" }, []string{refusal(automation.ErrName, "/name")}},
		"a long name":        {func(a *A) { a.Name = strings.Repeat("ö", automation.MaxName+1) }, []string{refusal(automation.ErrName, "/name")}},
		"a line break":       {func(a *A) { a.Name = "a\r\nBcc: b" }, []string{refusal(automation.ErrName, "/name")}},
		"a line separator":   {func(a *A) { a.Name = "a\u2028b" }, []string{refusal(automation.ErrName, "/name")}},
		"an escape":          {func(a *A) { a.Name = "a\x1b[31m" }, []string{refusal(automation.ErrName, "/name")}},
		"no UTF-8":           {func(a *A) { a.Name = "a\xff" }, []string{refusal(automation.ErrName, "/name")}},
		"no type":            {func(a *A) { a.Trigger.Types = nil }, []string{refusal(automation.ErrTrigger, "/trigger/types")}},
		"too many types":     {func(a *A) { a.Trigger.Types = slices.Repeat([]string{"*"}, 51) }, []string{refusal(automation.ErrTrigger, "/trigger/types")}},
		"no action":          {func(a *A) { a.Actions = nil }, []string{refusal(automation.ErrAction, "/actions")}},
		"too many actions":   {func(a *A) { a.Actions = actions(a.Actions[0], 21) }, []string{refusal(automation.ErrAction, "/actions")}},
		"an idle action":     {func(a *A) { a.Actions[0].Push = nil }, []string{refusal(automation.ErrAction, "/actions/0")}},
		"a shared id":        {func(a *A) { a.Actions = slices.Repeat(a.Actions, 2) }, []string{refusal(automation.ErrAction, "/actions/1/id")}},
		"a strange id":       {func(a *A) { a.Actions[0].ID = "a/b" }, []string{refusal(automation.ErrAction, "/actions/0/id")}},
		"a long id":          {func(a *A) { a.Actions[0].ID = strings.Repeat("a", 65) }, []string{refusal(automation.ErrAction, "/actions/0/id")}},
		"a negative delay":   {func(a *A) { a.Actions[0].Delay = -1 }, []string{refusal(automation.ErrLimit, "/actions/0/delay")}},
		"a long delay":       {func(a *A) { a.Actions[0].Delay = automation.MaxDelay + 1 }, []string{refusal(automation.ErrLimit, "/actions/0/delay")}},
		"a negative timeout": {func(a *A) { a.Actions[0].Push.Timeout = -1 }, []string{refusal(automation.ErrLimit, push+"/timeout")}},
		"a long timeout":     {func(a *A) { a.Actions[0].Push.Timeout = automation.MaxTimeout + 1 }, []string{refusal(automation.ErrLimit, push+"/timeout")}},
		"no retry policy":    {func(a *A) { a.Actions[0].Push.Retry = runs.Policy{Jitter: math.NaN()} }, []string{refusal(automation.ErrPolicy, push+"/retry")}},
		"a zero secret":      {func(a *A) { a.Actions[0].Push.Secrets = make(automation.Secrets, 1) }, []string{refusal(automation.ErrSecret, push+"/secrets/0")}},
		"a public key":       {func(a *A) { a.Actions[0].Push.Secrets = append(a.Actions[0].Push.Secrets, publicKey(t)) }, []string{refusal(automation.ErrSecret, push+"/secrets/1")}},
		"too many secrets":   {func(a *A) { repeatSecret(a, 17) }, []string{refusal(automation.ErrSecret, push+"/secrets")}},
		"an unknown form":    {func(a *A) { a.Actions[0].Push.Body.Form = "xml" }, []string{refusal(automation.ErrAction, push+"/body/form")}},
		"unknown labels":     {func(a *A) { a.Actions[0].Push.Body = automation.Body{Form: automation.Selected, Labels: "own"} }, []string{refusal(automation.ErrAction, push+"/body/labels")}},
		"labels of a whole":  {func(a *A) { a.Actions[0].Push.Body.Labels = automation.Data }, []string{refusal(automation.ErrAction, push+"/body")}},
		"part of a whole":    {func(a *A) { a.Actions[0].Push.Body.Variables = []string{"7"} }, []string{refusal(automation.ErrAction, push+"/body")}},
		"part of ids":        {func(a *A) { a.Actions[0].Push.Body = automation.Body{Form: automation.Thin, Variables: []string{"7"}} }, []string{refusal(automation.ErrAction, push+"/body")}},
		"labels of ids":      {func(a *A) { a.Actions[0].Push.Body = automation.Body{Form: automation.Thin, Labels: automation.Data} }, []string{refusal(automation.ErrAction, push+"/body")}},
		"unknown variables": {func(a *A) { a.Actions[0].Push.Body = selection("8", "7", "") }, []string{
			refusal(automation.ErrVariable, push+"/body/variables/0"), refusal(automation.ErrVariable, push+"/body/variables/2"),
		}},
		"a variable twice":    {func(a *A) { a.Actions[0].Push.Body = selection("7", "101", "7") }, []string{refusal(automation.ErrVariable, push+"/body/variables/2")}},
		"too many variables":  {func(a *A) { a.Actions[0].Push.Body = selection(make([]string, 1001)...) }, []string{refusal(automation.ErrLimit, push+"/body/variables")}},
		"a negative bound":    {func(a *A) { a.DisableRule.After = -1 }, []string{refusal(automation.ErrLimit, "/disable_rule")}},
		"a negative count":    {func(a *A) { a.DisableRule.FailedRuns = -1 }, []string{refusal(automation.ErrLimit, "/disable_rule")}},
		"too many recipients": {func(a *A) { a.Recipients = slices.Repeat([]string{"a@example.com"}, 21) }, []string{refusal(automation.ErrRecipient, "/recipients")}},
	} {
		t.Run(name, func(t *testing.T) {
			a := valid(t)
			tt.edit(&a)
			mustRefuse(t, a, tt.want...)
		})
	}
}

func publicKey(t testing.TB) signature.Secret {
	t.Helper()
	private, err := signature.NewPrivate(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	public, err := private.Public()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func TestNoVariableIsKnownByDefault(t *testing.T) {
	a := rule(selection("7"))
	if err := a.Validate(automation.Known{}); !errors.Is(err, automation.ErrVariable) {
		t.Errorf("got %v; want %v", err, automation.ErrVariable)
	}
}

func TestAllViolationsAreReportedInOrder(t *testing.T) {
	a := automation.Automation{
		Trigger: automation.Trigger{Types: []string{"contact.*", "Ü"}, Filter: &automation.Condition{}},
		Actions: []automation.Action{
			{ID: "1", Delay: -1, Push: &automation.Push{
				URL: "ftp://h/", Headers: map[string]string{"Host": "h", "a b": "", "X": "\n"}, Secrets: make(automation.Secrets, 2),
				Body: selection("7", "8"), Timeout: -1, Retry: runs.Policy{Jitter: 2},
			}},
			{ID: "1"},
		},
		Limits:      automation.Limits{Concurrency: -1},
		DisableRule: automation.DisableRule{After: -1},
		Recipients:  []string{"a@example.com", "b"},
	}
	mustRefuse(t, a,
		refusal(automation.ErrAccount, "/account"),
		refusal(automation.ErrName, "/name"),
		refusal(automation.ErrTrigger, "/trigger/types/1"),
		refusal(automation.ErrCondition, "/trigger/filter"),
		refusal(automation.ErrLimit, "/actions/0/delay"),
		refusal(automation.ErrURL, "/actions/0/push/url"),
		refusal(automation.ErrHeader, "/actions/0/push/headers/Host"),
		refusal(automation.ErrHeader, "/actions/0/push/headers/X"),
		refusal(automation.ErrHeader, "/actions/0/push/headers/a b"),
		refusal(automation.ErrSecret, "/actions/0/push/secrets/0"),
		refusal(automation.ErrSecret, "/actions/0/push/secrets/1"),
		refusal(automation.ErrVariable, "/actions/0/push/body/variables/1"),
		refusal(automation.ErrLimit, "/actions/0/push/timeout"),
		refusal(automation.ErrPolicy, "/actions/0/push/retry"),
		refusal(automation.ErrAction, "/actions/1/id"),
		refusal(automation.ErrAction, "/actions/1"),
		refusal(automation.ErrLimit, "/limits/concurrency"),
		refusal(automation.ErrLimit, "/disable_rule"),
		refusal(automation.ErrRecipient, "/recipients/1"),
	)
}

// ATTACKS 4, 5, 7 and 8 at the door: all cases are in internal/pushurl.
func TestPushURLIsRefusedWhenSaved(t *testing.T) {
	for _, url := range []string{
		"", "https://", "https:///x", "https://user:pass@h/", "https://h/#x", "ftp://h/", "https://h/\r\nX: y", "https://h:0/",
		"http://①②⑦.⓪.⓪.①/", "http://[fe80::1%25eth0]/", "https://127.1/", "https://h/" + strings.Repeat("a", 4096),
	} {
		a := valid(t)
		a.Actions[0].Push.URL, a.Actions[0].Push.AllowHTTP = url, true
		mustRefuse(t, a, refusal(automation.ErrURL, "/actions/0/push/url"))
	}
}

// O2: https; http by explicit option.
func TestHTTPNeedsToBeAllowed(t *testing.T) {
	a := valid(t)
	a.Actions[0].Push.URL = "HTTP://example.com/"
	mustRefuse(t, a, refusal(automation.ErrURL, "/actions/0/push/url"))
	a.Actions[0].Push.AllowHTTP = true
	if err := a.Validate(known); err != nil {
		t.Errorf("http is refused although it is allowed: %v", err)
	}
}
