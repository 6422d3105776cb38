package storetest_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"regexp"
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

// brokenVariable names a broken store to the process that runs the suite on it.
const brokenVariable = "TENTERHOOK_TEST_BROKEN"

// broken is a store in which one thing is wrong: what goes in or comes out is changed on its way.
type broken struct {
	store.Store
	entries  func([]store.Entry)
	created  func([]runs.Run, []store.Entry) []runs.Run
	claimed  func(*store.Claimed)
	outcomes func([]store.Outcome)
	settled  func(*store.Settled)
	saved    func([]automation.Automation)
	notices  func([]store.Notice) []store.Notice
	told     func([]store.Notice)
	quiet    func(time.Duration) time.Duration
	flows    func([]store.Flow)
	filter   func(*runs.Filter)
	got      func(*runs.Run)
	replayed func(*store.Replayed)
	labels   func(store.Store, []store.SurveyLabels)
	context  func(context.Context) context.Context
	age      func(time.Duration) time.Duration
	erasure  func(*runs.Erasure)
	erased   func(*store.Erased)
	named    func([]string) []string
	pruned   func(*store.Pruned)
	accounts func([]string)
	keys     func([]store.Key)
	marks    func([]store.KeyMark)
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

func (s broken) Settle(ctx context.Context, outcomes []store.Outcome) (store.Settled, error) {
	if s.outcomes != nil {
		outcomes = slices.Clone(outcomes)
		s.outcomes(outcomes)
	}
	settled, err := s.Store.Settle(ctx, outcomes)
	if s.settled != nil {
		s.settled(&settled)
	}
	return settled, err
}

func (s broken) ClaimNotices(ctx context.Context, l store.Lease) ([]store.Notice, time.Duration, error) {
	due, next, err := s.Store.ClaimNotices(ctx, l)
	if s.notices != nil {
		due = s.notices(due)
	}
	return due, next, err
}

func (s broken) SettleNotices(ctx context.Context, told []store.Notice, quiet time.Duration) error {
	if s.told != nil {
		told = slices.Clone(told)
		s.told(told)
	}
	if s.quiet != nil {
		quiet = s.quiet(quiet)
	}
	return s.Store.SettleNotices(ctx, told, quiet)
}

func (s broken) Flow(ctx context.Context, flows []store.Flow) error {
	if s.flows != nil {
		flows = slices.Clone(flows)
		s.flows(flows)
	}
	return s.Store.Flow(ctx, flows)
}

func (s broken) Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error) {
	if s.saved != nil {
		automations = slices.Clone(automations)
		s.saved(automations)
	}
	return s.Store.Put(ctx, automations)
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

func (s broken) Erase(ctx context.Context, e runs.Erasure, after int64, max int) (store.Erased, error) {
	if s.erasure != nil {
		s.erasure(&e)
	}
	done, err := s.Store.Erase(ctx, e, after, max)
	if s.erased != nil {
		s.erased(&done)
	}
	return done, err
}

func (s broken) Accounts(ctx context.Context, after string, max int) ([]string, error) {
	list, err := s.Store.Accounts(ctx, after, max)
	if s.accounts != nil {
		s.accounts(list)
	}
	return list, err
}

func (s broken) Prune(ctx context.Context, account string, age time.Duration, after int64, max int) (store.Pruned, error) {
	if s.age != nil {
		age = s.age(age)
	}
	done, err := s.Store.Prune(ctx, account, age, after, max)
	if s.pruned != nil {
		s.pruned(&done)
	}
	return done, err
}

// brokenStores are by the topic of the suite and the claim that must catch them.
func brokenStores() map[string]broken {
	all := careless()
	for _, more := range []map[string]broken{mistaken(), lax(), forgetful()} {
		maps.Copy(all, more)
	}
	return all
}

// careless are broken stores that do not keep or hand out runs as they should.
func careless() map[string]broken {
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
		"settle/a result of a lost lease": {settled: func(s *store.Settled) { s.Stale = 0 }},
		"settle/a retry is due":           {outcomes: func(list []store.Outcome) { change(list, func(o *store.Outcome) { o.After /= 2 }) }},
		"settle/a run given back": {outcomes: func(list []store.Outcome) {
			change(list, func(o *store.Outcome) {
				if o.Attempt == nil {
					o.Attempt = &runs.Attempt{}
				}
			})
		}},
		"attempt/every field":       {got: func(r *runs.Run) { change(r.Attempts, func(a *runs.Attempt) { a.Truncated = false }) }},
		"attempt/they are numbered": {got: func(r *runs.Run) { slices.Reverse(r.Attempts) }},
		"lane/a run that is due":    flowing(func(f *store.Flow) { f.Hold = "" }),
		"lane/all held runs":        holding(func(f *store.Flow) { f.Hold = runs.HoldBusy }),
		"lane/busy replaces":        holding(func(f *store.Flow) { f.Hold = max(f.Hold, runs.HoldFailing) }),
		"lane/a run given back":     {outcomes: func(list []store.Outcome) { change(list, func(o *store.Outcome) { o.After = max(o.After, 1000) }) }},
		"lane/Held lists the lanes": {claimed: func(c *store.Claimed) { c.Held = append(c.Held, store.Lane{Automation: "auto_b"}) }},
		"lane/Held lists every":     {claimed: func(c *store.Claimed) { c.Held = c.Held[:min(1000, len(c.Held))] }},
		"lane/runs tell":            {got: func(r *runs.Run) { r.HeldUntil = time.Time{} }},
		"release/the oldest":        {entries: slices.Reverse[[]store.Entry]},
		"release/a run that was":    flowing(func(f *store.Flow) { f.Release = 0 }),
		"release/no run is let out": holding(func(f *store.Flow) { f.Pause = 0 }),
		"release/each run that is":  flowing(func(f *store.Flow) { f.Pause /= time.Duration(max(1, f.Release)) }),
		"release/a lane opens":      flowing(func(f *store.Flow) { f.Release = min(f.Release, 1) }),
		"release/a lane that is": flowing(func(f *store.Flow) {
			if f.Hold == runs.HoldFailing {
				f.Hold = runs.HoldSlow
			}
		}),
		"ordered/one run is out":    saving(func(a *automation.Automation) { a.Limits.Ordered = false }),
		"ordered/a retry holds":     {outcomes: func(list []store.Outcome) { change(list, func(o *store.Outcome) { o.After = 0 }) }},
		"ordered/it is not listed":  {claimed: func(c *store.Claimed) { c.Held = append(c.Held, store.Lane{Automation: "auto_1"})[:1] }},
		"gate/disabling holds":      saving(func(a *automation.Automation) { a.Disabled = nil }),
		"gate/one with a rate":      saving(func(a *automation.Automation) { a.Limits.PerSecond = 0 }),
		"judge/health is what":      {outcomes: slices.Reverse[[]store.Outcome]},
		"judge/the lane is held":    {outcomes: func(list []store.Outcome) { change(list, func(o *store.Outcome) { o.Rule = nil }) }},
		"judge/verdicts are in":     {settled: func(s *store.Settled) { slices.Reverse(s.Verdicts) }},
		"judge/it is disabled once": {settled: disablesTwice},
		"outbox/a change is told":   {notices: func([]store.Notice) []store.Notice { return nil }},
		"outbox/there is one of": {notices: func(list []store.Notice) []store.Notice {
			change(list, func(n *store.Notice) { n.Count = 1 })
			return list
		}},
		"automation/a claim tells":   {claimed: func(c *store.Claimed) { c.Mark = "" }},
		"outbox/a claim of runs":     {claimed: func(c *store.Claimed) { c.Notices = 0 }},
		"outbox/what was told":       {told: func(list []store.Notice) { change(list, func(n *store.Notice) { n.Fence = 0 }) }},
		"outbox/what comes while it": {quiet: func(time.Duration) time.Duration { return 0 }},
	}
}

// mistaken are broken stores that give wrong answers, or take what they have to refuse.
func mistaken() map[string]broken {
	return map[string]broken{
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
		"judge/a lane with a rate":   {outcomes: func(list []store.Outcome) { change(list, func(o *store.Outcome) { o.Every = 0 }) }},
		"cancel/Count under":         {context: context.WithoutCancel},
		"all at random":              {outcomes: func(list []store.Outcome) { slices.Reverse(list) }},
	}
}

// flowing, holding and saving are stores that change each flow, each flow with a hold, or each automation on its way.

func flowing(by func(*store.Flow)) broken {
	return broken{flows: func(list []store.Flow) { change(list, by) }}
}

func holding(by func(*store.Flow)) broken {
	return flowing(func(f *store.Flow) {
		if f.Hold != "" {
			by(f)
		}
	})
}

func saving(by func(*automation.Automation)) broken {
	return broken{saved: func(list []automation.Automation) { change(list, by) }}
}

// disablesTwice has each outcome that disables tell so, not the first alone.
func disablesTwice(s *store.Settled) {
	change(s.Verdicts, func(v *store.Verdict) {
		if v.Health.FailedRuns > 1 {
			v.Change = automation.Disabling
		}
	})
}

// forgetful are broken stores that remove too much, too little, or count it wrong.
func forgetful() map[string]broken {
	return map[string]broken{
		"filter/any filters to":  {filter: func(f *runs.Filter) { f.Action = "" }},
		"erase/a run is":         {erased: func(e *store.Erased) { e.Attempts = 0 }},
		"erase/an automation's":  {erasure: func(e *runs.Erasure) { e.Automation = "" }},
		"erase/a person's":       {erasure: func(e *runs.Erasure) { e.Email = "jo" + e.Email }},
		"erase/an attempt":       {outcomes: func(list []store.Outcome) { change(list, func(o *store.Outcome) { o.Attempt.Body = nil }) }},
		"erase/it goes in steps": {erased: func(e *store.Erased) { e.Done = e.Runs == 0 }},
		"erase/a message goes":   {erased: func(e *store.Erased) { e.Messages = 0 }},
		"prune/it goes in steps": {pruned: func(p *store.Pruned) { p.Last++ }},
		"prune/accounts":         {accounts: slices.Reverse[[]string]},
		"prune/a run exactly":    {age: func(d time.Duration) time.Duration { return d - time.Microsecond }},
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
			cmd := exec.CommandContext(t.Context(), program, "-test.run", "^TestBrokenStore$/^"+topic+"$/^"+regexp.QuoteMeta(claim))
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
