package automation

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// DisableRule says when failures disable an automation (SPEC O12). An answer of 410 always does.
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
	Recovered Change = "recovered" // a success after a run had failed for good
)

// Judge returns an automation's health after one more result, at the time of its attempt, and what that changes: the
// reason is set with [Disabling] only.
func (r DisableRule) Judge(h runs.Health, res runs.Result) (runs.Health, Change, Reason) {
	switch a := res.Attempt; {
	case a == nil || a.Class == runs.ClassRemoved || a.Class == runs.ClassInternal:
		return h, NoChange, ""
	case res.Status == runs.Succeeded && h.FailedRuns > 0:
		return runs.Health{}, Recovered, ""
	case res.Status == runs.Succeeded:
		return runs.Health{}, NoChange, ""
	}
	at := res.Attempt.At.Add(res.Attempt.Duration)
	if h.FailingSince.IsZero() {
		h.FailingSince = at
	}
	first := res.Status == runs.Failed && h.FailedRuns == 0
	if res.Status == runs.Failed {
		h.FailedRuns++
	}
	after := r.After
	if after == 0 {
		after = defaultDisableAfter
	}
	switch {
	case res.Attempt.Class == runs.ClassGone:
		return h, Disabling, ByGone
	case at.Sub(h.FailingSince) >= after:
		return h, Disabling, ByDuration
	case r.FailedRuns > 0 && h.FailedRuns >= r.FailedRuns:
		return h, Disabling, ByCount
	case first:
		return h, Failing, ""
	}
	return h, NoChange, ""
}

func (r DisableRule) validate(vs *violations) {
	if r.After < 0 || r.FailedRuns < 0 {
		vs.add("/disable_rule", ErrLimit, "it has a negative bound: use a positive one, or 0 for the default")
	}
}
