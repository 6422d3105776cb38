package automation

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// Health is how an automation's deliveries have been going since the last success: what a store keeps of it, and brings up
// to date with [DisableRule.Judge]. The zero Health is that of one that goes well.
type Health struct {
	FailingSince time.Time `json:"failing_since,omitzero"` // end of the first failed attempt since the last success
	FailedRuns   int       `json:"failed_runs,omitempty"`  // failed for good since the last success
	Told         bool      `json:"told,omitempty"`         // people were told that it fails, and not yet that it recovered

	Trouble     int       `json:"trouble,omitempty"`     // weight of the attempts since the last success that failed for the endpoint's sake
	Pauses      int       `json:"pauses,omitempty"`      // since the last success; each is longer than the one before
	PausedUntil time.Time `json:"paused_until,omitzero"` // end of the latest pause: what was begun before it says nothing new
}

// The circuit of an automation (SPEC O10): it opens at that weight of trouble, for a pause that doubles each time the
// probe after it fails.
const (
	tripAt       = 5
	timeoutCosts = 3 // of trouble: it has kept a worker for long
	firstPause   = 5 * time.Second
	maxPause     = 5 * time.Minute
	slowPause    = time.Second // after an answer that asks for less
)

// pause notes a failed attempt and returns the hold that the automation's runs get for it, and for how long: none while it
// may go on. Attempts that were under way together count once.
func (h *Health) pause(a runs.Attempt) (hold runs.Hold, wait time.Duration) {
	if !a.Trouble() {
		return "", 0
	}
	wait = max(0, a.RetryAfter())
	if wait > 0 {
		hold = runs.HoldSlow
	}
	if !a.At.Before(h.PausedUntil) {
		h.Trouble += cost(a)
		if a.Throttled() {
			hold, wait = runs.HoldSlow, max(wait, slowPause)
		}
		if h.Trouble >= tripAt {
			hold, wait = runs.HoldFailing, max(wait, min(firstPause<<min(h.Pauses, 16), maxPause))
			h.Pauses++
		}
	}
	until := a.At.Add(a.Duration + wait)
	if hold == "" || !until.After(h.PausedUntil) {
		return "", 0
	}
	if h.Trouble >= tripAt {
		hold = runs.HoldFailing
	}
	h.PausedUntil = until
	return hold, wait
}

func cost(a runs.Attempt) int {
	if a.Class == runs.ClassTimeout {
		return timeoutCosts
	}
	return 1
}
