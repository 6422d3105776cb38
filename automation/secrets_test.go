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

// full returns an automation with every setting that a store keeps.
func full(t testing.TB) automation.Automation {
	a := valid(t)
	a.Trigger = automation.Trigger{Types: []string{"survey.*"}, Survey: "sv_214", Filter: &automation.Condition{All: []automation.Condition{
		{Field: "101", Op: automation.Greater, Value: json.Number("9007199254740993.10")},
		{Any: []automation.Condition{{Not: &automation.Condition{Field: "7", Op: automation.In, Value: []any{"a", json.Number("1e400"), true}}}}},
	}}}
	private, err := signature.NewPrivate(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	a.Actions = []automation.Action{
		{ID: "1", Push: &automation.Push{URL: "https://hooks.example/[L1]?a=%20&b=<>", Secrets: automation.Secrets{secret(t, canarySecret), private}}},
		{ID: "2", Delay: 36 * time.Hour, Push: &automation.Push{
			URL: "http://hooks.example/", AllowHTTP: true, Headers: map[string]string{"X-Key": "k"}, Timeout: time.Second,
			Body:    automation.Body{Form: automation.Selected, Variables: []string{"7", "101"}, Labels: automation.Data},
			Secrets: automation.Secrets{secret(t, canarySecret)},
			Retry:   runs.Policy{Exponential: &runs.Exponential{Attempts: 3, Factor: 1.5}, Jitter: 0.1, FinalClientErrors: true},
		}},
		{ID: "3", Push: &automation.Push{URL: "https://hooks.example/3", Retry: runs.Policy{Schedule: []time.Duration{0, time.Minute}, Exact: true}}},
	}
	a.Disabled = &automation.Disabled{Reason: automation.ByDuration, At: happened}
	a.RecordDisabled = true
	a.Limits = automation.Limits{Concurrency: 2, PerSecond: 0.5, Burst: 3, Ordered: true}
	a.DisableRule = automation.DisableRule{After: time.Hour, FailedRuns: 3}
	a.Recipients = []string{"ops@example.com"}
	a.CreatedAt, a.UpdatedAt = happened.Add(-time.Hour), happened
	return a
}

func TestStoredAutomationReadsBack(t *testing.T) {
	for name, a := range map[string]automation.Automation{"the zero one": {}, "a full one": full(t), "one without pushes": {Actions: []automation.Action{{ID: "1"}}}} {
		stored, err := automation.Marshal(a)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := automation.Unmarshal(stored)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(a, got); diff != "" { // cmp compares secrets by their method Equal
			t.Errorf("%s (-saved +read):\n%s", name, diff)
		}
		if again, err := automation.Marshal(got); err != nil || string(again) != string(stored) {
			t.Errorf("%s: stored again, it is\n%s\nwas\n%s", name, again, stored)
		}
	}
}

func TestMarshalChangesNothing(t *testing.T) {
	a := full(t)
	if _, err := automation.Marshal(a); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full(t), a); diff != "" {
		t.Errorf("automation (-before +after):\n%s", diff)
	}
}

// ATTACKS 44: only a store sees secrets.
func TestSecretsAreNeverShown(t *testing.T) {
	a := full(t)
	document, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := automation.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := strings.Cut(canarySecret, "_")
	if !strings.Contains(string(stored), key) {
		t.Fatalf("the canary is not in what a store keeps: %s", stored)
	}
	push := a.Actions[0].Push
	shown := []string{string(document), fmt.Sprintf("%v %+v %#v", *push, *push, *push), fmt.Sprint(push.Secrets), fmt.Sprintf("%s %x %q", push.Secrets, push.Secrets, push.Secrets)}
	a.Actions[0].Push.Secrets = append(a.Actions[0].Push.Secrets, make(automation.Secrets, automation.MaxSecrets)...)
	shown = append(shown, fmt.Sprint(a.Validate(automation.Known{})))
	for _, text := range shown {
		if strings.Contains(text, key) || strings.Contains(text, fmt.Sprintf("%x", key)) {
			t.Errorf("the canary is shown: %s", text)
		}
	}
	if !strings.Contains(string(document), `"***"`) {
		t.Errorf("the document hides that there are secrets: %s", document)
	}
}

// A process of an older version reads what a newer one saved.
func TestUnknownKeysAreTolerated(t *testing.T) {
	got, err := automation.Unmarshal([]byte(`{"automation":{"id":"aut_1","later":{"a":[1]},"trigger":{"types":["*"],"later":1},
		"actions":[{"id":"1","invite":{"survey":"s"}},{"id":"2","push":{"url":"https://h/","later":true}}]},
		"secrets":{"1":["` + canarySecret + `"],"2":["` + canarySecret + `"]},"later":null}`))
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != "aut_1" || len(got.Actions) != 2 || got.Actions[0].Push != nil || len(got.Actions[1].Push.Secrets) != 1 {
		t.Errorf("read %+v", got)
	}
}

func TestUnreadableAutomationIsAnError(t *testing.T) {
	for _, text := range []string{
		"", "{", "null x", "[]", `{"automation":[]}`, `{"automation":{"actions":5}}`,
		`{"automation":{"id":"aut_1","actions":[{"id":"1","push":{}}]},"secrets":{"1":["whsec_canary"]}}`,
	} {
		got, err := automation.Unmarshal([]byte(text))
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("Unmarshal(%s) = %+v, %v; want an error without the secret", text, got, err)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	stored, err := automation.Marshal(full(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(stored)
	f.Add([]byte(`{"automation":{"actions":[{"push":{}},{"push":{}}]},"secrets":{"":["` + canarySecret + `"]}}`)) // no two are saved under one id
	if stored, err = automation.Marshal(inviting()); err != nil {
		f.Fatal(err)
	}
	f.Add(stored)
	f.Add([]byte(`{"automation":{"actions":[null,{"push":null},{"push":{"secrets":null}}]},"secrets":{"":["` + canarySecret + `"]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := automation.Unmarshal(b)
		if err != nil {
			return
		}
		_ = a.Validate(known)
		a.Account = "acct_1"
		_, _ = automation.Plan(identified(response()), []automation.Automation{a}, nil)
		_, _ = a.PlanCall("1", automation.Call{Name: automation.SendInvitation, Reminder: &automation.Reminder{}})
		stored, err := automation.Marshal(a)
		if err != nil {
			t.Fatalf("%s was read, but cannot be stored: %v", b, err)
		}
		again, err := automation.Unmarshal(stored)
		if err != nil {
			t.Fatalf("%s was read, but not what was stored of it, %s: %v", b, stored, err)
		}
		if restored, err := automation.Marshal(again); err != nil || string(restored) != string(stored) {
			t.Errorf("%s is stored as %s and then as %s, %v", b, stored, restored, err)
		}
	})
}
