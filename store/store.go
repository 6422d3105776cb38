package store

import (
	"context"
	"fmt"
	"strconv"
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
	Keeper
	Outbox
	Keys
	// Close releases what Open took. It does not wait for calls under way.
	Close() error
}

// Waiter is what a [Store] may offer beside, where other processes share what it keeps. Without it, or when it fails, looking
// from time to time is as correct, and later.
type Waiter interface {
	// Wait returns nil when anybody may have published or replayed runs, or changed the configuration, since the last Wait
	// returned; soon after it happened, and perhaps when nothing did. It returns the error of ctx when that ends, one that
	// is [errors.ErrUnsupported] when it never will work here, and another when it may work later: then what happened
	// meanwhile is told by the first Wait that does. Several may wait at once. The first Wait returns when it has begun to
	// wait. Where leases end with their process, they do while somebody waits.
	Wait(ctx context.Context) error
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

// Queue moves waiting runs. Each automation is a lane: it may be held, and then its runs wait outside the queue until they
// are let out.
//
// A run is held when it is due while its lane is held: it is born so, settled so, replayed so, or taken out of the queue by
// the claim that meets it. Holding a lane therefore costs the same with one waiting run as with a million.
type Queue interface {
	// Claim leases up to l.Max runs that are due and not held, oldest due time first, to the caller alone, until l.For has
	// passed: each gets a new fence and has one try more. A run whose lease has passed is due like any other. It may
	// return none although more are due, having met held lanes only.
	Claim(ctx context.Context, l Lease) (Claimed, error)
	// Settle writes the outcomes of leased runs, all or none but for [Settled.Left], with what they mean for their
	// automations. An outcome is ignored when the run's fence is not its own any more.
	Settle(ctx context.Context, outcomes []Outcome) (Settled, error)
	// Flow holds lanes or lets runs out of them, all or none.
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
	Next time.Duration // until the next run is due, at most an hour; 0 when more may be due now
	// Held lists lanes that have held runs and may let some out, now or later: disabled ones are left out, and ordered
	// ones of which a run is out already. Of more than MaxLanes, calls list a part in turns.
	Held []Lane
	// Mark is that of the configuration, as Changes tells it, and Notices the time until the next notice is due, at most an
	// hour, so that a process which has nothing to do asks one thing only.
	Mark    Mark
	Notices time.Duration
}

// MaxLanes is how many held lanes one claim lists.
const MaxLanes = 1000

// Lane is an automation with held runs.
type Lane struct {
	Automation string
	Hold       runs.Hold
	Wait       time.Duration // until it may let runs out; 0: now
}

// Outcome is the result of one leased run.
type Outcome struct {
	runs.Result
	Automation string // of the run
	// Rule, when set, has the automation judged by the result. What follows is written with it: its health; its being
	// disabled, unless it is already; the hold of its lane, unless that is disabled or ordered, and unless it needs no
	// pause and none of its runs is held; and, where people are to be told, a notice.
	Rule *automation.DisableRule
	// Every is the time that one request takes of the automation's rate ([automation.Limits.Every]): a hold that follows from
	// Rule lets none out before it has passed, nor, of a lane that was held for its rate, sooner than that did; default: 0.
	Every time.Duration
}

// Settled is what became of outcomes.
type Settled struct {
	Stale    int       // outcomes that were ignored
	Verdicts []Verdict // of those that had a rule and were not ignored, of each automation in their order
	// Left are outcomes of which it is not known that they were written, as the part of a store that keeps their runs does
	// not answer: settle them again later. A store that is not made of parts leaves none.
	Left []Outcome
}

// Verdict is what an outcome meant for its automation, as it was written: one that had to disable an automation that was
// disabled or gone already keeps its reason, but is no change.
type Verdict struct {
	Automation string
	automation.Verdict
}

// Flow holds a lane, or lets some of its held runs out.
type Flow struct {
	Automation string
	// Hold, when set, holds the lane. It replaces neither runs.HoldDisabled nor runs.HoldOrdered, and runs.HoldBusy replaces
	// no other: those are left as they are.
	Hold runs.Hold
	// Release lets that many held runs out, oldest first, when Hold is empty; of an ordered lane one, if none is out. It
	// does nothing while the lane's pause lasts. When none is left, the lane is open again, or held by its gate
	// ([automation.Limits.Gate]); one that is failing stays so until a success.
	Release int
	// Pause lets no run out before it has passed: once with Hold, and with Release for each run let out; default: 0.
	Pause time.Duration
}

// Registry keeps automations.
type Registry interface {
	// Changes lists what was saved or deleted after a mark, of each account oldest first: all that exists for "". An
	// automation that cannot be read is listed as disabled, automation.ByUnreadable, so that the others go on.
	Changes(ctx context.Context, since Mark) (Changes, error)
	// Put saves automations, all or none. Each must carry the version that is stored, 0 for a new one, else the error is
	// ErrConflict. It returns them with their new versions, and creation and update times. Their health begins anew, but
	// for what people were told, and their lanes are held as [automation.Automation.Hold] says, without a pause but
	// what was taken of their rate ([automation.Limits.Debt]).
	Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error)
	// Delete removes automations of an account with their health; their runs stay, as a log. ErrNotFound names the first
	// that the account does not have.
	Delete(ctx context.Context, account string, ids []string) error
}

// Changes is what changed in the configuration since a version.
type Changes struct {
	Automations []automation.Automation
	Health      map[string]automation.Health // of the automations above, where not zero
	Labels      []SurveyLabels
	Mark        Mark // pass it as since the next time
	// Missing tells whether an account is one of those of which nothing was ever read, since the part of a store that has them
	// does not answer; nil: there is none.
	Missing func(account string) bool
}

// Mark is how far somebody has read a store's changes. It is a text of the store's own, since one that is made of several
// has no single count of changes; "" is the beginning.
type Mark string

// MarkAt returns the mark of a store that counts its changes, after so many of them.
func MarkAt(version int64) Mark {
	if version == 0 {
		return ""
	}
	return Mark(strconv.FormatInt(version, 10))
}

// Version returns what MarkAt was given. A mark that it did not make is an error.
func (m Mark) Version() (int64, error) {
	if m == "" {
		return 0, nil
	}
	version, err := strconv.ParseInt(string(m), 10, 64)
	if err != nil || version < 0 || MarkAt(version) != m {
		return 0, fmt.Errorf("mark %q is none of this store's: begin again without one", string(m))
	}
	return version, nil
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

// Outbox keeps what people are to be told, from the outcome that caused it until they were told. There is at most one
// notice of an automation and change: later ones are folded into it.
type Outbox interface {
	// ClaimNotices leases up to l.Max notices that are due to the caller alone, until l.For has passed, and returns the time
	// until the next is due, at most an hour.
	ClaimNotices(ctx context.Context, l Lease) (due []Notice, next time.Duration, err error)
	// SettleNotices removes what was told from the notices of a lease that still holds. No other of the same automation and
	// change is due until quiet has passed; those that come meanwhile are folded into one.
	SettleNotices(ctx context.Context, told []Notice, quiet time.Duration) error
}

// Notice is what people are to be told of an automation.
type Notice struct {
	automation.Transition     // the latest
	Count                 int // how many are folded into it, itself included
	Fence                 int64
}

// Keys keeps the API keys of incoming automations: their hashes, never the keys (SPEC I1). Keys go with their automation
// when that is deleted.
type Keys interface {
	// PutKeys adds keys, all or none, and returns them as they are kept, in their order: created now, never used or tested. A
	// hash or id that is there already is ErrConflict, an automation that the account does not have ErrNotFound.
	PutKeys(ctx context.Context, keys []Key) ([]Key, error)
	// Keys lists the keys of an automation, ended ones included, oldest first and those of one time by id; an unknown
	// automation has none.
	Keys(ctx context.Context, account, automation string) ([]Key, error)
	// MarkKeys notes what happened to keys, in the order of marks, all or none. Marks of keys that the account does not have
	// are ignored.
	MarkKeys(ctx context.Context, marks []KeyMark) error
}

// Key is an API key as it is kept.
type Key struct {
	ID         string // drawn, public
	Account    string
	Automation string
	Name       string // what people call it
	Hint       string // how the key ends, for people to tell keys apart
	Hash       []byte // SHA-256 of the key
	CreatedAt  time.Time
	EndsAt     time.Time // it is no good from then on; zero: no end is set
	Ended      bool      // that had passed when it was read, by the store's clock, which alone counts; PutKeys ignores it
	UsedAt     time.Time // zero: never
	TestedAt   time.Time // when a test request came with it last; zero: never, or it was forgotten
	Test       []byte    // what that held, which may be a person's data; empty exactly if TestedAt is zero
}

// KeyMark is something that happened to a key.
type KeyMark struct {
	Account string
	ID      string
	Used    bool           // it was used now
	End     *time.Duration // it is no good after that long, 0: from now on; an end only moves closer; nil: as before
	Test    []byte         // a test request came with it now, and held this; empty and not nil: the one kept is forgotten; nil: none came
}

// Reader reads runs.
type Reader interface {
	// List returns the newest runs that f selects, at most max, after cursor; "" begins. Messages and attempts are left
	// out. A cursor that List did not give for the same filter is ErrCursor. A max of 0 or less gives an empty last page.
	List(ctx context.Context, f runs.Filter, cursor string, max int) (runs.Page, error)
	// Get returns one run of an account with its message and attempts, or ErrNotFound.
	Get(ctx context.Context, account, id string) (runs.Run, error)
	// Count returns how many runs f selects by status.
	Count(ctx context.Context, f runs.Filter) (runs.Counts, error)
}

// Admin changes runs on a person's demand, in steps: each tells how far it came, and the next goes on from there.
type Admin interface {
	// Replay makes up to max runs that f selects, oldest first from the sequence number after, due now with a new budget
	// of tries and the same id. Running ones are left alone and listed as such. It returns how far it came.
	Replay(ctx context.Context, f runs.Filter, after int64, max int) (Replayed, error)
	// Erase looks at up to max runs of those that e names, oldest first from the sequence number after, and removes the
	// ones that e covers, whatever their status, with their attempts, and with messages that no other run has. A step
	// thus costs the same however few are covered. An erasure that is not valid is refused.
	Erase(ctx context.Context, e runs.Erasure, after int64, max int) (Erased, error)
}

// Replayed is one step of a replay.
type Replayed struct {
	Runs    int      // made due
	Running []string // ids of those that were refused because they are running
	Last    int64    // sequence number of the last run looked at: pass it as after for the next step
	Done    bool     // nothing is left to look at
}

// Erased is one step of an erasure.
type Erased struct {
	Runs     int   // removed
	Messages int   // removed; fewer than Runs where runs shared them
	Attempts int   // removed
	Last     int64 // sequence number of the last run looked at: pass it as after for the next step
	Done     bool  // nothing is left to look at
}

// Keeper forgets runs that were kept for as long as they are to be (SPEC R4).
type Keeper interface {
	// Accounts lists up to max accounts that have runs, in the order of their bytes, from the one after the given on; ""
	// begins.
	Accounts(ctx context.Context, after string, max int) ([]string, error)
	// Prune looks at up to max runs of an account that were created longer than age ago, oldest first from the sequence
	// number after, and removes those that have ended, with messages and attempts. It looks no further than the first that
	// is younger. A sequence number is never given to another run.
	Prune(ctx context.Context, account string, age time.Duration, after int64, max int) (Pruned, error)
	// PruneKeys removes those keys of an account's automations that ended longer than age ago, and has the others forget test
	// requests that came longer ago than that. It returns how many keys it removed or had forget something.
	PruneKeys(ctx context.Context, account string, automations []string, age time.Duration) (int, error)
}

// Pruned is one step of pruning.
type Pruned struct {
	Runs int   // removed
	Last int64 // sequence number of the last run looked at: pass it as after for the next step
	Done bool  // nothing is left to look at
}
