package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// surveyed are options of a host that has one survey.
var surveyed = Options{Variables: func(_ context.Context, account, survey string) ([]labels.Variable, error) {
	if account != "acct_1" || survey != "42" {
		return nil, store.ErrNotFound
	}
	return []labels.Variable{
		{ID: "q1", Kind: labels.Question, Name: "How old are you?"},
		{ID: "q2", Kind: labels.Question, Name: "Where do you live?"},
		{ID: "segment", Kind: labels.Background, Name: "Segment"},
		{ID: "q1_o1", Kind: labels.Option, Name: "Under 18"},
	}, nil
}}

// ofSurvey returns an automation that sends variables of a survey's responses.
func ofSurvey(survey string, variables ...string) automation.Automation {
	a := anAutomation(hook)
	a.Trigger = automation.Trigger{Types: []string{"survey.response.completed"}, Survey: survey}
	a.Actions[0].Push.Body = automation.Body{Form: automation.Selected, Variables: variables}
	return a
}

// savedAre reports if the account has other automations than these.
func (r *rig) savedAre(want ...automation.Automation) {
	r.Helper()
	got, err := r.Automations(context.Background(), account)
	if err != nil {
		r.Fatal(err)
	}
	if len(got) != len(want) {
		r.Errorf("%d automations are saved, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i].ID != want[i].ID || got[i].Version != want[i].Version || got[i].Name != want[i].Name {
			r.Errorf("automation %d is %s %q of version %d, want %s %q of %d", i,
				got[i].ID, got[i].Name, got[i].Version, want[i].ID, want[i].Name, want[i].Version)
		}
	}
}

// O5, O7: what a new automation lacks is drawn: an id, ids of its actions, a secret for each that has none; it is enabled.
func TestNewAutomationIsCompleted(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		own := NewSecret()
		second := *a.Actions[0].Push
		second.Secrets = automation.Secrets{own}
		a.Actions = append(a.Actions, automation.Action{Push: &second})
		got := r.save(a)
		if !strings.HasPrefix(got.ID, "aut_") || !got.Enabled() || got.Version == 0 || !got.CreatedAt.Equal(r.begun) {
			r.Errorf("saved as %q, enabled %v, version %d, created %v", got.ID, got.Enabled(), got.Version, got.CreatedAt)
		}
		if got.Actions[0].ID != "1" || got.Actions[1].ID != "2" {
			r.Errorf("actions are %q and %q", got.Actions[0].ID, got.Actions[1].ID)
		}
		drawn := got.Actions[0].Push.Secrets
		if len(drawn) != 1 || !strings.HasPrefix(drawn[0].Reveal(), "whsec_") || drawn[0].Reveal() == own.Reveal() {
			r.Errorf("%d secrets drawn", len(drawn))
		}
		if kept := got.Actions[1].Push.Secrets; len(kept) != 1 || kept[0].Reveal() != own.Reveal() {
			r.Error("the secret that was given was replaced")
		}
		if a.ID != "" || a.Actions[0].ID != "" || a.Actions[0].Push.Secrets != nil {
			r.Error("the caller's automation was changed")
		}
		r.pass(time.Millisecond)
		if again := r.save(anAutomation(hook)); again.ID <= got.ID || again.Actions[0].Push.Secrets[0].Reveal() == drawn[0].Reveal() {
			r.Error("a second automation has a smaller id or the same secret")
		}
	})
}

// O6: steps of a workflow are taken out and put in wherever a person likes: those that stay keep their ids, a new one gets another.
func TestNewActionGetsAnIDOfItsOwn(t *testing.T) {
	for _, tt := range []struct{ given, want []string }{
		{[]string{"2", ""}, []string{"2", "3"}},
		{[]string{"", "1"}, []string{"2", "1"}},
		{[]string{"", "1", "2", ""}, []string{"3", "1", "2", "4"}},
		{[]string{"mail", "", ""}, []string{"mail", "2", "3"}},
	} {
		inBubble(t, Options{}, func(r *rig) {
			a := anAutomation(hook)
			a.Actions = slices.Repeat(a.Actions, len(tt.given))
			for i, id := range tt.given {
				a.Actions[i].ID = id
			}
			var got []string
			for _, act := range r.save(a).Actions {
				got = append(got, act.ID)
			}
			if !slices.Equal(got, tt.want) {
				r.Errorf("actions %q were saved as %q, want %q", tt.given, got, tt.want)
			}
		})
	}
}

// O1, O2, O5: what cannot be saved is refused with every reason, and nothing changes.
func TestSaveRefusesWhatIsInvalid(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*automation.Automation)
		want   error
	}{
		"no name":           {func(a *automation.Automation) { a.Name = " " }, automation.ErrName},
		"no account":        {func(a *automation.Automation) { a.Account = "" }, automation.ErrAccount},
		"no action":         {func(a *automation.Automation) { a.Actions = nil }, automation.ErrAction},
		"an empty action":   {func(a *automation.Automation) { a.Actions = []automation.Action{{}} }, automation.ErrAction},
		"http":              {func(a *automation.Automation) { a.Actions[0].Push.URL = "http://example.com/" }, automation.ErrURL},
		"an own header":     {func(a *automation.Automation) { a.Actions[0].Push.Headers = map[string]string{"Webhook-Id": "1"} }, automation.ErrHeader},
		"a secret too many": {func(a *automation.Automation) { a.Actions[0].Push.Secrets = make(automation.Secrets, 17) }, automation.ErrSecret},
		"an empty secret":   {func(a *automation.Automation) { a.Actions[0].Push.Secrets = make(automation.Secrets, 1) }, automation.ErrSecret},
		"an unknown field": {func(a *automation.Automation) {
			a.Actions[0].Push.Body = automation.Body{Form: automation.Selected, Variables: []string{"tag.colour"}}
		}, automation.ErrVariable},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				a := anAutomation(hook)
				tt.change(&a)
				for _, o := range []SaveOptions{{}, {Untested: true}} {
					_, err := r.Save(context.Background(), a, o)
					var all *automation.ValidationError
					if !errors.Is(err, tt.want) || !errors.As(err, &all) {
						r.Errorf("Save: %v, want a validation error of %v", err, tt.want)
					}
				}
				r.savedAre()
				r.arrivedOnce("", 0)
			})
		})
	}
}

// S5, S7: a selection names variables that exist: of the trigger's types, or of the survey as the host knows it.
func TestSelectionNamesVariablesThatExist(t *testing.T) {
	of := func(a automation.Automation, variables ...string) automation.Automation {
		a.Actions[0].Push.Body = automation.Body{Form: automation.Selected, Variables: variables}
		return a
	}
	for _, tt := range []struct {
		name    string
		options Options
		a       automation.Automation
		ok      bool
	}{
		{"fields of the type", Options{}, of(anAutomation(hook), "tag.name", "contact.email"), true},
		{"fields of another type", Options{}, of(anAutomation(hook), "order.id"), false},
		{"all variables", Options{}, of(anAutomation(hook)), true},
		{"variables of the survey", surveyed, ofSurvey("42", "segment", "q1"), true},
		{"an unknown variable", surveyed, ofSurvey("42", "q1", "q9"), false},
		{"a response option", surveyed, ofSurvey("42", "q1_o1"), false},
		{"an unknown survey", surveyed, ofSurvey("43", "q1"), false},
		{"of no survey in particular", surveyed, ofSurvey("", "q1"), false},
		{"variables that the host does not tell", Options{}, ofSurvey("42", "q1"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, tt.options, func(r *rig) {
				if _, err := r.Save(context.Background(), tt.a, SaveOptions{Untested: true}); (err == nil) != tt.ok {
					r.Errorf("Save: %v, want success: %v", err, tt.ok)
				}
			})
		})
	}
}

// What is read can be changed, and takes effect when it is saved.
func TestAutomationsThatWereReadAreTheCallers(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		a.Trigger.Filter = &automation.Condition{Field: "tag.name", Op: automation.In, Value: []any{"VIP", json.Number("12345678901234567890")}}
		a.Actions[0].Push.Headers = map[string]string{"X-Tenant": "1"}
		a.Recipients = []string{"ann@example.com"}
		saved := r.save(a)
		for range 2 {
			one := r.current(saved.ID)
			all, err := r.Automations(context.Background(), account)
			if err != nil || len(all) != 1 {
				r.Fatalf("%d automations, error %v", len(all), err)
			}
			for _, got := range []automation.Automation{one, all[0]} {
				if diff := cmp.Diff(saved, got, cmp.Comparer(func(a, b signature.Secret) bool { return a.Reveal() == b.Reveal() })); diff != "" {
					r.Errorf("read (-saved +got):\n%s", diff)
				}
				got.Trigger.Types[0], got.Trigger.Filter.Op, got.Trigger.Filter.Value.([]any)[0] = "none", automation.Equals, "none"
				got.Actions[0].Push.URL, got.Actions[0].Push.Headers["X-Tenant"] = hook+"/other", "2"
				got.Actions[0].Push.Secrets[0], got.Recipients[0] = signature.Secret{}, "none"
			}
		}
		one := r.current(saved.ID)
		one.Actions[0].Push.URL, one.Trigger.Filter = hook+"/moved", nil
		if moved := r.save(one); moved.Actions[0].Push.URL != hook+"/moved" || moved.Version == saved.Version {
			r.Errorf("saved %+v", moved)
		}
	})
}

// An automation is saved only as it was read: a stale one is a conflict, and so are another account's and a deleted one.
func TestStaleSaveIsAConflict(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		stale := r.save(anAutomation(hook))
		fresh := stale
		fresh.Name = "Changed"
		fresh = r.save(fresh)
		moved := fresh
		moved.Account = "acct_2"
		born := fresh
		born.Version = 0
		stale.Disabled = &automation.Disabled{}
		for name, a := range map[string]automation.Automation{"stale": stale, "of another account": moved, "new with a known id": born} {
			if _, err := r.Save(context.Background(), a, SaveOptions{Untested: true}); !errors.Is(err, store.ErrConflict) {
				r.Errorf("saving one that is %s: %v, want ErrConflict", name, err)
			}
		}
		r.savedAre(fresh)
		run := r.publishesOne(tagged(1))
		r.pass(0)
		if got := r.get(run.ID).Status; got != runs.Succeeded {
			r.Errorf("after the refused disabling a run is %s", got)
		}
		if err := r.Delete(context.Background(), account, fresh.ID); err != nil {
			r.Fatal(err)
		}
		if _, err := r.Save(context.Background(), fresh, SaveOptions{Untested: true}); !errors.Is(err, store.ErrConflict) {
			r.Errorf("saving a deleted one: %v, want ErrConflict", err)
		}
		r.savedAre()
	})
}

// ATTACKS 43: another account's automation is not there.
func TestOtherAccountsAutomationsAreNotThere(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := r.save(anAutomation(hook))
		if _, err := r.Automation(context.Background(), "acct_2", a.ID); !errors.Is(err, store.ErrNotFound) {
			r.Errorf("Automation: %v, want ErrNotFound", err)
		}
		if err := r.Delete(context.Background(), "acct_2", a.ID); !errors.Is(err, store.ErrNotFound) {
			r.Errorf("Delete: %v, want ErrNotFound", err)
		}
		if list, err := r.Automations(context.Background(), "acct_2"); err != nil || len(list) != 0 {
			r.Errorf("Automations: %v, %v", list, err)
		}
		r.savedAre(a)
	})
}

// ATTACKS 44: no secret is in what an automation or an error prints.
func TestSecretsArePrintedNowhere(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		canary, err := signature.ParseSecret("whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5")
		if err != nil {
			r.Fatal(err)
		}
		a := anAutomation(hook)
		a.Actions[0].Push.Secrets = automation.Secrets{canary}
		r.net.set(hook, answers(500))
		_, err = r.Save(context.Background(), a, SaveOptions{})
		if err == nil || strings.Contains(err.Error(), "Y2FuYXJ5") {
			r.Errorf("Save: %v", err)
		}
	})
}
