// Package memory is a store in the process's memory, for tests: what it keeps is gone with it.
package memory

import (
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Store is a [store.Store] in memory. Make it with [New].
type Store struct {
	now func() time.Time

	mu      sync.Mutex
	seq     int64
	version int64
	byID    map[string]*record
	order   []*record // by sequence number
	due     pile      // waiting, not held
	lanes   map[string]*lane
	autos   map[string]saved
	notices map[noticeKey]*notice
	surveys map[surveyKey]savedLabels
	keys    map[string]store.Key // by id
}

// record is a run and its place in the queue. Its status stays running when its lease has passed; shown tells.
type record struct {
	run  runs.Run
	out  bool // it was let out of its lane, and may go although that is held
	pile *pile
	pos  int // in pile
}

// saved is an automation as a store on disk keeps it, so that it shares nothing with what callers hold.
type saved struct {
	account          string
	version          int64 // 0: there is none
	created, updated time.Time
	doc              []byte // nil: deleted
}

type surveyKey struct{ account, survey string }

type savedLabels struct {
	labels  map[string]string
	version int64
}

// Options configures a [Store].
type Options struct {
	// Now is the store's clock; default: [time.Now].
	Now func() time.Time
}

// New returns an empty store with default options.
func New() *Store { return Options{}.New() }

// New returns an empty store.
func (o Options) New() *Store {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{
		now:     o.Now,
		byID:    map[string]*record{},
		due:     pile{less: sooner},
		lanes:   map[string]*lane{},
		autos:   map[string]saved{},
		notices: map[noticeKey]*notice{},
		surveys: map[surveyKey]savedLabels{},
		keys:    map[string]store.Key{},
	}
}

// sooner orders the queue by due time. It is called some twenty times a run, so it allocates nothing.
func sooner(a, b *record) bool {
	if byDue := a.run.Due.Compare(b.run.Due); byDue != 0 {
		return byDue < 0
	}
	return a.run.Seq < b.run.Seq
}

// Close does nothing.
func (s *Store) Close() error { return nil }

// clock returns the time to the microsecond, as every store keeps it.
func (s *Store) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

var _ store.Store = (*Store)(nil)
