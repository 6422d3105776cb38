package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// ErrFault is the error of a call that failed because a test wanted it to.
var ErrFault = errors.New("fault of the test")

// Fault says when a call fails.
type Fault int

// The faults.
const (
	NoFault Fault = iota
	Before        // the call does nothing and fails
	After         // the call does all and fails, as when the answer to a commit is lost
)

// Faulty is a store whose calls fail where Fail says so, with [ErrFault]. It may be used by many at once.
type Faulty struct {
	store.Store
	// Fail is asked about each call: verb is the method ("Publish", "Settle", …), n counts the calls of that method from
	// 1. It is never asked twice at once; default: nothing fails.
	Fail func(verb string, n int) Fault

	mu    sync.Mutex
	calls map[string]int
}

// Calls returns how often a method was called.
func (f *Faulty) Calls(verb string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[verb]
}

func (f *Faulty) fault(verb string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[verb]++
	if f.Fail == nil {
		return NoFault
	}
	return f.Fail(verb, f.calls[verb])
}

// do calls a method with the fault that is due.
func do[T any](f *Faulty, verb string, call func() (T, error)) (T, error) {
	var none T
	fault := f.fault(verb)
	if fault == Before {
		return none, fmt.Errorf("%s: %w before its effect", verb, ErrFault)
	}
	out, err := call()
	if err == nil && fault == After {
		return none, fmt.Errorf("%s: %w after its effect", verb, ErrFault)
	}
	return out, err
}

// done is do for a method that returns an error alone.
func done(f *Faulty, verb string, call func() error) error {
	_, err := do(f, verb, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

// Publish implements [store.Publisher].
func (f *Faulty) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	return do(f, "Publish", func() ([]runs.Run, error) { return f.Store.Publish(ctx, entries) })
}

// Claim implements [store.Queue].
func (f *Faulty) Claim(ctx context.Context, l store.Lease) (store.Claimed, error) {
	return do(f, "Claim", func() (store.Claimed, error) { return f.Store.Claim(ctx, l) })
}

// Settle implements [store.Queue].
func (f *Faulty) Settle(ctx context.Context, outcomes []store.Outcome) (store.Settled, error) {
	return do(f, "Settle", func() (store.Settled, error) { return f.Store.Settle(ctx, outcomes) })
}

// Flow implements [store.Queue].
func (f *Faulty) Flow(ctx context.Context, flows []store.Flow) error {
	return done(f, "Flow", func() error { return f.Store.Flow(ctx, flows) })
}

// Changes implements [store.Registry].
func (f *Faulty) Changes(ctx context.Context, since store.Mark) (store.Changes, error) {
	return do(f, "Changes", func() (store.Changes, error) { return f.Store.Changes(ctx, since) })
}

// Put implements [store.Registry].
func (f *Faulty) Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error) {
	return do(f, "Put", func() ([]automation.Automation, error) { return f.Store.Put(ctx, automations) })
}

// Delete implements [store.Registry].
func (f *Faulty) Delete(ctx context.Context, account string, ids []string) error {
	return done(f, "Delete", func() error { return f.Store.Delete(ctx, account, ids) })
}

// Labels implements [store.Surveys].
func (f *Faulty) Labels(ctx context.Context, account, survey string) (store.SurveyLabels, error) {
	return do(f, "Labels", func() (store.SurveyLabels, error) { return f.Store.Labels(ctx, account, survey) })
}

// SetLabels implements [store.Surveys].
func (f *Faulty) SetLabels(ctx context.Context, surveys []store.SurveyLabels) error {
	return done(f, "SetLabels", func() error { return f.Store.SetLabels(ctx, surveys) })
}

// ClaimNotices implements [store.Outbox].
func (f *Faulty) ClaimNotices(ctx context.Context, l store.Lease) (due []store.Notice, next time.Duration, err error) {
	due, err = do(f, "ClaimNotices", func() (due []store.Notice, err error) {
		due, next, err = f.Store.ClaimNotices(ctx, l)
		return due, err
	})
	return due, next, err
}

// SettleNotices implements [store.Outbox].
func (f *Faulty) SettleNotices(ctx context.Context, told []store.Notice, quiet time.Duration) error {
	return done(f, "SettleNotices", func() error { return f.Store.SettleNotices(ctx, told, quiet) })
}

// PutKeys implements [store.Keys].
func (f *Faulty) PutKeys(ctx context.Context, keys []store.Key) ([]store.Key, error) {
	return do(f, "PutKeys", func() ([]store.Key, error) { return f.Store.PutKeys(ctx, keys) })
}

// Keys implements [store.Keys].
func (f *Faulty) Keys(ctx context.Context, account, automation string) ([]store.Key, error) {
	return do(f, "Keys", func() ([]store.Key, error) { return f.Store.Keys(ctx, account, automation) })
}

// MarkKeys implements [store.Keys].
func (f *Faulty) MarkKeys(ctx context.Context, marks []store.KeyMark) error {
	return done(f, "MarkKeys", func() error { return f.Store.MarkKeys(ctx, marks) })
}

// List implements [store.Reader].
func (f *Faulty) List(ctx context.Context, filter runs.Filter, cursor string, max int) (runs.Page, error) {
	return do(f, "List", func() (runs.Page, error) { return f.Store.List(ctx, filter, cursor, max) })
}

// Get implements [store.Reader].
func (f *Faulty) Get(ctx context.Context, account, id string) (runs.Run, error) {
	return do(f, "Get", func() (runs.Run, error) { return f.Store.Get(ctx, account, id) })
}

// Count implements [store.Reader].
func (f *Faulty) Count(ctx context.Context, filter runs.Filter) (runs.Counts, error) {
	return do(f, "Count", func() (runs.Counts, error) { return f.Store.Count(ctx, filter) })
}

// Replay implements [store.Admin].
func (f *Faulty) Replay(ctx context.Context, filter runs.Filter, after int64, max int) (store.Replayed, error) {
	return do(f, "Replay", func() (store.Replayed, error) { return f.Store.Replay(ctx, filter, after, max) })
}

// Erase implements [store.Admin].
func (f *Faulty) Erase(ctx context.Context, e runs.Erasure, after int64, max int) (store.Erased, error) {
	return do(f, "Erase", func() (store.Erased, error) { return f.Store.Erase(ctx, e, after, max) })
}

// Accounts implements [store.Keeper].
func (f *Faulty) Accounts(ctx context.Context, after string, max int) ([]string, error) {
	return do(f, "Accounts", func() ([]string, error) { return f.Store.Accounts(ctx, after, max) })
}

// Prune implements [store.Keeper].
func (f *Faulty) Prune(ctx context.Context, account string, age time.Duration, after int64, max int) (store.Pruned, error) {
	return do(f, "Prune", func() (store.Pruned, error) { return f.Store.Prune(ctx, account, age, after, max) })
}

// PruneKeys implements [store.Keeper].
func (f *Faulty) PruneKeys(ctx context.Context, account string, automations []string, age time.Duration) (int, error) {
	return do(f, "PruneKeys", func() (int, error) { return f.Store.PruneKeys(ctx, account, automations, age) })
}
