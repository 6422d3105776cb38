package runs

import "time"

// Run is one execution of one action for one event.
//
// Its identity, message and creation time never change; status, due time, fence and tries are moved by the store alone.
type Run struct {
	ID         string // sent as webhook-id; derived from event, automation and action, so publishing again finds the same run
	Seq        int64  // place in the store's order of creation, from 1
	Account    string
	Automation string
	Action     string // which of the automation's actions
	Event      string
	EventType  string
	Respondent Respondent
	URL        string   // where it was to be sent when it was created; each attempt keeps where it was sent
	Message    []byte   // the exact body of every attempt
	Warnings   []string // what had to be left out of the message, in words

	CreatedAt time.Time
	Status    Status
	StatusAt  time.Time // when Status was reached
	Due       time.Time // Scheduled: the next attempt; Running: the end of its lease; zero once ended
	Held      Hold      // why it waits for its automation instead of its due time; "" when it does not
	HeldUntil time.Time // Held: its automation lets none out before; zero when no time is set

	Fence   int64 // names the current lease; only rises
	Tries   int   // tries used since it was created or last replayed
	Replays int   // how often a person replayed it

	Attempts []Attempt // oldest first; filled only where a single run is read
}

// Respondent is the person a run is about, as far as the event tells; all empty but Anonymous for an anonymous survey.
type Respondent struct {
	ID        string
	FirstName string
	LastName  string
	Email     string
	Anonymous bool
}

// Name returns what a list shows: the names, else the e-mail address, else "Anonymous" or nothing.
func (r Respondent) Name() string {
	switch {
	case r.Anonymous:
		return "Anonymous"
	case r.FirstName != "" && r.LastName != "":
		return r.FirstName + " " + r.LastName
	case r.FirstName+r.LastName != "":
		return r.FirstName + r.LastName
	}
	return r.Email
}

// Hold says why the runs of an automation are kept out of the queue.
type Hold string

// The reasons for a hold.
const (
	HoldDisabled Hold = "disabled" // the automation is disabled; its runs go out when it is enabled again
	HoldFailing  Hold = "failing"  // its endpoint fails; one run at a time goes out as a probe
	HoldSlow     Hold = "slow"     // its endpoint came back or asked for less; runs go out at the pace that it bears
	HoldRate     Hold = "rate"     // its own limit on requests a second
	HoldOrdered  Hold = "ordered"  // an earlier run has to end first
	HoldBusy     Hold = "busy"     // more runs are due than its share of the workers can carry now
)

// Waiting says in words what r waits for, and until when at least: "held: endpoint failing, next try 14:05:00"; "" when it
// does not wait. Times are in the location of r's.
func (r Run) Waiting() string {
	switch {
	case r.Status != Scheduled:
		return ""
	case r.Held == "":
		return "next try " + r.Due.Format(time.TimeOnly)
	case r.HeldUntil.IsZero():
		return "held: " + r.Held.Words()
	}
	return "held: " + r.Held.Words() + ", next try " + r.HeldUntil.Format(time.TimeOnly)
}

// Words returns h as people read it.
func (h Hold) Words() string {
	switch h {
	case HoldDisabled:
		return "automation disabled"
	case HoldFailing:
		return "endpoint failing"
	case HoldSlow:
		return "endpoint needs less"
	case HoldRate:
		return "rate limit"
	case HoldOrdered:
		return "an earlier run comes first"
	case HoldBusy:
		return "many runs at once"
	}
	return string(h)
}
