package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

func registryClaims() []claim {
	return []claim{
		{"every setting is kept, secrets too", registryKeeps},
		{"saving gives a new version and the times", registryTimes},
		{"saving an old version is a conflict", registryOldVersion},
		{"a new automation has version 0, a known one has not", registryNew},
		{"of savers at once one wins", registryAtOnce},
		{"a batch with a conflict saves nothing", registryBatch},
		{"an automation does not change its account", registryAccount},
		{"what was deleted does not come back", registryDeleted},
		{"deleting takes what the account has, all or none", registryDelete},
		{"runs of a deleted automation stay, and are held no longer", registryDeleteRuns},
		{"changes since a mark are told, oldest first", registryChanges},
		{"changes since the beginning are all that exists", registryFromZero},
		{"an automation belongs to the caller again", registryThenChanged},
		{"a claim tells the version that changes have", registryClaimed},
	}
}

// sample returns a new automation of an id with something in every setting.
func sample(id string) automation.Automation {
	return automation.Automation{
		ID: id, Account: account, Name: "Tell the \"CRM\" – Ä",
		Trigger: automation.Trigger{Types: []string{"contact.*", "survey.response.completed"}, Survey: "s1", Filter: &automation.Condition{
			All: []automation.Condition{
				{Field: "contact.id", Op: automation.Greater, Value: json.Number("12345678901234567890.10")},
				{Not: &automation.Condition{Field: "contact.email", Op: automation.In, Value: []any{"a", nil, true, json.Number("1")}}},
			},
		}},
		Actions: []automation.Action{
			{ID: "1", Push: &automation.Push{URL: "https://example.com/[L1]?a=%20", Secrets: automation.Secrets{
				secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), secret("whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="),
			}}},
			{ID: "2", Delay: 36 * time.Hour, Push: &automation.Push{
				URL: "http://example.com/", AllowHTTP: true, Headers: map[string]string{"X-A": "1", "x-b": "two"},
				Body:    automation.Body{Form: automation.Selected, Variables: []string{"q2", "q1"}, Labels: automation.Data},
				Timeout: 3 * time.Second,
				Retry:   runs.Policy{Schedule: []time.Duration{0, time.Minute}, Jitter: 0.25, Exact: true, FinalClientErrors: true},
			}},
			{ID: "3", Push: &automation.Push{URL: "https://example.com/3", Retry: runs.Policy{
				Exponential: &runs.Exponential{Attempts: 3, Initial: time.Second, Factor: 1.5, Max: time.Minute},
			}}},
		},
		Disabled:       &automation.Disabled{Reason: automation.ByDuration, At: begin.Add(-time.Hour)},
		RecordDisabled: true,
		Limits:         automation.Limits{Concurrency: 4, PerSecond: 2.5, Burst: 10, Ordered: true},
		DisableRule:    automation.DisableRule{After: time.Hour, FailedRuns: 10},
		Recipients:     []string{"a@example.com", "b@example.com"},
	}
}

func secret(text string) signature.Secret {
	s, err := signature.ParseSecret(text)
	if err != nil {
		panic(err) // a constant of the suite
	}
	return s
}

// put saves automations that are new.
func (b *bed) put(list ...automation.Automation) []automation.Automation {
	b.Helper()
	saved, err := b.Put(b.Context(), list)
	b.must("Put", err)
	if len(saved) != len(list) {
		b.Fatalf("Put of %d automations returned %d", len(list), len(saved))
	}
	return saved
}

// conflicts reports if these can be saved, or if trying changes anything.
func (b *bed) conflicts(what string, list ...automation.Automation) {
	b.Helper()
	before := b.changes("")
	if _, err := b.Put(b.Context(), list); !errors.Is(err, store.ErrConflict) {
		b.Errorf("Put of %s: error %v, want store.ErrConflict", what, err)
	}
	b.same("automations after a conflict", before, b.changes(""))
}

func registryKeeps(b *bed) {
	saved := b.put(sample("auto_1"), automation.Automation{ID: "auto_2", Account: "acct_2"})
	want := sample("auto_1")
	want.Version, want.CreatedAt, want.UpdatedAt = saved[0].Version, begin, begin
	b.same("automation as saved", want, saved[0])
	b.same("automations as read", saved, b.changes("").Automations)
}

func registryTimes(b *bed) {
	first := b.put(sample("auto_1"))[0]
	b.clock.move(time.Hour)
	changed := first
	changed.Name, changed.CreatedAt, changed.UpdatedAt = "New name", begin.Add(-time.Hour), begin.Add(time.Minute)
	second := b.put(changed)[0]
	if first.Version < 1 || second.Version <= first.Version {
		b.Errorf("versions %d, then %d: want them to rise from 1", first.Version, second.Version)
	}
	want := changed
	want.Version, want.CreatedAt, want.UpdatedAt = second.Version, begin, begin.Add(time.Hour)
	b.same("automation saved again", want, second)
	b.same("automation read again", []automation.Automation{want}, b.changes("").Automations)
}

func registryOldVersion(b *bed) {
	first := b.put(sample("auto_1"))[0]
	b.put(first)
	b.conflicts("an old version", first)
	ahead := b.changes("").Automations[0]
	ahead.Version++
	b.conflicts("a version yet to come", ahead)
}

func registryNew(b *bed) {
	made := sample("auto_1")
	made.Version = 1
	b.conflicts("an unknown automation with version 1", made)
	b.put(sample("auto_1"))
	b.conflicts("a known automation with version 0", sample("auto_1"))
}

func registryAtOnce(b *bed) {
	base := b.put(sample("auto_1"))[0]
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 20 {
		wg.Go(func() {
			_, err := b.Put(b.Context(), []automation.Automation{base})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrConflict) {
				b.Errorf("Put beside others: %v, want store.ErrConflict", err)
			}
		})
	}
	wg.Wait()
	b.same("savers that won", 1, won)
}

func registryBatch(b *bed) {
	known := b.put(sample("auto_1"))[0]
	b.conflicts("one that is new and one that is old", sample("auto_2"), sample("auto_1"))
	b.conflicts("a new one twice", sample("auto_3"), sample("auto_3"))
	b.conflicts("a known one twice", known, known)
}

func registryAccount(b *bed) {
	moved := b.put(sample("auto_1"))[0]
	moved.Account = "acct_2"
	b.conflicts("another account's automation", moved)
}

func registryDeleted(b *bed) {
	known := b.put(sample("auto_1"))[0]
	before := b.changes("").Mark
	b.must("Delete", b.Delete(b.Context(), account, []string{"auto_1"}))
	b.conflicts("a deleted automation", known)
	b.conflicts("a deleted automation as a new one", sample("auto_1"))
	for _, a := range b.changes(before).Automations {
		known.Version = a.Version
		b.conflicts("a deleted automation under the version of its deletion", known)
	}
}

func registryDelete(b *bed) {
	other := sample("auto_2")
	other.Account = "acct_2"
	b.put(sample("auto_1"), other, sample("auto_3"))
	before := b.changes("")
	for _, ids := range [][]string{{"auto_2"}, {"auto_1", "auto_2"}, {"auto_1", "auto_none"}, {"auto_1", "auto_1"}} {
		if err := b.Delete(b.Context(), account, ids); !errors.Is(err, store.ErrNotFound) {
			b.Errorf("Delete of %q in an account that has auto_1 and auto_3: error %v, want store.ErrNotFound", ids, err)
		}
		b.same("automations after a refused Delete", before, b.changes(""))
	}
	b.must("Delete", b.Delete(b.Context(), account, []string{"auto_3", "auto_1"}))
	left := slices.DeleteFunc(before.Automations, func(a automation.Automation) bool { return a.ID != "auto_2" })
	b.same("automations left", left, b.changes("").Automations)
	if err := b.Delete(b.Context(), account, []string{"auto_1"}); !errors.Is(err, store.ErrNotFound) {
		b.Errorf("Delete of a deleted automation: error %v, want store.ErrNotFound", err)
	}
}

func registryDeleteRuns(b *bed) {
	b.put(active(lane))
	b.settle(0, failed(b.begun("run_a")[0]))
	b.hold(lane, runs.HoldBusy)
	b.publish(entries("run_b", "run_c")...)
	b.must("Delete", b.Delete(b.Context(), account, []string{lane}))
	b.holds("run_c", "run_b", "run_a")
	got := append(b.turn(), b.turn()...)
	b.same("runs whose automation is gone", []string{"run_b", "run_c"}, idsOf(got))
	b.publish(entry("run_d"))
	b.gets("of an automation that is gone", "run_d")
}

func registryChanges(b *bed) {
	saved := b.put(sample("auto_c"), sample("auto_a"), sample("auto_b"))
	v := b.changes("").Mark
	b.same("changes since the latest mark", store.Changes{Mark: v}, b.changes(v))
	saved[0].Name = "changed"
	again := b.put(saved[0])[0]
	between := b.changes(v).Mark
	b.must("Delete", b.Delete(b.Context(), account, []string{"auto_b"}))
	c := b.changes(v)
	if len(c.Automations) != 2 {
		b.Fatalf("%d changes after one save and one deletion, want 2", len(c.Automations))
	}
	b.same("the first change", again, c.Automations[0])
	gone := c.Automations[1]
	if gone.ID != "auto_b" || gone.Account != account || !gone.Deleted || gone.Enabled() {
		b.Errorf("the second change is %+v, want the deletion of auto_b of %s", gone, account)
	}
	b.same("changes since the latest mark", 0, len(b.changes(c.Mark).Automations))
	b.same("changes since a mark between the two", []automation.Automation{gone}, b.changes(between).Automations)
}

func registryClaimed(b *bed) {
	for what, change := range map[string]func(){
		"nothing":     func() {},
		"a saved one": func() { b.put(sample("auto_a")) },
		"data labels": func() {
			b.setLabels(store.SurveyLabels{Account: account, Survey: "s1", Labels: map[string]string{"q1": "one"}})
		},
		"a deleted one": func() { b.must("Delete", b.Delete(b.Context(), account, []string{b.put(sample("auto_b"))[0].ID})) },
	} {
		change()
		b.same("mark that a claim tells after "+what, b.changes("").Mark, b.claimed(1).Mark)
	}
}

func registryFromZero(b *bed) {
	b.same("changes of an empty store", 0, len(b.changes("").Automations))
	b.put(sample("auto_a"), sample("auto_b"))
	b.must("Delete", b.Delete(b.Context(), account, []string{"auto_a"}))
	c := b.changes("")
	if len(c.Automations) != 1 || c.Automations[0].ID != "auto_b" || c.Automations[0].Deleted {
		b.Errorf("changes since 0 after a deletion: %+v, want auto_b alone", c.Automations)
	}
}

func registryThenChanged(b *bed) {
	spoil := func(a automation.Automation) {
		a.Actions[0].Push.URL, a.Recipients[0], a.Trigger.Filter.All[0].Field = "changed", "changed", "changed"
		a.Actions[1].Push.Headers["X-A"], a.Actions[0].Push.Secrets[0], a.Disabled.Reason = "changed", signature.Secret{}, "changed"
	}
	given := sample("auto_1")
	saved := b.put(given)[0]
	want := sample("auto_1")
	want.Version, want.CreatedAt, want.UpdatedAt = saved.Version, saved.CreatedAt, saved.UpdatedAt
	spoil(given)
	b.same("automation after the caller changed what it saved", []automation.Automation{want}, b.changes("").Automations)
	spoil(saved)
	spoil(b.changes("").Automations[0])
	b.same("automation after the caller changed what it read", []automation.Automation{want}, b.changes("").Automations)
}
