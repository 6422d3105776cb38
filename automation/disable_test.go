package automation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// outcome is one result in an automation's history: at, after the begin of the test, this became of an attempt.
type outcome struct {
	at     time.Duration
	status runs.Status
	class  runs.Class
}

func (o outcome) result() runs.Result {
	const took = time.Second // so the attempt ends at o.at
	return runs.Result{Status: o.status, Attempt: &runs.Attempt{At: happened.Add(o.at - took), Duration: took, Class: o.class}}
}

// judged is what Judge made of the last outcome, its hold aside.
type judged struct {
	Change automation.Change
	Reason automation.Reason
	Since  time.Duration // of the first failure, after the begin of the test; -1 when it is healthy
	Failed int
}

func judge(r automation.DisableRule, history []outcome) judged {
	var v automation.Verdict
	for _, o := range history {
		v = r.Judge(v.Health, o.result())
	}
	since := time.Duration(-1)
	if !v.Health.FailingSince.IsZero() {
		since = v.Health.FailingSince.Sub(happened)
	}
	return judged{v.Change, v.Reason, since, v.Health.FailedRuns}
}

// O12, N1.
func TestHistoriesAreJudged(t *testing.T) {
	const day, h = 24 * time.Hour, time.Hour
	ok := func(at time.Duration) outcome { return outcome{at, runs.Succeeded, ""} }
	again := func(at time.Duration) outcome { return outcome{at, runs.Scheduled, runs.ClassTimeout} }
	lost := func(at time.Duration) outcome { return outcome{at, runs.Failed, runs.ClassTimeout} }
	host := func(at time.Duration) outcome { return outcome{at, runs.Failed, runs.ClassInviter} }
	gone := func(at time.Duration) outcome { return outcome{at, runs.Failed, runs.ClassGone} }
	byDefault, three := automation.DisableRule{}, automation.DisableRule{FailedRuns: 3}
	const none, failing, disabling, recovered = automation.NoChange, automation.Failing, automation.Disabling, automation.Recovered

	for name, tt := range map[string]struct {
		rule    automation.DisableRule
		history []outcome
		want    judged
	}{
		"the host's own for 6 days": {byDefault, []outcome{host(0), host(6 * day)}, judged{none, "", -1, 0}},
		"the host's own first":      {byDefault, []outcome{host(0)}, judged{failing, "", -1, 0}},
		"the host's own, three":     {three, []outcome{host(0), host(h), host(2 * h), lost(3 * h)}, judged{none, "", 3 * h, 1}},
		"a success":                 {byDefault, []outcome{ok(0)}, judged{none, "", -1, 0}},
		"a failed attempt":          {byDefault, []outcome{again(h)}, judged{none, "", h, 0}},
		"a second failed attempt":   {byDefault, []outcome{again(h), again(2 * h)}, judged{none, "", h, 0}},
		"a success in between":      {byDefault, []outcome{again(h), ok(2 * h), again(3 * h)}, judged{none, "", 3 * h, 0}},
		"a success after attempts":  {byDefault, []outcome{again(h), ok(2 * h)}, judged{none, "", -1, 0}},
		"the first failed run":      {byDefault, []outcome{again(h), lost(2 * h)}, judged{failing, "", h, 1}},
		"the second failed run":     {byDefault, []outcome{lost(h), lost(2 * h)}, judged{none, "", h, 2}},
		"a success after a run":     {byDefault, []outcome{lost(h), again(2 * h), ok(3 * h)}, judged{recovered, "", -1, 0}},
		"a success after a 410":     {byDefault, []outcome{gone(h), ok(2 * h)}, judged{recovered, "", -1, 0}},
		"a success after the days":  {byDefault, []outcome{again(h), again(6 * day), ok(7 * day)}, judged{recovered, "", -1, 0}},
		"a second success":          {byDefault, []outcome{lost(h), ok(2 * h), ok(3 * h)}, judged{none, "", -1, 0}},
		"failing anew":              {byDefault, []outcome{lost(h), ok(2 * h), lost(3 * h)}, judged{failing, "", 3 * h, 1}},
		"just before five days":     {byDefault, []outcome{again(h), again(h + 5*day - 1)}, judged{none, "", h, 0}},
		"at five days":              {byDefault, []outcome{again(h), again(h + 5*day)}, judged{disabling, automation.ByDuration, h, 0}},
		"a failed run at five days": {byDefault, []outcome{again(h), lost(h + 5*day)}, judged{disabling, automation.ByDuration, h, 1}},
		"a success within the days": {byDefault, []outcome{again(h), ok(4 * day), again(4*day + h), again(6 * day)}, judged{none, "", 4*day + h, 0}},
		"a success at five days":    {byDefault, []outcome{again(h), ok(h + 5*day)}, judged{none, "", -1, 0}},
		"a time of its own":         {automation.DisableRule{After: h}, []outcome{again(h), again(2 * h)}, judged{disabling, automation.ByDuration, h, 0}},
		"two of three":              {three, []outcome{lost(h), lost(h)}, judged{none, "", h, 2}},
		"three of three":            {three, []outcome{lost(h), lost(h), lost(h)}, judged{disabling, automation.ByCount, h, 3}},
		"four of three":             {three, []outcome{lost(h), lost(h), lost(h), lost(h)}, judged{disabling, automation.ByCount, h, 4}}, // >=, not ==
		"attempts are no runs":      {three, []outcome{again(h), again(h), again(h), again(h)}, judged{none, "", h, 0}},
		"not in a row":              {three, []outcome{lost(h), lost(h), ok(h), lost(h)}, judged{failing, "", h, 1}},
		"the first of one":          {automation.DisableRule{FailedRuns: 1}, []outcome{lost(h)}, judged{disabling, automation.ByCount, h, 1}},
		"a 410 at once":             {byDefault, []outcome{gone(h)}, judged{disabling, automation.ByGone, h, 1}},
		"a 410 after failures":      {three, []outcome{lost(h), lost(h), gone(6 * day)}, judged{disabling, automation.ByGone, h, 3}},
		"an action that is gone":    {automation.DisableRule{FailedRuns: 1}, []outcome{{h, runs.Failed, runs.ClassRemoved}}, judged{none, "", -1, 0}},
		"the sender's own failure":  {byDefault, []outcome{again(h), {6 * day, runs.Scheduled, runs.ClassInternal}}, judged{none, "", h, 0}},
	} {
		if diff := cmp.Diff(tt.want, judge(tt.rule, tt.history)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestGivenBackRunIsNotJudged(t *testing.T) {
	before := automation.Health{FailingSince: happened, FailedRuns: 2, Told: true, Trouble: 4, PausedUntil: happened}
	got := automation.DisableRule{FailedRuns: 1}.Judge(before, runs.GiveBack(runs.Run{ID: "run_1"}, time.Hour))
	if diff := cmp.Diff(automation.Verdict{Health: before}, got); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}

// N1: whoever heard of a failure hears of the recovery, though the automation was saved in between, and not of more failures.
func TestPeopleAreToldOfAFailureOnce(t *testing.T) {
	told := automation.Health{Told: true} // all that is left of an older failure
	for name, tt := range map[string]struct {
		status runs.Status
		class  runs.Class
		want   automation.Verdict
	}{
		"a failed run": {runs.Failed, runs.ClassStatus, automation.Verdict{Health: automation.Health{FailingSince: happened, FailedRuns: 1, Told: true}}},
		"a success":    {runs.Succeeded, "", automation.Verdict{Change: automation.Recovered}},
		"a 410": {runs.Failed, runs.ClassGone, automation.Verdict{
			Health: automation.Health{FailingSince: happened, FailedRuns: 1, Told: true}, Change: automation.Disabling, Reason: automation.ByGone,
		}},
	} {
		got := automation.DisableRule{}.Judge(told, outcome{0, tt.status, tt.class}.result())
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What people are told holds nothing of what was sent or answered.
func TestTransitionNamesTheAttemptThatDecided(t *testing.T) {
	v := automation.Verdict{Change: automation.Disabling, Reason: automation.ByGone}
	got := v.Transition("aut_1", runs.Result{ID: "run_1", Status: runs.Failed, Attempt: &runs.Attempt{
		At: happened, Duration: time.Second, URL: "https://hooks.example/?key=1", StatusCode: 410, Class: runs.ClassGone, Detail: "answered 410",
		Header: map[string][]string{"Set-Cookie": {"a=1"}}, Body: []byte("body"),
	}})
	want := automation.Transition{
		Automation: "aut_1", Change: automation.Disabling, Reason: automation.ByGone, Run: "run_1", At: happened.Add(time.Second),
		StatusCode: 410, Class: runs.ClassGone, Detail: "answered 410",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transition (-want +got):\n%s", diff)
	}
}
