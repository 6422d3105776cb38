package storetest_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// lying is a store whose answers are changed on their way.
type lying struct {
	store.Store
	list    func(*runs.Page)
	get     func(*runs.Run)
	count   func(runs.Counts)
	changes func(*store.Changes)
	keys    func([]store.Key)
	foreign bool // any account may read any run and key
}

func (l lying) Keys(ctx context.Context, account, automation string) ([]store.Key, error) {
	if l.foreign {
		account = "acct_1"
	}
	list, err := l.Store.Keys(ctx, account, automation)
	if l.keys != nil && len(list) > 0 {
		l.keys(list)
	}
	return list, err
}

func (l lying) List(ctx context.Context, f runs.Filter, cursor string, max int) (runs.Page, error) {
	page, err := l.Store.List(ctx, f, cursor, max)
	if l.list != nil {
		l.list(&page)
	}
	return page, err
}

func (l lying) Get(ctx context.Context, account, id string) (runs.Run, error) {
	if l.foreign {
		account = "acct_1"
	}
	r, err := l.Store.Get(ctx, account, id)
	if l.get != nil {
		l.get(&r)
	}
	return r, err
}

func (l lying) Count(ctx context.Context, f runs.Filter) (runs.Counts, error) {
	counts, err := l.Store.Count(ctx, f)
	if l.count != nil {
		l.count(counts)
	}
	return counts, err
}

func (l lying) Changes(ctx context.Context, since store.Mark) (store.Changes, error) {
	c, err := l.Store.Changes(ctx, since)
	if l.changes != nil {
		l.changes(&c)
	}
	return c, err
}

// filled returns a store with a run that failed, one that runs and one that waits, newest last.
func filled(t *testing.T) store.Store {
	t.Helper()
	st := memory.New()
	ctx := t.Context()
	_, err := st.Put(ctx, []automation.Automation{{ID: "auto_1", Account: "acct_1"}, {ID: "auto_2", Account: "acct_1"}})
	if err == nil {
		err = st.SetLabels(ctx, []store.SurveyLabels{{Account: "acct_1", Survey: "s1", Labels: map[string]string{"q1": "age"}}})
	}
	if err == nil {
		_, err = st.PutKeys(ctx, []store.Key{
			{ID: "key_a", Account: "acct_1", Automation: "auto_1", Hash: []byte("a")}, {ID: "key_b", Account: "acct_1", Automation: "auto_1", Hash: []byte("b")},
		})
	}
	if err == nil {
		_, err = st.Publish(ctx, []store.Entry{entry("run_a"), entry("run_b"), entry("run_c")})
	}
	c, claimErr := st.Claim(ctx, store.Lease{Max: 2, For: time.Hour})
	if err = errors.Join(err, claimErr); err != nil {
		t.Fatal(err)
	}
	res := runs.Decide(c.Runs[0], runs.Attempt{At: time.Now(), StatusCode: 404, Class: runs.ClassStatus}, runs.Policy{FinalClientErrors: true})
	if _, err := st.Settle(ctx, []store.Outcome{{Result: res, Automation: "auto_1", Rule: &automation.DisableRule{}}}); err != nil {
		t.Fatal(err)
	}
	return st
}

// first changes the newest run of a list, waiting; last the oldest, failed.
func first(change func(*runs.Run)) func(*runs.Page) {
	return func(p *runs.Page) { change(&p.Runs[0]) }
}

func last(change func(*runs.Run)) func(*runs.Page) {
	return func(p *runs.Page) { change(&p.Runs[len(p.Runs)-1]) }
}

func TestCheckFindsNothingInASoundStore(t *testing.T) {
	for _, st := range []store.Store{memory.New(), filled(t)} {
		if err := storetest.Check(t.Context(), st); err != nil {
			t.Error(err)
		}
	}
}

func TestCheckFindsWhatContradictsItself(t *testing.T) {
	for want, l := range map[string]lying{
		"newest first":               {list: func(p *runs.Page) { slices.Reverse(p.Runs) }},
		"it is there twice":          {list: func(p *runs.Page) { p.Runs[1] = p.Runs[0] }},
		"none that a run can have":   {list: first(func(r *runs.Run) { r.Status = "lost" })},
		"below 1":                    {list: last(func(r *runs.Run) { r.Seq = 0 })},
		"it has no id":               {list: first(func(r *runs.Run) { r.ID = "" })},
		"before it was created":      {list: first(func(r *runs.Run) { r.StatusAt = r.CreatedAt.Add(-1) })},
		"it has ended and is due":    {list: last(func(r *runs.Run) { r.Due = time.Now() })},
		"or has not and is not":      {list: first(func(r *runs.Run) { r.Due = time.Time{} })},
		"it has ended and is held":   {list: last(func(r *runs.Run) { r.Held = runs.HoldBusy })},
		"it is running and held":     {list: func(p *runs.Page) { p.Runs[1].Held = runs.HoldBusy }},
		"not held, but until":        {list: first(func(r *runs.Run) { r.HeldUntil = time.Now() })},
		"for something else than":    {list: func(p *runs.Page) { p.Runs[0].Held, p.Runs[1].Held = runs.HoldBusy, runs.HoldSlow }},
		"held as \"disabled\"":       {list: first(func(r *runs.Run) { r.Held = runs.HoldDisabled })},
		"without a lease":            {list: func(p *runs.Page) { p.Runs[1].Fence = 0 }},
		"negative number of tries":   {list: first(func(r *runs.Run) { r.Tries = -1 })},
		"more tries than it had":     {list: first(func(r *runs.Run) { r.Tries = 1 })},
		"are in a list":              {list: first(func(r *runs.Run) { r.Message = []byte("x") })},
		"is listed, but":             {list: first(func(r *runs.Run) { r.ID = "run_none" })},
		"counted are":                {count: func(c runs.Counts) { c[runs.Failed]++ }},
		"has 4 runs by count":        {count: func(c runs.Counts) { c[runs.Failed]++ }},
		"has number 7":               {get: func(r *runs.Run) { change(r.Attempts, func(a *runs.Attempt) { a.N = 7 }) }},
		"2 attempts of 1 leases":     {get: func(r *runs.Run) { r.Attempts = append(r.Attempts, r.Attempts...) }},
		"differs":                    {get: func(r *runs.Run) { r.URL += "x" }},
		"another account's too":      {foreign: true},
		"stands after":               {changes: func(c *store.Changes) { slices.Reverse(c.Automations) }},
		"deleted: true":              {changes: func(c *store.Changes) { c.Automations[0].Deleted = true }},
		"which is healthy":           {changes: func(c *store.Changes) { c.Health["auto_2"] = automation.Health{} }},
		"or not there":               {changes: func(c *store.Changes) { maps.Copy(c.Health, map[string]automation.Health{"x": {FailedRuns: 1}}) }},
		"labels of survey \"s1\" of": {changes: func(c *store.Changes) { c.Labels[0].Labels["q1"] = "income" }},
		"have version 0":             {changes: func(c *store.Changes) { c.Labels[0].Version = 0 }},
		"it has no id or":            {keys: func(list []store.Key) { list[1].ID = "" }},
		"its hash is there twice":    {keys: func(list []store.Key) { list[1].Hash = list[0].Hash }},
		"that is not its own":        {keys: func(list []store.Key) { list[0].Automation = "auto_2" }},
		"after a younger one":        {keys: func(list []store.Key) { list[0].CreatedAt = list[0].CreatedAt.Add(time.Hour) }},
		"it was used before it":      {keys: func(list []store.Key) { list[0].UsedAt = list[0].CreatedAt.Add(-1) }},
		"it was tested, and what":    {keys: func(list []store.Key) { list[1].TestedAt = time.Now() }},
		"are another account's":      {foreign: true},
		"it never ends":              {list: func(p *runs.Page) { p.Runs, p.Next = nil, "again" }},
	} {
		l.Store = filled(t)
		if err := storetest.Check(t.Context(), l); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v, want one that says %q", err, want)
		}
	}
}

func change[T any](list []T, by func(*T)) {
	for i := range list {
		by(&list[i])
	}
}

func TestCheckNamesAtMostTwenty(t *testing.T) {
	st := memory.New()
	for i := range 100 {
		if _, err := st.Publish(t.Context(), []store.Entry{entry(strings.Repeat("x", i+1))}); err != nil {
			t.Fatal(err)
		}
	}
	err := storetest.Check(t.Context(), lying{Store: st, get: func(r *runs.Run) { r.URL = "other" }})
	if err == nil || !strings.HasSuffix(err.Error(), "and 80 more") {
		t.Errorf("Check of 100 contradictions says %v", err)
	}
}

func TestCheckTellsOfAStoreThatFails(t *testing.T) {
	for _, verb := range []string{"List", "Get", "Count", "Changes", "Labels", "Keys"} {
		st := &storetest.Faulty{Store: filled(t), Fail: func(v string, _ int) storetest.Fault {
			if v == verb {
				return storetest.Before
			}
			return storetest.NoFault
		}}
		if err := storetest.Check(t.Context(), st); !errors.Is(err, storetest.ErrFault) {
			t.Errorf("Check of a store whose %s fails: %v, want storetest.ErrFault", verb, err)
		}
	}
}
