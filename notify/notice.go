package notify

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// Notifier sends notices to people.
type Notifier interface {
	// Notify sends notices, oldest first: of one automation, at most one of a kind in an hour, in which those that came
	// meanwhile are counted. It is called from one goroutine of a process at a time, beside delivery and never in its way. Its ctx
	// ends after a minute, and it returns then at the latest; if not, nobody is told of anything else before it does, and the
	// dispatcher ends while it still runs. An error, or a panic, is logged without e-mail addresses, and the notices come again
	// after 15 minutes; so they do when what became of them was lost.
	Notify(ctx context.Context, notices []Notice) error
}

// Kind is what a notice is about.
type Kind string

// The kinds of notices (SPEC N1).
const (
	FirstFailure Kind = "first_failure" // a run failed for good, the first since deliveries last went well
	Disabled     Kind = "disabled"      // the automation was disabled by its rule, or an answer of 410
	Recovered    Kind = "recovered"     // deliveries go well again after a first failure
)

// Notice is one thing that people should know about an automation. It holds no message or secret, and no personal data but
// the addresses of those who are to be told.
type Notice struct {
	Kind       Kind
	Account    string
	Automation string            // its id
	Name       string            // of the automation
	Recipients []string          // e-mail addresses, as the automation has them; none: the host decides whom it tells
	Count      int               // how many of the kind this one stands for, itself included; the rest of it is the latest's
	Run        string            // the run whose outcome it was
	At         time.Time         // of the attempt that decided it
	Reason     automation.Reason // with Disabled: why
	StatusCode int               // of the last answer; 0 when there was none
	Class      runs.Class        // of the last attempt's failure
	Detail     string            // Class in words
}
