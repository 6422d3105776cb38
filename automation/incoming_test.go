package automation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// calling returns an automation that takes the calls of URL webhooks.
func calling() automation.Automation {
	return automation.Automation{
		ID: "aut_8", Account: "acct_1", Name: "Calls", Trigger: automation.Trigger{Incoming: &automation.Incoming{URLWebhooks: true}},
	}
}

// texts returns n fields after those of [inviting].
func texts(n int) []automation.Field {
	fields := inviting().Trigger.Incoming.Fields
	for i := range n {
		fields = append(fields, automation.Field{Name: fmt.Sprintf("f%d", i), Type: automation.TypeText})
	}
	return fields
}

func TestFieldsAtTheirBoundsAreAccepted(t *testing.T) {
	type A = automation.Automation
	deep := strings.TrimSuffix(strings.Repeat("a.", 20), ".")
	mustAcceptEach(t, map[string]func(*A, *automation.Incoming, *automation.Invite){
		"as it is":    func(*A, *automation.Incoming, *automation.Invite) {},
		"disabled":    func(a *A, _ *automation.Incoming, _ *automation.Invite) { a.Disabled = &automation.Disabled{} },
		"most fields": func(_ *A, in *automation.Incoming, _ *automation.Invite) { in.Fields = texts(automation.MaxFields - 7) },
		"longest name": func(_ *A, in *automation.Incoming, _ *automation.Invite) {
			in.Fields[4].Name = strings.Repeat("ö", 100)
		},
		"deepest path": func(_ *A, in *automation.Incoming, _ *automation.Invite) { in.Fields[4].Name = deep },
		"a strange path": func(_ *A, in *automation.Incoming, _ *automation.Invite) {
			in.Fields[4].Name = "__proto__.-1.1e9.first name"
		},
		"far items": func(_ *A, in *automation.Incoming, _ *automation.Invite) {
			in.Fields[4].Name, in.Fields[5].Name = "a.999.b", "c.900"
		},
		"siblings":   func(_ *A, in *automation.Incoming, _ *automation.Invite) { in.Fields[4].Name = "guest.firstborn" },
		"a question": func(_ *A, in *automation.Incoming, _ *automation.Invite) { in.Fields[1].Variable = "101" },
		"a filter": func(a *A, _ *automation.Incoming, _ *automation.Invite) {
			a.Trigger.Filter = &automation.Condition{Not: &automation.Condition{Field: "member", Op: automation.Exists}}
		},
	})
}

func mustAcceptEach(t *testing.T, edits map[string]func(*automation.Automation, *automation.Incoming, *automation.Invite)) {
	t.Helper()
	for name, edit := range edits {
		a := inviting()
		edit(&a, a.Trigger.Incoming, a.Actions[0].Invite)
		if err := a.Validate(known); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIncomingAutomationAtItsBoundsIsAccepted(t *testing.T) {
	type A = automation.Automation
	mustAcceptEach(t, map[string]func(*A, *automation.Incoming, *automation.Invite){
		"several invites": func(a *A, _ *automation.Incoming, _ *automation.Invite) {
			a.Actions = actions(a.Actions[0], automation.MaxActions)
		},
		"no names": func(_ *A, _ *automation.Incoming, i *automation.Invite) { i.FirstName, i.LastName = "", "" },
		"a host's message": func(_ *A, _ *automation.Incoming, i *automation.Invite) {
			i.Template = automation.Template{ID: "msg-1 β"}
		},
		"brackets": func(_ *A, _ *automation.Incoming, i *automation.Invite) {
			i.Template.Text = "[[not a macro] [guest.last] ]"
			i.Template.HTML = "<!--[[if mso]><p>[guest.first]</p><![[endif]--><a title='[guest.last]' href=\"[SURVEY_LINK]\">x</a>"
		},
		"longest texts": func(_ *A, _ *automation.Incoming, i *automation.Invite) {
			i.Template = automation.Template{
				Subject: strings.Repeat("ö", automation.MaxSubject), Text: strings.Repeat("a", automation.MaxText), HTML: strings.Repeat("a", automation.MaxHTML),
			}
		},
		"earliest reminder": func(_ *A, _ *automation.Incoming, i *automation.Invite) {
			i.Reminder = &automation.Reminder{After: automation.MinReminder}
		},
		"latest reminder": func(_ *A, _ *automation.Incoming, i *automation.Invite) {
			i.Reminder = &automation.Reminder{After: automation.MaxDelay, Template: automation.Template{ID: "msg_2"}}
		},
		"longest time": func(_ *A, _ *automation.Incoming, i *automation.Invite) { i.Timeout = automation.MaxTimeout },
		"a secret": func(_ *A, in *automation.Incoming, _ *automation.Invite) {
			in.Secrets = automation.Secrets{publicKey(t)}
		},
		"other schemes": func(_ *A, in *automation.Incoming, _ *automation.Invite) {
			in.Secrets = automation.Secrets{secret(t, canarySecret), secret(t, "text_correct horse")}
			in.Schemes = []signature.Scheme{{Kind: signature.GitHub}, {Kind: signature.Standard}}
		},
		"the query": func(_ *A, in *automation.Incoming, _ *automation.Invite) { in.QueryKey, in.Anonymous = true, true },
		"ordered":   func(a *A, _ *automation.Incoming, _ *automation.Invite) { a.Limits.Ordered = true },
	})
	if err := calling().Validate(automation.Known{}); err != nil {
		t.Errorf("URL webhooks: %v", err)
	}
}

// refusedSetting is an edit of [inviting] that makes it unfit, and the violations that it makes.
type refusedSetting struct {
	edit func(a *automation.Automation, in *automation.Incoming, i *automation.Invite)
	want []string
}

func mustRefuseEach(t *testing.T, settings map[string]refusedSetting) {
	t.Helper()
	for name, s := range settings {
		t.Run(name, func(t *testing.T) {
			a := inviting()
			s.edit(&a, a.Trigger.Incoming, a.Actions[0].Invite)
			mustRefuse(t, a, s.want...)
		})
	}
}

// I2, I3: one thing is wrong, and it alone is reported.
func TestEachWrongFieldIsRefused(t *testing.T) {
	type (
		A = automation.Automation
		N = automation.Incoming
		I = automation.Invite
	)
	const fields = "/trigger/incoming/fields"
	name := func(text string) refusedSetting {
		return refusedSetting{func(_ *A, in *N, _ *I) { in.Fields[4].Name = text }, []string{refusal(automation.ErrField, fields+"/4/name")}}
	}
	variable := func(i int, id string, at int) refusedSetting {
		return refusedSetting{func(_ *A, in *N, _ *I) { in.Fields[i].Variable = id }, []string{refusal(automation.ErrVariable, "%s/%d/variable", fields, at)}}
	}
	mustRefuseEach(t, map[string]refusedSetting{
		"no name":             name(""),
		"a long name":         name(strings.Repeat("a", automation.MaxFieldName+1)),
		"no UTF-8":            name("a\xff"),
		"a bracket":           name("items[0]"),
		"a closing bracket":   name("a]"),
		"a control character": name("a\x00b"),
		"a line separator":    name("a\u2028b"),
		"no first part":       name(".a"),
		"no last part":        name("a."),
		"no part between":     name("a..b"),
		"a space at an end":   name("a. b"),
		"21 parts":            name(strings.Repeat("a.", 20) + "a"),
		"the macro's name":    name("SURVEY_LINK"),
		"a name twice":        name("nights"),
		"a field within":      name("nights.first"),
		"a field around":      name("guest"),
		"an unknown type":     {func(_ *A, in *N, _ *I) { in.Fields[4].Type = "date_time" }, []string{refusal(automation.ErrField, fields+"/4/type")}},
		"no type":             {func(_ *A, in *N, _ *I) { in.Fields[4].Type = "" }, []string{refusal(automation.ErrField, fields+"/4/type")}},
		"items too far": {func(_ *A, in *N, _ *I) { in.Fields[4].Name, in.Fields[5].Name = "a.999.b", "c.999.d.10" },
			[]string{refusal(automation.ErrField, fields)}},
		"too many":                {func(_ *A, in *N, _ *I) { in.Fields = texts(automation.MaxFields - 6) }, []string{refusal(automation.ErrField, fields)}},
		"a variable that is not":  variable(1, "8", 1),
		"an option":               variable(1, "opt", 1),
		"a field of a payload":    variable(1, "contact.email", 1),
		"a variable twice":        variable(1, "7", 3),
		"a variable, excluded":    variable(4, "101", 4),
		"an unknown filter field": {func(a *A, _ *N, _ *I) { a.Trigger.Filter = filter("gone") }, []string{refusal(automation.ErrCondition, "/trigger/filter/field")}},
		"unknown ones in groups": {func(a *A, _ *N, _ *I) {
			a.Trigger.Filter = &automation.Condition{All: []automation.Condition{*filter("nights"), {Not: filter("a")}, {Any: []automation.Condition{*filter("b")}}}}
		}, []string{refusal(automation.ErrCondition, "/trigger/filter/all/1/not/field"), refusal(automation.ErrCondition, "/trigger/filter/all/2/any/0/field")}},
	})
}

func filter(field string) *automation.Condition {
	return &automation.Condition{Field: field, Op: automation.Exists}
}

// I1, I5, O5: and so with all else.
func TestEachWrongIncomingSettingIsRefused(t *testing.T) {
	type (
		A = automation.Automation
		N = automation.Incoming
		I = automation.Invite
	)
	const invite = "/actions/0/invite"
	push := &automation.Push{URL: "https://hooks.example/"}
	mustRefuseEach(t, map[string]refusedSetting{
		"types too":          {func(a *A, _ *N, _ *I) { a.Trigger.Types = []string{"*"} }, []string{refusal(automation.ErrTrigger, "/trigger/types")}},
		"no survey":          {func(a *A, _ *N, _ *I) { a.Trigger.Survey = "" }, []string{refusal(automation.ErrTrigger, "/trigger/survey")}},
		"no action":          {func(a *A, _ *N, _ *I) { a.Actions = nil }, []string{refusal(automation.ErrAction, "/actions")}},
		"an idle action":     {func(a *A, _ *N, _ *I) { a.Actions[0].Invite = nil }, []string{refusal(automation.ErrAction, "/actions/0")}},
		"a push":             {func(a *A, _ *N, _ *I) { a.Actions[0].Invite, a.Actions[0].Push = nil, push }, []string{refusal(automation.ErrAction, "/actions/0/push")}},
		"a push too":         {func(a *A, _ *N, _ *I) { a.Actions[0].Push = push }, []string{refusal(automation.ErrAction, "/actions/0/push")}},
		"no recipient":       {func(_ *A, _ *N, i *I) { i.Recipient = "" }, []string{refusal(automation.ErrField, invite+"/recipient")}},
		"not declared":       {func(_ *A, _ *N, i *I) { i.Recipient = "email" }, []string{refusal(automation.ErrField, invite+"/recipient")}},
		"not an address":     {func(_ *A, _ *N, i *I) { i.Recipient = "guest.first" }, []string{refusal(automation.ErrField, invite+"/recipient")}},
		"not required":       {func(_ *A, in *N, _ *I) { in.Fields[0].Required = false }, []string{refusal(automation.ErrField, invite+"/recipient")}},
		"excluded":           {func(_ *A, in *N, _ *I) { in.Fields[0].Excluded = true }, []string{refusal(automation.ErrField, invite+"/recipient")}},
		"no first name":      {func(_ *A, _ *N, i *I) { i.FirstName = "gone" }, []string{refusal(automation.ErrField, invite+"/first_name")}},
		"a number as a name": {func(_ *A, _ *N, i *I) { i.LastName = "nights" }, []string{refusal(automation.ErrField, invite+"/last_name")}},
		"a long timeout":     {func(_ *A, _ *N, i *I) { i.Timeout = automation.MaxTimeout + 1 }, []string{refusal(automation.ErrLimit, invite+"/timeout")}},
		"no retry policy":    {func(_ *A, _ *N, i *I) { i.Retry = runs.Policy{Jitter: 2} }, []string{refusal(automation.ErrPolicy, invite+"/retry")}},
		"an early reminder":  {func(_ *A, _ *N, i *I) { i.Reminder = &automation.Reminder{} }, []string{refusal(automation.ErrLimit, invite+"/reminder/after")}},
		"a late reminder": {func(_ *A, _ *N, i *I) { i.Reminder = &automation.Reminder{After: automation.MaxDelay + 1} },
			[]string{refusal(automation.ErrLimit, invite+"/reminder/after")}},
		"an unfit reminder": {func(_ *A, _ *N, i *I) {
			i.Reminder = &automation.Reminder{After: time.Hour, Template: automation.Template{Subject: "a"}}
		}, []string{refusal(automation.ErrTemplate, invite+"/reminder/template")}},
		"an ordered reminder": {func(a *A, _ *N, i *I) {
			a.Limits.Ordered, i.Reminder = true, &automation.Reminder{After: time.Hour}
		}, []string{refusal(automation.ErrLimit, "/limits/ordered")}},
		"a zero secret":    {func(_ *A, in *N, _ *I) { in.Secrets = make(automation.Secrets, 1) }, []string{refusal(automation.ErrSecret, "/trigger/incoming/secrets/0")}},
		"an unfit secret":  {func(_ *A, in *N, _ *I) { in.Secrets = automation.Secrets{secret(t, "text_correct horse")} }, []string{refusal(automation.ErrSecret, "/trigger/incoming/secrets/0")}},
		"too many secrets": {func(_ *A, in *N, _ *I) { in.Secrets = make(automation.Secrets, 17) }, []string{refusal(automation.ErrSecret, "/trigger/incoming/secrets")}},
		"a scheme alone": {func(_ *A, in *N, _ *I) { in.Schemes = []signature.Scheme{{Kind: signature.GitHub}} },
			[]string{refusal(automation.ErrSecret, "/trigger/incoming/secrets")}},
		"an unknown scheme": {func(_ *A, in *N, _ *I) { // ATTACKS 38
			in.Schemes, in.Secrets = []signature.Scheme{{Kind: "none"}}, automation.Secrets{secret(t, canarySecret)}
		}, []string{refusal(automation.ErrScheme, "/trigger/incoming/schemes/0")}},
		"a scheme without a secret": {func(_ *A, in *N, _ *I) {
			in.Schemes, in.Secrets = []signature.Scheme{{Kind: signature.Standard}, {Kind: signature.GitHub}}, automation.Secrets{publicKey(t)}
		}, []string{refusal(automation.ErrScheme, "/trigger/incoming/schemes")}},
		"too many schemes": {func(_ *A, in *N, _ *I) { in.Schemes = make([]signature.Scheme, 5) }, []string{refusal(automation.ErrScheme, "/trigger/incoming/schemes")}},
	})
	outgoing := valid(t)
	outgoing.Actions[0] = inviting().Actions[0]
	mustRefuse(t, outgoing, refusal(automation.ErrAction, invite))
}

func TestUnfitTemplatesAreRefused(t *testing.T) {
	const at = "/actions/0/invite/template"
	good := inviting().Actions[0].Invite.Template
	for name, tt := range map[string]struct {
		edit func(*automation.Template)
		want string
	}{
		"nothing":          {func(x *automation.Template) { *x = automation.Template{} }, at},
		"no subject":       {func(x *automation.Template) { x.Subject = " " }, at},
		"no text":          {func(x *automation.Template) { x.Text = "" }, at},
		"an id and a text": {func(x *automation.Template) { x.ID = "msg_1" }, at},
		"a long id": {func(x *automation.Template) {
			*x = automation.Template{ID: strings.Repeat("a", automation.MaxCallID+1)}
		}, at + "/id"},
		"an id with a break": {func(x *automation.Template) { *x = automation.Template{ID: "a\nb"} }, at + "/id"},
		"a long subject":     {func(x *automation.Template) { x.Subject = strings.Repeat("ö", automation.MaxSubject+1) }, at + "/subject"},
		"a line break":       {func(x *automation.Template) { x.Subject = "a\r\nBcc: b@example.com" }, at + "/subject"},
		"a tab":              {func(x *automation.Template) { x.Subject = "a\tb" }, at + "/subject"},
		"NUL":                {func(x *automation.Template) { x.Subject = "a\x00" }, at + "/subject"},
		"a turned subject":   {func(x *automation.Template) { x.Subject = "a\u202eb" }, at + "/subject"},
		"no UTF-8":           {func(x *automation.Template) { x.Subject = "a\xff" }, at + "/subject"},
		"a long text":        {func(x *automation.Template) { x.Text = strings.Repeat("a", automation.MaxText+1) }, at + "/text"},
		"an escape":          {func(x *automation.Template) { x.Text = "a\x1b[[31m" }, at + "/text"},
		"a long document":    {func(x *automation.Template) { x.HTML = strings.Repeat("a", automation.MaxHTML+1) }, at + "/html"},
		"an unknown macro":   {func(x *automation.Template) { x.Text = "[guest.middle]" }, at + "/text"},
		"an excluded field":  {func(x *automation.Template) { x.Text = "[member]" }, at + "/text"},
		"another case":       {func(x *automation.Template) { x.Text = "[survey_link]" }, at + "/text"},
		"an empty macro":     {func(x *automation.Template) { x.Text = "[]" }, at + "/text"},
		"an open macro":      {func(x *automation.Template) { x.Text = "[nights" }, at + "/text"},
		"a broken macro":     {func(x *automation.Template) { x.Text = "[nights\n]" }, at + "/text"},
		"a nested macro":     {func(x *automation.Template) { x.Text = "[a[nights]]" }, at + "/text"},
		"too many macros":    {func(x *automation.Template) { x.Text = strings.Repeat("[nights]", automation.MaxTemplateMacros+1) }, at + "/text"},
		"an open tag":        {func(x *automation.Template) { x.HTML = "<a href='[nights]" }, at + "/html"},
		"an open script":     {func(x *automation.Template) { x.HTML = "<script>x = [nights]" }, at + "/html"},
	} {
		t.Run(name, func(t *testing.T) {
			a := inviting()
			a.Actions[0].Invite.Template = good
			tt.edit(&a.Actions[0].Invite.Template)
			mustRefuse(t, a, refusal(automation.ErrTemplate, "%s", tt.want))
		})
	}
}

// I8: calls say all; what else is set would mislead.
func TestURLWebhooksHaveNothingElse(t *testing.T) {
	a := inviting()
	a.Trigger.Filter = filter("nights")
	in := a.Trigger.Incoming
	in.URLWebhooks, in.QueryKey = true, true
	in.Schemes, in.Secrets = []signature.Scheme{{Kind: signature.Standard}}, automation.Secrets{secret(t, canarySecret)}
	mustRefuse(t, a,
		refusal(automation.ErrTrigger, "/trigger/survey"), refusal(automation.ErrTrigger, "/trigger/filter"),
		refusal(automation.ErrTrigger, "/trigger/incoming/fields"), refusal(automation.ErrTrigger, "/trigger/incoming/schemes"),
		refusal(automation.ErrTrigger, "/trigger/incoming/secrets"), refusal(automation.ErrTrigger, "/trigger/incoming/query_key"),
		refusal(automation.ErrAction, "/actions"),
	)
	a = calling()
	a.Limits.Ordered = true
	mustRefuse(t, a, refusal(automation.ErrLimit, "/limits/ordered"))
}

// ATTACKS 44: a store keeps the secrets, people see that there are some.
func TestIncomingSecretsAreStoredAndMasked(t *testing.T) {
	a := inviting()
	a.Trigger.Incoming.Secrets = automation.Secrets{secret(t, canarySecret), secret(t, "text_correct horse")}
	a.Trigger.Incoming.Schemes = []signature.Scheme{{Kind: signature.GitHub}}
	a.Actions[0].Invite.Reminder = &automation.Reminder{After: time.Hour}
	a.Actions[0].Invite.Retry = runs.Policy{Schedule: []time.Duration{0, time.Minute}}
	shown, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(shown), fmt.Sprintf("%v %+v %#v", a, a.Trigger.Incoming, *a.Trigger.Incoming)} {
		if strings.Contains(text, canarySecret) || strings.Contains(text, "horse") || !strings.Contains(text, "***") {
			t.Errorf("secrets are shown, or hidden that there are some: %s", text)
		}
	}
	stored, err := automation.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	got, err := automation.Unmarshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, got, cmp.Comparer(signature.Secret.Equal)); diff != "" {
		t.Errorf("automation (-stored +read):\n%s", diff)
	}
	if a.Trigger.Incoming.Secrets == nil {
		t.Error("storing took the secrets away")
	}
	if _, err := automation.Unmarshal([]byte(`{"automation":{"trigger":{"incoming":{}}},"incoming_secrets":["whsec_canary"]}`)); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("a broken secret: %v; want an error without it", err)
	}
}
