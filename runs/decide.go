package runs

import "time"

// Result is what became of one leased run: what a store writes when it settles it.
type Result struct {
	ID    string
	Seq   int64
	Fence int64 // the lease under which it happened; a store ignores the result when the run has moved on

	Status  Status        // Succeeded, Failed, or Scheduled for another try
	After   time.Duration // Scheduled: due that long after it is settled
	Attempt *Attempt      // nil: nothing was sent, and the try is given back
}

// Decide returns what happens to r after attempt a under policy p (SPEC O8, O9): success is any 2xx, or that the
// host's inviter accepted it, a final class ends the run, all else is tried again while the budget of tries lasts.
func Decide(r Run, a Attempt, p Policy) Result {
	res := Result{ID: r.ID, Seq: r.Seq, Fence: r.Fence, Attempt: &a}
	switch {
	case a.OK():
		res.Status = Succeeded
		return res
	case a.Class.final() || p.FinalClientErrors && clientError(a.StatusCode):
		res.Status = Failed
		return res
	}
	wait, ok := p.Wait(r.ID, r.Tries)
	if !ok {
		res.Status = Failed
		return res
	}
	res.Status = Scheduled
	res.After = max(wait, a.RetryAfter())
	return res
}

// GiveBack returns the result of a leased run that was not sent: due again after a wait, its try not used.
func GiveBack(r Run, after time.Duration) Result {
	return Result{ID: r.ID, Seq: r.Seq, Fence: r.Fence, Status: Scheduled, After: after}
}

// clientError tells whether an answer puts the blame on the request in a way that waiting does not mend.
func clientError(code int) bool {
	return code >= 400 && code <= 499 && code != 408 && code != 425 && code != 429
}
