package webhook

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
)

// longPoll spares a test over days the looks for runs of other processes.
var longPoll = Options{Poll: time.Hour}

// O9: ten attempts, 75 h 35 m 5 s from the first to the last, then the run has failed.
func TestRetriesFollowThePublishedSchedule(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.net.set(hook, answers(http.StatusServiceUnavailable))
		r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))
		r.pass(75*time.Hour + 35*time.Minute + 4*time.Second)
		if got := r.get(run.ID); got.Status != runs.Scheduled || got.Tries != 9 {
			r.Errorf("before the last attempt: %s after %d tries, want scheduled after 9", got.Status, got.Tries)
		}
		r.pass(5 * 24 * time.Hour)
		var want []time.Duration
		at := time.Duration(0)
		for _, wait := range runs.DefaultSchedule() {
			at += wait
			want = append(want, at)
		}
		if at != 75*time.Hour+35*time.Minute+5*time.Second || len(want) != 10 {
			r.Fatalf("schedule has %d attempts over %v", len(want), at)
		}
		r.arrivedAfter(hook, want...)
		got := r.get(run.ID)
		if got.Status != runs.Failed || !got.StatusAt.Equal(r.begun.Add(at)) || len(got.Attempts) != 10 {
			r.Errorf("%s at %v after %d attempts, want failed with the tenth", got.Status, got.StatusAt, len(got.Attempts))
		}
	})
}

// O9: jitter moves each retry by at most a fifth of its wait, and does move it.
func TestJitterKeepsRetriesNearTheSchedule(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.net.set(hook, answers(http.StatusServiceUnavailable))
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = runs.Policy{}
		r.save(a)
		r.publishesOne(tagged(1))
		r.pass(100 * time.Hour)
		got := r.net.at(hook)
		if len(got) != 10 {
			r.Fatalf("%d attempts, want 10", len(got))
		}
		exact := 0
		for i, wait := range runs.DefaultSchedule()[1:] {
			gap := got[i+1].At.Sub(got[i].At)
			if off := (gap - wait).Abs(); off > wait/5+time.Microsecond {
				r.Errorf("attempt %d came after %v, want %v ± 20 %%", i+2, gap, wait)
			}
			if gap == wait {
				exact++
			}
		}
		if exact == 9 {
			r.Error("no attempt is off the schedule: there is no jitter")
		}
	})
}

// O9: Retry-After moves an attempt back, never ahead of the schedule, and by a day at most.
func TestRetryAfterIsHonoured(t *testing.T) {
	for _, tt := range []struct {
		name  string
		value func(now time.Time) string
		want  time.Duration
	}{
		{"seconds", func(time.Time) string { return "90" }, 90 * time.Second},
		{"a date", func(now time.Time) string { return now.Add(time.Minute).UTC().Format(http.TimeFormat) }, time.Minute},
		{"sooner than the schedule", func(time.Time) string { return "1" }, 5 * time.Second},
		{"more than a day", func(time.Time) string { return "99999999999999999999" }, 24 * time.Hour},
		{"in no known form", func(time.Time) string { return "soon" }, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, longPoll, func(r *rig) {
				r.net.set(hook, func(_ context.Context, n int) (egress.Response, error) {
					if n > 1 {
						return egress.Response{Status: 200}, nil
					}
					return egress.Response{Status: 429, Header: http.Header{"Retry-After": {tt.value(time.Now())}}}, nil
				})
				r.save(anAutomation(hook))
				r.publishesOne(tagged(1))
				r.pass(25 * time.Hour)
				r.arrivedAfter(hook, 0, tt.want)
			})
		})
	}
}

// O9: a policy of the automation's own takes the place of the default one.
func TestPolicyOfTheActionIsFollowed(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.net.set(hook, answers(http.StatusServiceUnavailable))
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = runs.Policy{Exact: true, Exponential: &runs.Exponential{Attempts: 4, Initial: time.Second, Factor: 10}}
		r.save(a)
		run := r.publishesOne(tagged(1))
		r.pass(time.Hour)
		r.arrivedAfter(hook, 0, time.Second, 11*time.Second, 111*time.Second)
		if got := r.get(run.ID); got.Status != runs.Failed {
			r.Errorf("run is %s, want failed", got.Status)
		}
	})
}

// O6: each action has its own delay after the trigger.
func TestActionsOfAWorkflowWaitTheirDelays(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		a := anAutomation(hook)
		later := *a.Actions[0].Push
		later.URL = hook + "/later"
		a.Actions = append(a.Actions, a.Actions[0])
		a.Actions[1].Push, a.Actions[1].Delay = &later, 48*time.Hour
		r.save(a)
		if created := r.publishes(tagged(1)); len(created) != 2 {
			r.Fatalf("%d runs, want one an action", len(created))
		}
		r.pass(72 * time.Hour)
		r.arrivedAfter(hook, 0)
		r.arrivedAfter(later.URL, 48*time.Hour)
	})
}
