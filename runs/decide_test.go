package runs_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/runs"
)

var begun = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// answered returns an attempt that got this status code.
func answered(code int) runs.Attempt {
	return runs.Attempt{At: begun, Duration: time.Second, StatusCode: code, Class: runs.ClassOf(code)}
}

// O8: what each answer means, by default and with FinalClientErrors.
func TestAnswersDecide(t *testing.T) {
	const ok, again, never = runs.Succeeded, runs.Scheduled, runs.Failed
	for code := 200; code <= 599; code++ {
		byDefault, final := again, again
		switch {
		case code <= 299:
			byDefault, final = ok, ok
		case code == 410:
			byDefault, final = never, never
		case code == 408, code == 425, code == 429:
		case code >= 400 && code <= 499:
			final = never
		}
		for _, tt := range []struct {
			policy runs.Policy
			want   runs.Status
		}{{runs.Policy{}, byDefault}, {runs.Policy{FinalClientErrors: true}, final}} {
			if got := runs.Decide(runs.Run{ID: "run_1", Tries: 1}, answered(code), tt.policy); got.Status != tt.want {
				t.Errorf("%d with final client errors %v: %s, want %s", code, tt.policy.FinalClientErrors, got.Status, tt.want)
			}
		}
	}
}

func TestClassNamesTheAnswer(t *testing.T) {
	for code, want := range map[int]runs.Class{
		200: "", 204: "", 299: "", 300: runs.ClassRedirect, 301: runs.ClassRedirect, 399: runs.ClassRedirect,
		400: runs.ClassStatus, 409: runs.ClassStatus, 410: runs.ClassGone, 411: runs.ClassStatus, 500: runs.ClassStatus, 599: runs.ClassStatus,
	} {
		if got := runs.ClassOf(code); got != want {
			t.Errorf("ClassOf(%d) = %q, want %q", code, got, want)
		}
	}
}

// O8: without an answer, the class decides; those that sending again cannot mend are final.
func TestClassesDecide(t *testing.T) {
	for class, want := range map[runs.Class]runs.Status{
		runs.ClassAddress: runs.Failed, runs.ClassPort: runs.Failed, runs.ClassURL: runs.Failed, runs.ClassRemoved: runs.Failed,
		runs.ClassRefused: runs.Failed, runs.ClassInviter: runs.Scheduled,
		runs.ClassDNS: runs.Scheduled, runs.ClassConnect: runs.Scheduled, runs.ClassTLS: runs.Scheduled, runs.ClassTimeout: runs.Scheduled,
		runs.ClassProtocol: runs.Scheduled, runs.ClassInternal: runs.Scheduled,
	} {
		for _, p := range []runs.Policy{{}, {FinalClientErrors: true}} {
			if got := runs.Decide(runs.Run{ID: "run_1", Tries: 1}, runs.Attempt{Class: class}, p); got.Status != want {
				t.Errorf("%s with %+v: %s, want %s", class, p, got.Status, want)
			}
		}
	}
}

// I5: without a status code an attempt succeeds only by being marked so, and no mark outweighs an answer or a failure.
func TestOnlyAnAcceptedAttemptSucceedsWithoutAnAnswer(t *testing.T) {
	for _, tt := range []struct {
		attempt runs.Attempt
		want    runs.Status
	}{
		{runs.Attempt{Accepted: true}, runs.Succeeded},
		{runs.Attempt{}, runs.Scheduled},
		{runs.Attempt{Accepted: true, Class: runs.ClassInviter}, runs.Scheduled},
		{runs.Attempt{Accepted: true, Class: runs.ClassRefused}, runs.Failed},
		{runs.Attempt{Accepted: true, StatusCode: 500, Class: runs.ClassStatus}, runs.Scheduled},
		{runs.Attempt{Accepted: true, StatusCode: 410, Class: runs.ClassGone}, runs.Failed},
		{runs.Attempt{StatusCode: 204}, runs.Succeeded},
	} {
		got := runs.Decide(runs.Run{ID: "run_1", Tries: 1}, tt.attempt, runs.Policy{})
		if got.Status != tt.want || tt.attempt.OK() != (tt.want == runs.Succeeded) {
			t.Errorf("%+v: %s, OK %v; want %s", tt.attempt, got.Status, tt.attempt.OK(), tt.want)
		}
	}
}

// An inviter that cannot do its work is in trouble as an endpoint is; one that refuses a person is not.
func TestInvitersTroubleIsNoRefusal(t *testing.T) {
	if !(runs.Attempt{Class: runs.ClassInviter}).Trouble() || (runs.Attempt{Class: runs.ClassRefused}).Trouble() {
		t.Error("an inviter's failure is no trouble, or its refusal is")
	}
}

// O8, ATTACKS 17 and 18: 2xx is a success even if the rest of the answer broke off.
func TestBrokenBodyOfASuccessIsASuccess(t *testing.T) {
	a := answered(200)
	a.Class, a.Truncated = runs.ClassConnect, true
	if got := runs.Decide(runs.Run{Tries: 1}, a, runs.Policy{}); got.Status != runs.Succeeded {
		t.Errorf("got %s, want %s", got.Status, runs.Succeeded)
	}
}

// O9: the wait before the attempt that follows is the one at the place of the tries used.
func TestFailedRunWaitsUntilItsBudgetIsUsed(t *testing.T) {
	p := runs.Policy{Exact: true}
	for tries, wait := range runs.DefaultSchedule() {
		if tries == 0 {
			continue // an attempt has used one
		}
		got := runs.Decide(runs.Run{ID: "run_1", Tries: tries}, answered(500), p)
		if got.Status != runs.Scheduled || got.After != wait {
			t.Errorf("after %d tries: %s in %v, want scheduled in %v", tries, got.Status, got.After, wait)
		}
	}
	for _, tries := range []int{10, 11, 1000} {
		if got := runs.Decide(runs.Run{ID: "run_1", Tries: tries}, answered(500), p); got.Status != runs.Failed || got.After != 0 {
			t.Errorf("after %d tries: %s in %v, want failed", tries, got.Status, got.After)
		}
	}
}

func TestResultNamesItsLeaseAndAttempt(t *testing.T) {
	r := runs.Run{ID: "run_1", Seq: 7, Fence: 3, Tries: 10}
	for _, code := range []int{200, 410, 500} {
		a := answered(code)
		got := runs.Decide(r, a, runs.Policy{})
		want := runs.Result{ID: "run_1", Seq: 7, Fence: 3, Status: got.Status, Attempt: &a}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d: result (-want +got):\n%s", code, diff)
		}
	}
}

func TestGivenBackRunKeepsItsTry(t *testing.T) {
	got := runs.GiveBack(runs.Run{ID: "run_1", Seq: 7, Fence: 3, Tries: 10}, time.Minute)
	want := runs.Result{ID: "run_1", Seq: 7, Fence: 3, Status: runs.Scheduled, After: time.Minute}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}
