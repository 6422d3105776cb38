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
	HoldBusy     Hold = "busy"     // more runs are due than its share of the workers can carry now
)
