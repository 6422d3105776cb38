package runs

import (
	"fmt"
	"slices"
	"time"
)

// Filter selects runs; each empty field selects all (SPEC R3). So does an empty Account: without one, runs of all accounts
// are listed, counted and replayed. Set it in whatever is done for a customer.
type Filter struct {
	Account    string
	Automation string
	Action     string // a step of a workflow, by the id that it has in its automation (SPEC O6)
	EventType  string
	Statuses   []Status
	Person     string    // part of the respondent's name or e-mail address, in any letter case
	From       time.Time // created at this time or later
	To         time.Time // created before this time
	IDs        []string  // these runs alone
}

// Validate reports a status that is not known, or an end before the beginning. Replaying refuses such a filter; listing and
// counting do not ask, and find no run of such a status or time.
func (f Filter) Validate() error {
	for _, s := range f.Statuses {
		if _, err := ParseStatus(string(s)); err != nil {
			return err
		}
	}
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Before(f.From) {
		return fmt.Errorf("filter ends (%s) before it begins (%s): swap the two times", f.To.Format(time.RFC3339), f.From.Format(time.RFC3339))
	}
	return nil
}

// Has tells whether f wants runs of status s.
func (f Filter) Has(s Status) bool { return len(f.Statuses) == 0 || slices.Contains(f.Statuses, s) }

// Page is one piece of a list of runs, newest first.
type Page struct {
	Runs []Run
	Next string // cursor of the page after this one; "" on the last
}

// Counts is how many runs there are of each status.
type Counts map[Status]int
