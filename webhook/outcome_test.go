package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
)

// O8: what each kind of answer, or of its absence, means for the run.
func TestAnswerDecidesWhatBecomesOfTheRun(t *testing.T) {
	type outcome struct {
		Status runs.Status
		Class  runs.Class
	}
	for _, tt := range []struct {
		name     string
		endpoint endpoint
		want     outcome
	}{
		{"200", answers(200), outcome{runs.Succeeded, ""}},
		{"204", answers(204), outcome{runs.Succeeded, ""}},
		{"299", answers(299), outcome{runs.Succeeded, ""}},
		{"301", answers(301), outcome{runs.Scheduled, runs.ClassRedirect}},
		{"304", answers(304), outcome{runs.Scheduled, runs.ClassRedirect}},
		{"400", answers(400), outcome{runs.Scheduled, runs.ClassStatus}},
		{"404", answers(404), outcome{runs.Scheduled, runs.ClassStatus}},
		{"408", answers(408), outcome{runs.Scheduled, runs.ClassStatus}},
		{"410", answers(410), outcome{runs.Failed, runs.ClassGone}},
		{"425", answers(425), outcome{runs.Scheduled, runs.ClassStatus}},
		{"429", answers(429), outcome{runs.Scheduled, runs.ClassStatus}},
		{"500", answers(500), outcome{runs.Scheduled, runs.ClassStatus}},
		{"599", answers(599), outcome{runs.Scheduled, runs.ClassStatus}},
		{"no answer in time", hangs, outcome{runs.Scheduled, runs.ClassTimeout}},
		{"no connection", breaks(egress.ErrConnect), outcome{runs.Scheduled, runs.ClassConnect}},
		{"no such host", breaks(egress.ErrDNS), outcome{runs.Scheduled, runs.ClassDNS}},
		{"bad certificate", breaks(egress.ErrTLS), outcome{runs.Scheduled, runs.ClassTLS}},
		{"not HTTP", breaks(egress.ErrProtocol), outcome{runs.Scheduled, runs.ClassProtocol}},
		{"refused address", breaks(egress.ErrAddress), outcome{runs.Failed, runs.ClassAddress}},
		{"refused port", breaks(egress.ErrPort), outcome{runs.Failed, runs.ClassPort}},
		{"URL that cannot be sent to", breaks(egress.ErrURL), outcome{runs.Failed, runs.ClassURL}},
		{"unknown error of the sender", breaks(errors.New("odd")), outcome{runs.Scheduled, runs.ClassInternal}},
		{"wrapped error", breaks(fmt.Errorf("post: %w", egress.ErrTLS)), outcome{runs.Scheduled, runs.ClassTLS}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				r.net.set(hook, tt.endpoint)
				a := anAutomation(hook)
				a.Actions[0].Push.Timeout = time.Second
				r.save(a)
				run := r.publishesOne(tagged(1))
				r.pass(4 * time.Second)
				got := r.get(run.ID)
				if len(got.Attempts) != 1 {
					r.Fatalf("%d attempts, want 1", len(got.Attempts))
				}
				first := got.Attempts[0]
				if diff := cmp.Diff(tt.want, outcome{got.Status, first.Class}); diff != "" {
					r.Errorf("outcome (-want +got):\n%s", diff)
				}
				if (first.Class == "") != (first.Detail == "") {
					r.Errorf("class %q has the words %q", first.Class, first.Detail)
				}
			})
		})
	}
}

// O8: where the policy says so, a client error other than 408, 425 and 429 ends the run.
func TestPolicyMakesClientErrorsFinal(t *testing.T) {
	for code, want := range map[int]runs.Status{
		400: runs.Failed, 404: runs.Failed, 408: runs.Scheduled, 425: runs.Scheduled, 429: runs.Scheduled, 500: runs.Scheduled,
	} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				r.net.set(hook, answers(code))
				a := anAutomation(hook)
				a.Actions[0].Push.Retry.FinalClientErrors = true
				r.save(a)
				run := r.publishesOne(tagged(1))
				r.pass(time.Second)
				if got := r.get(run.ID).Status; got != want {
					r.Errorf("run is %s, want %s", got, want)
				}
			})
		})
	}
}

// R2: an attempt keeps when, where to, how long and what was answered, except for a session of somebody's.
func TestAttemptKeepsTheAnswer(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, func(context.Context, int) (egress.Response, error) {
			<-time.After(300 * time.Millisecond)
			header := http.Header{"X-Request-Id": {"7"}, "Set-Cookie": {"session=secret"}}
			return egress.Response{Status: 202, Header: header, Body: []byte("thanks"), BodyErr: egress.ErrConnect}, nil
		})
		r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))
		r.pass(time.Second)
		want := []runs.Attempt{{
			N: 1, At: r.begun, Duration: 300 * time.Millisecond, URL: hook, StatusCode: 202,
			Header: map[string][]string{"X-Request-Id": {"7"}}, Body: []byte("thanks"), Truncated: true,
		}}
		if diff := cmp.Diff(want, r.get(run.ID).Attempts); diff != "" {
			r.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

// O2: the timeout is the automation's own, else ten seconds.
func TestAttemptEndsAtItsTimeout(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: 10 * time.Second, automation.MaxTimeout: 30 * time.Second} {
		t.Run(want.String(), func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				r.net.set(hook, hangs)
				a := anAutomation(hook)
				a.Actions[0].Push.Timeout = timeout
				r.save(a)
				run := r.publishesOne(tagged(1))
				r.pass(want + time.Second)
				got := r.get(run.ID).Attempts
				if len(got) != 1 || got[0].Duration != want || got[0].Class != runs.ClassTimeout {
					r.Errorf("attempts are %+v, want one of %v", got, want)
				}
			})
		})
	}
}
