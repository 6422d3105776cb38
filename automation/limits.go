package automation

import (
	"math"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// Limits bound how the runs of an automation are sent, those of all its actions together. Rate and order hold over all
// processes that share the store, Concurrency in each of them. The zero Limits leave it to what the endpoint bears (SPEC
// O10, O11).
type Limits struct {
	// Concurrency bounds the requests under way at once in one process; default: 0, a share of the workers that grows and
	// shrinks with how the endpoint answers.
	Concurrency int `json:"concurrency,omitempty"`
	// PerSecond bounds the requests a second, on average; default: 0, no bound.
	PerSecond float64 `json:"per_second,omitempty"`
	// Burst bounds those sent together with PerSecond; default: as many as fall on a tenth of a second, at least 1.
	Burst int `json:"burst,omitempty"`
	// Ordered sends one run at a time, in order of creation; a failing one holds the rest until it succeeds or is given up.
	// It applies to what is published after every process has seen the automation saved. Actions that begin at different
	// times, a reminder or URL webhooks cannot be ordered; default: false.
	Ordered bool `json:"ordered,omitempty"`
}

// The bounds of limits.
const (
	MaxConcurrency = 1000
	MinPerSecond   = 1.0 / 3600
	MaxPerSecond   = 10_000
	MaxBurst       = 10_000
)

// Every returns the time that one request takes of the rate; 0 without one.
func (l Limits) Every() time.Duration {
	if l.PerSecond <= 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / l.PerSecond)
}

// Together returns how many requests may be sent together under the rate.
func (l Limits) Together() int {
	if l.Burst > 0 {
		return l.Burst
	}
	return max(1, int(math.Ceil(l.PerSecond/10)))
}

// Debt returns the longest that the next request has to wait, after as many as may be sent together under the rate; 0 without
// one.
func (l Limits) Debt() time.Duration { return time.Duration(l.Together()) * l.Every() }

// Gate returns the hold under which all runs of an enabled automation with these limits are sent; "" for none.
func (l Limits) Gate() runs.Hold {
	switch {
	case l.Ordered:
		return runs.HoldOrdered
	case l.PerSecond > 0:
		return runs.HoldRate
	}
	return ""
}

// Hold returns what the runs of an automation that was just saved are held for, when they were held for now before: what
// waited for something that is over is let out as the endpoint bears it, and gently where that may have been down.
func (a Automation) Hold(now runs.Hold) runs.Hold {
	switch {
	case !a.Enabled():
		return runs.HoldDisabled
	case a.Limits.Gate() != "":
		return a.Limits.Gate()
	case now == "":
		return ""
	case now == runs.HoldFailing || now == runs.HoldSlow || now == runs.HoldDisabled:
		return runs.HoldSlow
	}
	return runs.HoldBusy
}

func (a Automation) validateLimits(vs *violations) {
	l := a.Limits
	if l.Concurrency < 0 || l.Concurrency > MaxConcurrency {
		vs.add("/limits/concurrency", ErrLimit, "%d requests at once: use 1 to %d, or 0 for no bound of its own", l.Concurrency, MaxConcurrency)
	}
	if !(l.PerSecond == 0 || l.PerSecond >= MinPerSecond && l.PerSecond <= MaxPerSecond) {
		vs.add("/limits/per_second", ErrLimit, "%v requests a second: use one an hour (%.5f) to %v a second, or 0 for no bound", l.PerSecond, MinPerSecond, MaxPerSecond)
	}
	switch {
	case l.Burst < 0 || l.Burst > MaxBurst:
		vs.add("/limits/burst", ErrLimit, "%d requests together: use 1 to %d, or 0 for a tenth of a second's", l.Burst, MaxBurst)
	case l.Burst > 0 && l.PerSecond == 0:
		vs.add("/limits/burst", ErrLimit, "it bounds nothing without a rate: set per_second too, or leave it out")
	}
	if l.Ordered && !a.inStep() {
		vs.add("/limits/ordered", ErrLimit, "its actions begin at different times after an event, so there is no one order: give them all the same delay")
	}
}

// inStep tells whether the first attempts of all actions are due at the same time after an event.
func (a Automation) inStep() bool {
	if in := a.Trigger.Incoming; in != nil && in.URLWebhooks {
		return false // each call has a delay of its own
	}
	for _, act := range a.Actions {
		if act.begin() != a.Actions[0].begin() || act.Invite != nil && act.Invite.Reminder != nil {
			return false
		}
	}
	return true
}

func (act Action) begin() time.Duration {
	var retry runs.Policy
	switch {
	case act.Push != nil:
		retry = act.Push.Retry
	case act.Invite != nil:
		retry = act.Invite.Retry
	}
	wait, _ := retry.Wait("", 0)
	return act.Delay + wait
}
