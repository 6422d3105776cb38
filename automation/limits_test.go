package automation_test

import (
	"math"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// limited returns a valid automation with these limits.
func limited(t testing.TB, l automation.Limits) automation.Automation {
	a := valid(t)
	a.Limits = l
	return a
}

// O10.
func TestRateIsSpread(t *testing.T) {
	for _, tt := range []struct {
		limits   automation.Limits
		every    time.Duration
		together int
	}{
		{automation.Limits{}, 0, 1},
		{automation.Limits{PerSecond: 1}, time.Second, 1},
		{automation.Limits{PerSecond: 2.5}, 400 * time.Millisecond, 1},
		{automation.Limits{PerSecond: 10.1}, 99009900 * time.Nanosecond, 2},
		{automation.Limits{PerSecond: 100}, 10 * time.Millisecond, 10},
		{automation.Limits{PerSecond: 100, Burst: 3}, 10 * time.Millisecond, 3},
		{automation.Limits{PerSecond: automation.MinPerSecond}, time.Hour, 1},
		{automation.Limits{PerSecond: automation.MaxPerSecond}, 100 * time.Microsecond, 1000},
	} {
		if every, together := tt.limits.Every(), tt.limits.Together(); every != tt.every || together != tt.together {
			t.Errorf("%+v: one each %v, %d together; want each %v, %d", tt.limits, every, together, tt.every, tt.together)
		}
	}
}

// O5, O10, O11.
func TestSavedAutomationIsHeldForWhatItIs(t *testing.T) {
	open := automation.Limits{Concurrency: 3}
	rate := automation.Limits{PerSecond: 5}
	ordered := automation.Limits{Ordered: true, PerSecond: 5}
	all := []runs.Hold{"", runs.HoldBusy, runs.HoldSlow, runs.HoldFailing, runs.HoldRate, runs.HoldOrdered, runs.HoldDisabled}
	for name, tt := range map[string]struct {
		limits   automation.Limits
		disabled bool
		gate     runs.Hold
		want     []runs.Hold // by what it was held for before, as in all
	}{
		"open":     {open, false, "", []runs.Hold{"", runs.HoldBusy, runs.HoldSlow, runs.HoldSlow, runs.HoldBusy, runs.HoldBusy, runs.HoldSlow}},
		"rate":     {rate, false, runs.HoldRate, same(runs.HoldRate)},
		"ordered":  {ordered, false, runs.HoldOrdered, same(runs.HoldOrdered)},
		"disabled": {open, true, "", same(runs.HoldDisabled)},
		"both":     {ordered, true, runs.HoldOrdered, same(runs.HoldDisabled)},
	} {
		a := limited(t, tt.limits)
		if tt.disabled {
			a.Disabled = &automation.Disabled{Reason: automation.ByUser}
		}
		if got := a.Limits.Gate(); got != tt.gate {
			t.Errorf("%s: gate %q, want %q", name, got, tt.gate)
		}
		for i, now := range all {
			if got := a.Hold(now); got != tt.want[i] {
				t.Errorf("%s, held as %q before: held as %q, want %q", name, now, got, tt.want[i])
			}
		}
	}
}

// same is one hold after each of those there are.
func same(h runs.Hold) []runs.Hold { return []runs.Hold{h, h, h, h, h, h, h} }

func TestLimitsWithinTheirBoundsAreAccepted(t *testing.T) {
	for _, l := range []automation.Limits{
		{}, {Concurrency: 1}, {Concurrency: automation.MaxConcurrency}, {PerSecond: automation.MinPerSecond},
		{PerSecond: automation.MaxPerSecond, Burst: automation.MaxBurst}, {PerSecond: 0.5, Burst: 1}, {Ordered: true, PerSecond: 3, Concurrency: 2},
	} {
		if err := limited(t, l).Validate(known); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

func TestLimitsBeyondTheirBoundsAreRefused(t *testing.T) {
	concurrency, perSecond := refusal(automation.ErrLimit, "/limits/concurrency"), refusal(automation.ErrLimit, "/limits/per_second")
	burst := refusal(automation.ErrLimit, "/limits/burst")
	for name, tt := range map[string]struct {
		limits automation.Limits
		want   []string
	}{
		"less than none at once":   {automation.Limits{Concurrency: -1}, []string{concurrency}},
		"too many at once":         {automation.Limits{Concurrency: automation.MaxConcurrency + 1}, []string{concurrency}},
		"a negative rate":          {automation.Limits{PerSecond: -1}, []string{perSecond}},
		"less than one an hour":    {automation.Limits{PerSecond: 0.0002}, []string{perSecond}},
		"too many a second":        {automation.Limits{PerSecond: automation.MaxPerSecond + 0.1}, []string{perSecond}},
		"no number":                {automation.Limits{PerSecond: math.NaN()}, []string{perSecond}},
		"no end":                   {automation.Limits{PerSecond: math.Inf(1)}, []string{perSecond}},
		"less than none together":  {automation.Limits{PerSecond: 1, Burst: -1}, []string{burst}},
		"too many together":        {automation.Limits{PerSecond: 1, Burst: automation.MaxBurst + 1}, []string{burst}},
		"together without a rate":  {automation.Limits{Burst: 1}, []string{burst}},
		"all that can be wrong":    {automation.Limits{Concurrency: -1, PerSecond: -1, Burst: -1}, []string{concurrency, perSecond, burst}},
		"a huge burst for no rate": {automation.Limits{Burst: automation.MaxBurst + 1}, []string{burst}},
	} {
		t.Run(name, func(t *testing.T) { mustRefuse(t, limited(t, tt.limits), tt.want...) })
	}
}

// O11: runs of one event have to be due in one order, whatever the event.
func TestOrderedActionsBeginTogether(t *testing.T) {
	exact := func(first time.Duration) runs.Policy {
		return runs.Policy{Schedule: []time.Duration{first, time.Hour}, Exact: true}
	}
	for name, tt := range map[string]struct {
		edit    func([]automation.Action)
		refused bool
	}{
		"at once":                {func([]automation.Action) {}, false},
		"all an hour later":      {func(l []automation.Action) { l[0].Delay, l[1].Delay = time.Hour, time.Hour }, false},
		"one an hour later":      {func(l []automation.Action) { l[1].Delay = time.Hour }, true},
		"one with a first wait":  {func(l []automation.Action) { l[1].Push.Retry = exact(time.Minute) }, true},
		"both with a first wait": {func(l []automation.Action) { l[0].Push.Retry, l[1].Push.Retry = exact(time.Minute), exact(time.Minute) }, false},
		"a wait and a delay":     {func(l []automation.Action) { l[0].Push.Retry, l[1].Delay = exact(time.Minute), time.Minute }, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := limited(t, automation.Limits{Ordered: true})
			second := a.Actions[0]
			push := *second.Push
			second.ID, second.Push = "2", &push
			a.Actions = append(a.Actions, second)
			tt.edit(a.Actions)
			if !tt.refused {
				if err := a.Validate(known); err != nil {
					t.Error(err)
				}
				return
			}
			mustRefuse(t, a, refusal(automation.ErrLimit, "/limits/ordered"))
		})
	}
}
