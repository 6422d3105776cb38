package store

import (
	"context"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// Store keeps everything. All methods may be called at once from many goroutines; a method that fails has done nothing,
// unless its error is one of a commit whose outcome is unknown, after which doing the same again is safe. Slices and
// their contents belong to the caller again when a method returns.
type Store interface {
	Publisher
	Queue
	Registry
	Surveys
	Reader
	Admin
	// Close releases what Open took. It does not wait for calls under way.
	Close() error
}

// Publisher creates runs.
type Publisher interface {
	// Publish creates the runs of entries, all or none, and returns those that it created, in the order of entries. A run
	// whose id exists already is left as it is and not returned, so publishing again is safe. Runs of one call that share
	// the bytes of a message may share them in the store; nobody changes a message after it was published. A run of a held
	// automation is born held, unless its entry leases it to the caller.
	Publish(ctx context.Context, entries []Entry) ([]runs.Run, error)
}

// Entry is a run to create: due after its Delay, or already leased to the caller.
type Entry struct {
	automation.Planned
	// Lease, when positive, hands the run to the caller as if claimed for that long; Delay is then ignored.
	Lease time.Duration
}

// Queue moves waiting runs.
type Queue interface {
	// Claim leases up to l.Max runs that are due and not held, oldest due time first, to the caller alone, until l.For has
	// passed: each gets a new fence and has one try more. A run whose lease has passed is due like any other.
	Claim(ctx context.Context, l Lease) (Claimed, error)
	// Settle writes the results of leased runs, all or none, and counts those that were ignored because the run's fence is
	// not theirs any more. A scheduled run of a held automation becomes held.
	Settle(ctx context.Context, results []runs.Result) (stale int, err error)
	// Flow holds or releases the waiting runs of automations, all or none.
	Flow(ctx context.Context, flows []Flow) error
}

// Lease is what a worker asks for.
type Lease struct {
	Max int
	For time.Duration // longer than any attempt may take
}

// Claimed is what a worker got.
type Claimed struct {
	Runs []runs.Run    // with messages, without attempts
	Next time.Duration // until the next run is due, at most an hour; 0 when more are due now
	Held []string      // automations that are held as busy and may be released
}

// Flow holds an automation, or releases some of its runs.
type Flow struct {
	Automation string
	// Hold, when set, takes its waiting runs out of the queue and lets new ones be born held; leased ones are left alone.
	// A hold replaces an earlier one.
	Hold runs.Hold
	// Release puts back that many of its held runs, oldest first, when Hold is empty. When none is left held, the
	// automation is no longer held.
	Release int
}

// Registry keeps automations.
type Registry interface {
	// Changes lists what was saved or deleted after version since, oldest first: all that exists for 0. An automation that
	// cannot be read is listed as disabled, automation.ByUnreadable, so that the others go on.
	Changes(ctx context.Context, since int64) (Changes, error)
	// Put saves automations, all or none. Each must carry the version that is stored, 0 for a new one, else the error is
	// ErrConflict. It returns them with their new versions, and creation and update times. Their health begins anew.
	Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error)
	// Delete removes automations of an account with their health; their runs stay, as a log. ErrNotFound names the first
	// that the account does not have.
	Delete(ctx context.Context, account string, ids []string) error
}

// Changes is what changed in the configuration since a version.
type Changes struct {
	Automations []automation.Automation
	Health      map[string]runs.Health // of the automations above, where not zero
	Holds       map[string]runs.Hold   // of the automations above, where held
	Labels      []SurveyLabels
	Version     int64 // pass it as since the next time
}

// SurveyLabels is the data labels of one survey, by variable id.
type SurveyLabels struct {
	Account string
	Survey  string
	Labels  map[string]string
	Version int64 // of what is saved, 0 when nothing is; saving over another is a conflict
}

// Surveys keeps data labels.
type Surveys interface {
	// Labels returns the data labels of a survey; an unknown survey has none, of version 0.
	Labels(ctx context.Context, account, survey string) (SurveyLabels, error)
	// SetLabels replaces the data labels of surveys, all or none. Each must carry the version that is stored, else the
	// error is ErrConflict; so one survey cannot be in a call twice.
	SetLabels(ctx context.Context, surveys []SurveyLabels) error
}

// Reader reads runs.
type Reader interface {
	// List returns the newest runs that f selects, at most max, after cursor; "" begins. Messages and attempts are left
	// out. A cursor that List did not give for the same filter is ErrCursor.
	List(ctx context.Context, f runs.Filter, cursor string, max int) (runs.Page, error)
	// Get returns one run of an account with its message and attempts, or ErrNotFound.
	Get(ctx context.Context, account, id string) (runs.Run, error)
	// Count returns how many runs f selects by status.
	Count(ctx context.Context, f runs.Filter) (runs.Counts, error)
}

// Admin changes runs on a person's demand, and forgets them.
type Admin interface {
	// Replay makes up to max runs that f selects, oldest first from the sequence number after, due now with a new budget
	// of tries and the same id. Running ones are left alone and listed as such. It returns how far it came.
	Replay(ctx context.Context, f runs.Filter, after int64, max int) (Replayed, error)
	// Prune removes up to max ended runs that were created longer than age ago, oldest first, with messages and attempts,
	// and returns how many.
	Prune(ctx context.Context, age time.Duration, max int) (int, error)
}

// Replayed is one step of a replay.
type Replayed struct {
	Runs    int      // made due
	Running []string // ids of those that were refused because they are running
	Last    int64    // sequence number of the last run looked at: pass it as after for the next step
	Done    bool     // nothing is left to look at
}
