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

// verdict is what Judge made of the last outcome.
type verdict struct {
	Change automation.Change
	Reason automation.Reason
	Since  time.Duration // of the first failure, after the begin of the test; -1 when it is healthy
	Failed int
}

func judge(r automation.DisableRule, history []outcome) verdict {
	var h runs.Health
	v := verdict{}
	for _, o := range history {
		h, v.Change, v.Reason = r.Judge(h, o.result())
	}
	v.Since, v.Failed = -1, h.FailedRuns
	if !h.FailingSince.IsZero() {
		v.Since = h.FailingSince.Sub(happened)
	}
	return v
}

// O12, N1.
func TestHistoriesAreJudged(t *testing.T) {
	const day, h = 24 * time.Hour, time.Hour
	ok := func(at time.Duration) outcome { return outcome{at, runs.Succeeded, ""} }
	again := func(at time.Duration) outcome { return outcome{at, runs.Scheduled, runs.ClassTimeout} }
	lost := func(at time.Duration) outcome { return outcome{at, runs.Failed, runs.ClassTimeout} }
	gone := func(at time.Duration) outcome { return outcome{at, runs.Failed, runs.ClassGone} }
	byDefault, three := automation.DisableRule{}, automation.DisableRule{FailedRuns: 3}
	const none, failing, disabling, recovered = automation.NoChange, automation.Failing, automation.Disabling, automation.Recovered

	for name, tt := range map[string]struct {
		rule    automation.DisableRule
		history []outcome
		want    verdict
	}{
		"a success":                 {byDefault, []outcome{ok(0)}, verdict{none, "", -1, 0}},
		"a failed attempt":          {byDefault, []outcome{again(h)}, verdict{none, "", h, 0}},
		"a second failed attempt":   {byDefault, []outcome{again(h), again(2 * h)}, verdict{none, "", h, 0}},
		"a success in between":      {byDefault, []outcome{again(h), ok(2 * h), again(3 * h)}, verdict{none, "", 3 * h, 0}},
		"a success after attempts":  {byDefault, []outcome{again(h), ok(2 * h)}, verdict{none, "", -1, 0}},
		"the first failed run":      {byDefault, []outcome{again(h), lost(2 * h)}, verdict{failing, "", h, 1}},
		"the second failed run":     {byDefault, []outcome{lost(h), lost(2 * h)}, verdict{none, "", h, 2}},
		"a success after a run":     {byDefault, []outcome{lost(h), again(2 * h), ok(3 * h)}, verdict{recovered, "", -1, 0}},
		"a second success":          {byDefault, []outcome{lost(h), ok(2 * h), ok(3 * h)}, verdict{none, "", -1, 0}},
		"failing anew":              {byDefault, []outcome{lost(h), ok(2 * h), lost(3 * h)}, verdict{failing, "", 3 * h, 1}},
		"just before five days":     {byDefault, []outcome{again(h), again(h + 5*day - 1)}, verdict{none, "", h, 0}},
		"at five days":              {byDefault, []outcome{again(h), again(h + 5*day)}, verdict{disabling, automation.ByDuration, h, 0}},
		"a failed run at five days": {byDefault, []outcome{again(h), lost(h + 5*day)}, verdict{disabling, automation.ByDuration, h, 1}},
		"a success within the days": {byDefault, []outcome{again(h), ok(4 * day), again(4*day + h), again(6 * day)}, verdict{none, "", 4*day + h, 0}},
		"a success at five days":    {byDefault, []outcome{again(h), ok(h + 5*day)}, verdict{none, "", -1, 0}},
		"a time of its own":         {automation.DisableRule{After: h}, []outcome{again(h), again(2 * h)}, verdict{disabling, automation.ByDuration, h, 0}},
		"two of three":              {three, []outcome{lost(h), lost(h)}, verdict{none, "", h, 2}},
		"three of three":            {three, []outcome{lost(h), lost(h), lost(h)}, verdict{disabling, automation.ByCount, h, 3}},
		"four of three":             {three, []outcome{lost(h), lost(h), lost(h), lost(h)}, verdict{disabling, automation.ByCount, h, 4}}, // >=, not ==
		"attempts are no runs":      {three, []outcome{again(h), again(h), again(h), again(h)}, verdict{none, "", h, 0}},
		"not in a row":              {three, []outcome{lost(h), lost(h), ok(h), lost(h)}, verdict{failing, "", h, 1}},
		"the first of one":          {automation.DisableRule{FailedRuns: 1}, []outcome{lost(h)}, verdict{disabling, automation.ByCount, h, 1}},
		"a 410 at once":             {byDefault, []outcome{gone(h)}, verdict{disabling, automation.ByGone, h, 1}},
		"a 410 after failures":      {three, []outcome{lost(h), lost(h), gone(6 * day)}, verdict{disabling, automation.ByGone, h, 3}},
		"an action that is gone":    {automation.DisableRule{FailedRuns: 1}, []outcome{{h, runs.Failed, runs.ClassRemoved}}, verdict{none, "", -1, 0}},
		"the sender's own failure":  {byDefault, []outcome{again(h), {6 * day, runs.Scheduled, runs.ClassInternal}}, verdict{none, "", h, 0}},
	} {
		if diff := cmp.Diff(tt.want, judge(tt.rule, tt.history)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestGivenBackRunIsNotJudged(t *testing.T) {
	before := runs.Health{FailingSince: happened, FailedRuns: 2}
	got, change, reason := automation.DisableRule{FailedRuns: 1}.Judge(before, runs.GiveBack(runs.Run{ID: "run_1"}, time.Hour))
	if got != before || change != automation.NoChange || reason != "" {
		t.Errorf("got %+v, %q, %q; want no change", got, change, reason)
	}
}
