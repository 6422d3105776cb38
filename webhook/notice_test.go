package webhook

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
)

// onceOnly is tried once.
var onceOnly = runs.Policy{Schedule: []time.Duration{0}}

// N1: people are told of the first failed run and of the recovery, once each, whatever else fails in between.
func TestFirstFailureAndRecoveryAreToldOnce(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(500))
		a := anAutomation(hook)
		a.Actions[0].Push.Retry = onceOnly
		a.Recipients = []string{"ops@example.com"}
		a = r.save(a)
		first := r.publishesOne(tagged(0))
		r.pass(time.Second)
		r.publishesMany(1, 500)
		r.pass(time.Minute)
		r.toldOf(notify.FirstFailure)
		want := notify.Notice{
			Kind: notify.FirstFailure, Account: account, Automation: a.ID, Name: a.Name, Recipients: a.Recipients, Count: 1,
			Run: first.ID, At: r.begun, StatusCode: 500, Class: runs.ClassStatus,
			Detail: "the endpoint answered 500; it has to answer 2xx",
		}
		if diff := cmp.Diff(want, r.told.list()[0]); diff != "" {
			r.Errorf("notice (-want +got):\n%s", diff)
		}
		r.net.set(hook, answers(200))
		r.publishesMany(1000, 500)
		r.pass(time.Minute)
		r.toldOf(notify.FirstFailure, notify.Recovered)
	})
}

// N1: a retry that succeeds was no failure worth telling.
func TestFailedAttemptIsNoFailedRun(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(500, 500, 200))
		r.save(anAutomation(hook))
		r.publishesOne(tagged(1))
		r.pass(time.Hour)
		r.countsAre(runs.Counts{runs.Succeeded: 1})
		r.toldOf()
	})
}

// notifierFunc is a function as a Notifier.
type notifierFunc func(context.Context, []notify.Notice) error

// Notify implements [notify.Notifier].
func (f notifierFunc) Notify(ctx context.Context, list []notify.Notice) error { return f(ctx, list) }

// N2, X1: what the notifier could not do is for the host's log, without the addresses that a mail server names.
func TestNotifiersTroubleIsLoggedWithoutAddresses(t *testing.T) {
	for name, fail := range map[string]func() error{
		"an error": func() error { return errors.New("550 no such user <ann@example.com>") },
		"a panic":  func() error { panic("550 no such user <ann@example.com>") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, memory.New(), Options{Notifier: notifierFunc(func(context.Context, []notify.Notice) error { return fail() })})
				var log strings.Builder
				r.options.Log = slog.New(slog.NewTextHandler(&log, nil))
				r.start()
				r.net.set(hook, answers(410))
				r.save(anAutomation(hook))
				r.publishesOne(tagged(1))
				r.pass(time.Minute)
				if got := log.String(); !strings.Contains(got, "550 no such user") || strings.Contains(got, "example.com") {
					t.Errorf("the log says %q", got)
				}
			})
		})
	}
}

// N2: whatever the host's notifier does, runs are delivered in time.
func TestNotifierNeverHindersDelivery(t *testing.T) {
	for name, bad := range map[string]notifierFunc{
		"fails":  func(context.Context, []notify.Notice) error { return errors.New("no mail today") },
		"panics": func(context.Context, []notify.Notice) error { panic("no mail today") },
		"hangs": func(ctx context.Context, _ []notify.Notice) error {
			<-ctx.Done()
			return ctx.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			o := Options{Notifier: notifierFunc(func(ctx context.Context, list []notify.Notice) error {
				asked++
				return bad(ctx, list)
			})}
			inBubble(t, o, func(r *rig) {
				r.net.set(hook, answers(500, 200, 500, 200))
				a := anAutomation(hook)
				a.Actions[0].Push.Retry = onceOnly
				r.save(a)
				for i := range 6 {
					r.publishesOne(tagged(i))
					r.pass(time.Second)
				}
				r.arrivedAfter(hook, 0, time.Second, 2*time.Second, 3*time.Second, 4*time.Second, 5*time.Second)
				if asked == 0 {
					r.Error("the notifier was never asked")
				}
			})
		})
	}
}
