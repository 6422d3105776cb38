package automation_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// answer is one attempt in an automation's history: begun at, after the begin of the test, and answered within the instant.
type answer struct {
	at     time.Duration
	status int           // 0: none, of the class
	class  runs.Class    // default: that of the status
	later  time.Duration // what Retry-After asks for
}

func (a answer) result() runs.Result {
	at := runs.Attempt{At: happened.Add(a.at), StatusCode: a.status, Class: a.class}
	if a.class == "" {
		at.Class = runs.ClassOf(a.status)
	}
	if a.later != 0 {
		at.Header = map[string][]string{"Retry-After": {happened.Add(a.at + a.later).Format(http.TimeFormat)}}
	}
	if at.OK() {
		return runs.Result{Status: runs.Succeeded, Attempt: &at}
	}
	return runs.Result{Status: runs.Scheduled, Attempt: &at}
}

// held is what the last of a history means for the lane.
type held struct {
	Hold  runs.Hold
	Pause time.Duration
}

// times repeats an answer.
func times(n int, a answer) (list []answer) {
	for range n {
		list = append(list, a)
	}
	return list
}

// probes are n failures in turn, each begun when the pause after the one before has ended.
func probes(n int) []answer {
	list := times(5, answer{status: 500})
	at, pause := time.Duration(0), 5*time.Second
	for range n {
		at += pause
		list = append(list, answer{at: at, status: 500})
		pause = min(2*pause, 5*time.Minute)
	}
	return list
}

// O10, ATTACKS 21, 22.
func TestCircuitOpensForWhatTheEndpointDoes(t *testing.T) {
	const s, m = time.Second, time.Minute
	none := held{}
	for name, tt := range map[string]struct {
		history []answer
		want    held
	}{
		"a success":                       {[]answer{{status: 204}}, none},
		"a 500":                           {[]answer{{status: 500}}, none},
		"four in a row":                   {times(4, answer{status: 500}), none},
		"five in a row":                   {times(5, answer{status: 500}), held{runs.HoldFailing, 5 * s}},
		"a success among five":            {append(times(4, answer{status: 500}), answer{status: 200}, answer{status: 500}), none},
		"a refusal of what was sent":      {times(9, answer{status: 400}), none},
		"a redirect":                      {times(9, answer{status: 302}), none},
		"an address that is blocked":      {times(9, answer{class: runs.ClassAddress}), none},
		"a timeout weighs three":          {times(1, answer{class: runs.ClassTimeout}), none},
		"two timeouts":                    {times(2, answer{class: runs.ClassTimeout}), held{runs.HoldFailing, 5 * s}},
		"no connection":                   {times(5, answer{class: runs.ClassConnect}), held{runs.HoldFailing, 5 * s}},
		"others under way when it opened": {times(6, answer{status: 500}), none},
		"a success after it opened":       {append(probes(0), answer{status: 200}), held{runs.HoldSlow, 0}},
		"a success after that":            {append(probes(3), answer{status: 200}, answer{status: 200}), none},
		"opened anew after a success":     {append(append(probes(3), answer{at: m, status: 200}), times(5, answer{at: m, status: 500})...), held{runs.HoldFailing, 5 * s}},
		"the first probe fails":           {probes(1), held{runs.HoldFailing, 10 * s}},
		"the second probe fails":          {probes(2), held{runs.HoldFailing, 20 * s}},
		"the sixth probe fails":           {probes(6), held{runs.HoldFailing, 5 * m}},
		"the hundredth probe fails":       {probes(100), held{runs.HoldFailing, 5 * m}},
		"a probe is refused":              {append(probes(0), answer{at: 5 * s, status: 404}), none},
		"a 429":                           {[]answer{{status: 429}}, held{runs.HoldSlow, s}},
		"a 502":                           {[]answer{{status: 502}}, held{runs.HoldSlow, s}},
		"a 504":                           {[]answer{{status: 504}}, held{runs.HoldSlow, s}},
		"a 503 is no call for less":       {[]answer{{status: 503}}, none},
		"a 503 to come back later":        {[]answer{{status: 503, later: 30 * s}}, held{runs.HoldSlow, 30 * s}},
		"a 429 to come back later":        {[]answer{{status: 429, later: 2 * m}}, held{runs.HoldSlow, 2 * m}},
		"a 429 to come back in the past":  {[]answer{{status: 429, later: -2 * m}}, held{runs.HoldSlow, s}},
		"two of 429 that overlap":         {times(2, answer{status: 429}), none},
		"a longer wait that overlaps":     {[]answer{{status: 429}, {status: 429, later: m}}, held{runs.HoldSlow, m}},
		"a shorter wait that overlaps":    {[]answer{{status: 429, later: m}, {status: 429, later: 30 * s}}, none},
		"the fifth asks for long":         {append(times(4, answer{status: 500}), answer{status: 503, later: 10 * m}), held{runs.HoldFailing, 10 * m}},
		"a wait while it is open":         {append(probes(0), answer{status: 503, later: m}), held{runs.HoldFailing, m}},
		"a 400 to come back later":        {[]answer{{status: 400, later: m}}, none},
		"a success after a 429":           {[]answer{{status: 429}, {at: s, status: 200}}, held{runs.HoldSlow, 0}},
		"failing for good, 410":           {[]answer{{status: 410}}, none},
	} {
		var v automation.Verdict
		for _, a := range tt.history {
			v = automation.DisableRule{}.Judge(v.Health, a.result())
		}
		if diff := cmp.Diff(tt.want, held{v.Hold, v.Pause}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A pause is counted from the end of the attempt that called for it.
func TestPauseEndsAfterTheAttempt(t *testing.T) {
	var v automation.Verdict
	for range 2 {
		v = automation.DisableRule{}.Judge(v.Health, runs.Result{Status: runs.Scheduled, Attempt: &runs.Attempt{
			At: happened, Duration: 10 * time.Second, Class: runs.ClassTimeout,
		}})
	}
	want := automation.Health{
		FailingSince: happened.Add(10 * time.Second), Trouble: 6, Pauses: 1, PausedUntil: happened.Add(15 * time.Second),
	}
	if diff := cmp.Diff(want, v.Health); diff != "" {
		t.Errorf("health after two timeouts (-want +got):\n%s", diff)
	}
}
