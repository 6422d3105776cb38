package runs_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// waitAsked returns what becomes of a run that would wait an hour, and whose endpoint was asked at 09:26:53 and answered
// a second later with these values of Retry-After.
func waitAsked(values ...string) runs.Result {
	a := answered(http.StatusServiceUnavailable)
	a.Header = http.Header{}
	for _, v := range values {
		http.Header(a.Header).Add("retry-after", v)
	}
	hourly := runs.Policy{Schedule: []time.Duration{0, time.Hour, time.Hour}, Exact: true}
	return runs.Decide(runs.Run{ID: "run_1", Tries: 1}, a, hourly)
}

// O9, ATTACKS 21: never sooner than the schedule, at most 24 h, and what is not in the form of RFC 9110 is no wish.
func TestRetryAfterIsHonouredWithinBounds(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		values []string
		want   time.Duration
	}{
		{nil, time.Hour},
		{[]string{"0"}, time.Hour},
		{[]string{"3599"}, time.Hour},
		{[]string{"3601"}, 3601 * time.Second},
		{[]string{"0007200"}, 2 * time.Hour},
		{[]string{"86400"}, day},
		{[]string{"86401"}, day},
		{[]string{"9223372036854775807"}, day},
		{[]string{"99999999999999999999"}, day},
		{[]string{"-1"}, time.Hour},
		{[]string{"+7200"}, time.Hour},
		{[]string{"1e9"}, time.Hour},
		{[]string{"7200.5"}, time.Hour},
		{[]string{"７２００"}, time.Hour},
		{[]string{"abc"}, time.Hour},
		{[]string{""}, time.Hour},
		{[]string{"7200", "7200"}, time.Hour},
		{[]string{"7200, 7200"}, time.Hour},
		{[]string{"Sat, 14 Mar 2026 11:26:54 GMT"}, 2 * time.Hour},
		{[]string{"Saturday, 14-Mar-26 11:26:54 GMT"}, 2 * time.Hour},
		{[]string{"Sat Mar 14 11:26:54 2026"}, 2 * time.Hour},
		{[]string{"Wed, 01 Apr 2026 11:26:54 GMT"}, day},
		{[]string{"Wed Apr  1 11:26:54 2026"}, day},
		{[]string{"Wed, 21 Oct 2099 07:28:00 GMT"}, day},
		{[]string{"Fri, 31 Dec 9999 23:59:59 GMT"}, day},
		{[]string{"Wed, 21 Oct 2099"}, time.Hour},
		{[]string{"Sat, 14 Mar 2026 09:00:00 GMT"}, time.Hour},
		{[]string{"Mon, 01 Jan 0001 00:00:00 GMT"}, time.Hour},
		{[]string{"Sat, 14 Mar 2026 11:26:54 EST"}, time.Hour},
		{[]string{"Saturday, 14-Mar-26 11:26:54 EST"}, time.Hour},
		{[]string{"2026-03-14T11:26:54Z"}, time.Hour},
	} {
		if got := waitAsked(tt.values...); got.Status != runs.Scheduled || got.After != tt.want {
			t.Errorf("Retry-After %q: %s in %v, want scheduled in %v", tt.values, got.Status, got.After, tt.want)
		}
	}
}

func TestRetryAfterAddsNoTry(t *testing.T) {
	a := answered(http.StatusTooManyRequests)
	a.Header = map[string][]string{"Retry-After": {"7200"}}
	if got := runs.Decide(runs.Run{Tries: 10}, a, runs.Policy{}); got.Status != runs.Failed || got.After != 0 {
		t.Errorf("got %s in %v, want failed", got.Status, got.After)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{"7200", "-1", "99999999999999999999", "Sat, 14 Mar 2026 11:26:54 GMT", "Saturday, 14-Mar-26 11:26:54 GMT", "Sat Mar 14 11:26:54 2026"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := waitAsked(value)
		if got.Status != runs.Scheduled || got.After < time.Hour || got.After > 24*time.Hour {
			t.Errorf("Retry-After %q: %s in %v, want scheduled in 1 to 24 hours", value, got.Status, got.After)
		}
	})
}
