package automation

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// DisableRule says when failures disable an automation (SPEC O12). An answer of 410 always does; what the host's own inviter or
// directory cannot do never does.
type DisableRule struct {
	// After disables it once every attempt has failed for that long; default: 5 days.
	After time.Duration `json:"after,omitempty"`
	// FailedRuns disables it once that many runs in a row have failed for good; default: 0, never.
	FailedRuns int `json:"failed_runs,omitempty"`
}

const defaultDisableAfter = 5 * 24 * time.Hour

// Change is what a result means for its automation, beyond the run itself.
type Change string

// The changes that people are told of.
const (
	NoChange  Change = ""
	Failing   Change = "failing"   // its first run failed for good since it last went well
	Disabling Change = "disabling" // the rule disables it; the reason goes with it
	Recovered Change = "recovered" // a success after people were told that it fails
)

// Verdict is what one more result means for its automation.
type Verdict struct {
	Health Health        // from now on
	Change Change        // what people are to be told
	Reason Reason        // with Disabling: why
	Hold   runs.Hold     // what its runs are held for from now on; "" leaves that as it is
	Pause  time.Duration // with Hold: how long none of them is let out
}

// Judge returns what a result means for an automation whose health was h before. It is a pure function: time is that of
// the attempts.
func (r DisableRule) Judge(h Health, res runs.Result) Verdict {
	a := res.Attempt
	switch {
	case a == nil || a.Class == runs.ClassRemoved || a.Class == runs.ClassInternal:
		return Verdict{Health: h}
	case res.Status == runs.Succeeded:
		return h.succeed()
	}
	at := a.At.Add(a.Duration)
	own := a.Class != runs.ClassInviter // else the host's: it pauses the automation, and is no reason to disable it
	if own && h.FailingSince.IsZero() {
		h.FailingSince = at
	}
	if own && res.Status == runs.Failed {
		h.FailedRuns++
	}
	var v Verdict
	v.Hold, v.Pause = h.pause(*a)
	switch {
	case a.Class == runs.ClassGone:
		v.Change, v.Reason = Disabling, ByGone
	case own && at.Sub(h.FailingSince) >= r.after():
		v.Change, v.Reason = Disabling, ByDuration
	case own && r.FailedRuns > 0 && h.FailedRuns >= r.FailedRuns:
		v.Change, v.Reason = Disabling, ByCount
	case res.Status == runs.Failed && !h.Told:
		v.Change = Failing
	}
	h.Told = h.Told || v.Change != NoChange
	v.Health = h
	return v
}

func (h Health) succeed() Verdict {
	var v Verdict
	if h.Told {
		v.Change = Recovered
	}
	if h.Pauses > 0 || !h.PausedUntil.IsZero() {
		v.Hold = runs.HoldSlow // what waits is let out gently
	}
	return v
}

func (r DisableRule) after() time.Duration {
	if r.After == 0 {
		return defaultDisableAfter
	}
	return r.After
}

func (r DisableRule) validate(vs *violations) {
	if r.After < 0 || r.FailedRuns < 0 {
		vs.add("/disable_rule", ErrLimit, "it has a negative bound: use a positive one, or 0 for the default")
	}
}

// Transition is a change of an automation, as people are told of it. It holds no message, secret or personal data.
type Transition struct {
	Automation string     `json:"automation"`
	Change     Change     `json:"change"`
	Reason     Reason     `json:"reason,omitempty"`      // with Disabling: why
	Run        string     `json:"run,omitempty"`         // the run whose outcome it was
	At         time.Time  `json:"at"`                    // end of the attempt that decided it
	StatusCode int        `json:"status_code,omitempty"` // of its answer; 0 when there was none
	Class      runs.Class `json:"class,omitempty"`       // of its failure
	Detail     string     `json:"detail,omitempty"`      // Class in words
}

// Transition returns what people are told of a verdict on a result of an automation.
func (v Verdict) Transition(automation string, res runs.Result) Transition {
	a := res.Attempt
	return Transition{
		Automation: automation, Change: v.Change, Reason: v.Reason, Run: res.ID, At: a.At.Add(a.Duration),
		StatusCode: a.StatusCode, Class: a.Class, Detail: a.Detail,
	}
}
