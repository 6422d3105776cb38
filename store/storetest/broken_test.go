package storetest_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// brokenVariable names a broken store to the process that runs the suite on it.
const brokenVariable = "TENTERHOOK_TEST_BROKEN"

// broken is a store in which one thing is wrong: what goes in or comes out is changed on its way.
type broken struct {
	store.Store
	entries  func([]store.Entry)
	created  func([]runs.Run, []store.Entry) []runs.Run
	claimed  func(*store.Claimed)
	results  func([]runs.Result)
	stale    func(int) int
	flows    func([]store.Flow)
	filter   func(*runs.Filter)
	got      func(*runs.Run)
	replayed func(*store.Replayed)
	labels   func(store.Store, []store.SurveyLabels)
	context  func(context.Context) context.Context
	age      func(time.Duration) time.Duration
}

func (s broken) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	if s.entries != nil {
		entries = slices.Clone(entries)
		s.entries(entries)
	}
	created, err := s.Store.Publish(ctx, entries)
	if s.created != nil && err == nil {
		created = s.created(created, entries)
	}
	return created, err
}

func (s broken) Claim(ctx context.Context, l store.Lease) (store.Claimed, error) {
	c, err := s.Store.Claim(ctx, l)
	if s.claimed != nil {
		s.claimed(&c)
	}
	return c, err
}

func (s broken) Settle(ctx context.Context, results []runs.Result) (int, error) {
	if s.results != nil {
		results = slices.Clone(results)
		s.results(results)
	}
	stale, err := s.Store.Settle(ctx, results)
	if s.stale != nil {
		stale = s.stale(stale)
	}
	return stale, err
}

func (s broken) Flow(ctx context.Context, flows []store.Flow) error {
	if s.flows != nil {
		flows = slices.Clone(flows)
		s.flows(flows)
	}
	return s.Store.Flow(ctx, flows)
}

func (s broken) SetLabels(ctx context.Context, surveys []store.SurveyLabels) error {
	if s.labels != nil {
		surveys = slices.Clone(surveys)
		s.labels(s.Store, surveys)
	}
	return s.Store.SetLabels(ctx, surveys)
}

func (s broken) List(ctx context.Context, f runs.Filter, cursor string, max int) (runs.Page, error) {
	if s.filter != nil {
		s.filter(&f)
	}
	return s.Store.List(ctx, f, cursor, max)
}

func (s broken) Get(ctx context.Context, account, id string) (runs.Run, error) {
	r, err := s.Store.Get(ctx, account, id)
	if s.got != nil && err == nil {
		s.got(&r)
	}
	return r, err
}

func (s broken) Count(ctx context.Context, f runs.Filter) (runs.Counts, error) {
	if s.context != nil {
		ctx = s.context(ctx)
	}
	return s.Store.Count(ctx, f)
}

func (s broken) Replay(ctx context.Context, f runs.Filter, after int64, max int) (store.Replayed, error) {
	r, err := s.Store.Replay(ctx, f, after, max)
	if s.replayed != nil {
		s.replayed(&r)
	}
	return r, err
}

func (s broken) Prune(ctx context.Context, age time.Duration, max int) (int, error) {
	if s.age != nil {
		age = s.age(age)
	}
	return s.Store.Prune(ctx, age, max)
}

// brokenStores are by the topic of the suite and the claim that must catch them.
func brokenStores() map[string]broken {
	return map[string]broken{
		"publish/an id that exists": {created: runsOf},
		"publish/a delayed run":     {entries: func(list []store.Entry) { change(list, func(e *store.Entry) { e.Delay = 0 }) }},
		"publish/a leased run":      {entries: func(list []store.Entry) { change(list, func(e *store.Entry) { e.Lease = 0 }) }},
		"message/bytes come": {entries: func(list []store.Entry) {
			change(list, func(e *store.Entry) { e.Run.Message, _, _ = bytes.Cut(e.Run.Message, []byte{0}) })
		}},
		"claim/Next is":                   {claimed: func(c *store.Claimed) { c.Next = 0 }},
		"claim/the oldest due":            {claimed: func(c *store.Claimed) { slices.Reverse(c.Runs) }},
		"claim/claimers at once":          {claimed: func(c *store.Claimed) { c.Runs = c.Runs[:max(0, len(c.Runs)-1)] }},
		"claim/a claimed run":             {claimed: func(c *store.Claimed) { change(c.Runs, func(r *runs.Run) { r.Fence = 0 }) }},
		"settle/a result of a lost lease": {stale: func(int) int { return 0 }},
		"settle/a retry is due":           {results: func(list []runs.Result) { change(list, func(r *runs.Result) { r.After /= 2 }) }},
		"settle/a run given back": {results: func(list []runs.Result) {
			change(list, func(r *runs.Result) {
				if r.Attempt == nil {
					r.Attempt = &runs.Attempt{}
				}
			})
		}},
		"attempt/every field":       {got: func(r *runs.Run) { change(r.Attempts, func(a *runs.Attempt) { a.Truncated = false }) }},
		"attempt/they are numbered": {got: func(r *runs.Run) { slices.Reverse(r.Attempts) }},
		"health/what a result":      {results: func(list []runs.Result) { change(list, func(r *runs.Result) { r.Health = nil }) }},
		"flow/a hold takes":         {flows: func(list []store.Flow) { change(list, func(f *store.Flow) { f.Hold = "" }) }},
		"flow/a hold replaces": {flows: func(list []store.Flow) {
			change(list, func(f *store.Flow) {
				if f.Hold != "" {
					f.Hold = runs.HoldBusy
				}
			})
		}},
		"flow/runs are released": {flows: func(list []store.Flow) { change(list, func(f *store.Flow) { f.Release *= 100 }) }},
		"flow/Claimed.Held":      {claimed: func(c *store.Claimed) { c.Held = append(c.Held, "auto_d") }},
		"labels/they are replaced": {labels: func(st store.Store, list []store.SurveyLabels) {
			for _, l := range list {
				if old, _ := st.Labels(context.Background(), l.Account, l.Survey); l.Labels != nil {
					maps.Copy(l.Labels, old.Labels)
				}
			}
		}},
		"labels/an edit of an older": {labels: newestVersions},
		"labels/of editors at once":  {labels: newestVersions},
		"list/a cursor of another":   {filter: func(f *runs.Filter) { *f = runs.Filter{} }},
		"list/a list is newest":      {got: func(r *runs.Run) { r.Warnings = nil }},
		"filter/a person is found":   {filter: func(f *runs.Filter) { f.Person = strings.ToUpper(f.Person[:min(1, len(f.Person))]) }},
		"filter/each filter, and":    {filter: func(f *runs.Filter) { f.EventType = "" }},
		"filter/any filters":         {filter: func(f *runs.Filter) { f.Statuses = f.Statuses[:min(1, len(f.Statuses))] }},
		"filter/a time frame":        {filter: func(f *runs.Filter) { f.To = f.To.Truncate(time.Millisecond) }},
		"replay/a running run":       {replayed: func(r *store.Replayed) { r.Running = nil }},
		"replay/it goes in steps":    {replayed: func(r *store.Replayed) { r.Done = r.Runs == 0 }},
		"replay/each replay":         {claimed: func(c *store.Claimed) { change(c.Runs, func(r *runs.Run) { r.Replays = min(1, r.Replays) }) }},
		"prune/a run exactly":        {age: func(d time.Duration) time.Duration { return d - time.Microsecond }},
		"cancel/Count under":         {context: context.WithoutCancel},
		"all at random":              {results: func(list []runs.Result) { slices.Reverse(list) }},
	}
}

// newestVersions lets the last to save labels win.
func newestVersions(st store.Store, list []store.SurveyLabels) {
	change(list, func(l *store.SurveyLabels) {
		if saved, err := st.Labels(context.Background(), l.Account, l.Survey); err == nil {
			l.Version = saved.Version
		}
	})
}

func runsOf(_ []runs.Run, list []store.Entry) []runs.Run {
	all := make([]runs.Run, len(list))
	for i, e := range list {
		all[i] = e.Run
	}
	return all
}

// TestSuiteCatchesBrokenStores runs the suite on each broken store in a process of its own, where it must fail.
func TestSuiteCatchesBrokenStores(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name := range brokenStores() {
		t.Run(name, func(t *testing.T) {
			topic, claim, _ := strings.Cut(name, "/")
			cmd := exec.CommandContext(t.Context(), program, "-test.run", "^TestBrokenStore$/^"+topic+"$")
			cmd.Env = append(os.Environ(), brokenVariable+"="+name)
			out, err := cmd.CombinedOutput()
			fail := "--- FAIL: TestBrokenStore/" + strings.ReplaceAll(topic+"/"+claim, " ", "_")
			if err == nil || !bytes.Contains(out, []byte(fail)) {
				t.Errorf("the suite ended with %v and without %q:\n%s", err, fail, out)
			}
		})
	}
}

// TestBrokenStore is what those processes run.
func TestBrokenStore(t *testing.T) {
	name := os.Getenv(brokenVariable)
	if name == "" {
		return
	}
	storetest.Run(t, func(_ *testing.T, now func() time.Time) store.Store {
		st := brokenStores()[name]
		st.Store = memory.Options{Now: now}.New()
		return st
	})
}
