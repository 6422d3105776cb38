package notify

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// Notifier sends notices to people.
type Notifier interface {
	// Notify sends notices, oldest first. It is called from one goroutine at a time, beside delivery and never in its way;
	// an error is logged.
	Notify(ctx context.Context, notices []Notice) error
}

// Kind is what a notice is about.
type Kind string

// The kinds of notices (SPEC N1).
const (
	FirstFailure Kind = "first_failure" // a run failed for good, the first since deliveries last went well
	Disabled     Kind = "disabled"      // the automation was disabled by its rule
	Recovered    Kind = "recovered"     // deliveries go well again after a first failure
)

// Notice is one thing that people should know about an automation. It holds no message, secret or personal data.
type Notice struct {
	Kind       Kind
	Account    string
	Automation string // its id
	Name       string // of the automation
	Recipients []string
	Count      int               // how many of the kind this one stands for, itself included; the rest of it is the latest's
	Run        string            // the run whose outcome it was
	At         time.Time         // of the attempt that decided it
	Reason     automation.Reason // with Disabled: why
	StatusCode int               // of the last answer; 0 when there was none
	Class      runs.Class        // of the last attempt's failure
	Detail     string            // Class in words
}
