package webhook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// handing returns the route of runs that are handed to the host. What the host cannot do now, the account's people are told of
// without its text, which may name what is not for them, and the host's own people in the log.
func (h host) handing(settings automation.Invite, do func(ctx context.Context, run runs.Run) error) *route {
	r := &route{timeout: cmp.Or(settings.Timeout, defaultTimeout), retry: settings.Retry}
	r.do = func(ctx context.Context, _ sender, run runs.Run, a *runs.Attempt) {
		ctx, cancel := context.WithTimeout(ctx, r.timeout)
		defer cancel()
		err := within(ctx, func() error { return do(ctx, run) })
		switch {
		case err == nil:
			a.Accepted = true
			return
		case errors.Is(err, automation.ErrRefused):
			a.Class, a.Detail = runs.ClassRefused, withoutAddresses(err.Error())
			return
		case errors.Is(err, context.DeadlineExceeded):
			a.Class, a.Detail = runs.ClassInviter, fmt.Sprintf("it was not done within %v", r.timeout)
		case errors.Is(err, ErrNoInviter), errors.Is(err, ErrNoRespondents):
			a.Class, a.Detail = runs.ClassInviter, err.Error()
		default:
			a.Class, a.Detail = runs.ClassInviter, "the service could not do it now"
		}
		h.log.Warn("run not done by the host", "run", run.ID, "automation", run.Automation, "error", withoutAddresses(err.Error()))
	}
	return r
}

// stuckFor is how long the host's own code, whose context has ended, is waited for.
const stuckFor = time.Second

// within returns what do, which is the host's, returns. If it does not when its context ends, as it has to, it is left to itself:
// it would keep a worker from the runs of others, and the dispatcher from ending.
func within(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- calmly(do) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(stuckFor):
		return fmt.Errorf("it did not return when its context ended, and still runs: %w", ctx.Err())
	}
}

// calmly returns what do does; a panic of it is an error with the place where it happened.
func calmly(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}

// address finds an e-mail address, that of an O'Brien too, with what is written without a space around it: as it is, or in a URL,
// as the text of an error of net/http's client holds it (RFC 3986 section 2.1; %2540 is %40 in a URL that stands in another).
var address = regexp.MustCompile(`[^\s<>"'(),:;]+(?:'[^\s<>"'(),:;]+)*(?:@|%(?:25)*40)[^\s<>"'(),:;]+`)

// withoutAddresses returns a text of the host's, which may hold e-mail addresses, as it can be logged and kept.
func withoutAddresses(text string) string { return address.ReplaceAllString(text, mask) }

// decodeMessage reads the message of a run that the host is handed.
func decodeMessage[T any](message []byte) (v T, err error) {
	if err = json.Unmarshal(message, &v); err != nil {
		err = fmt.Errorf("%w: the run's message cannot be read by this version: %w", automation.ErrRefused, err)
	}
	return v, err
}
