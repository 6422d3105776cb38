package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// config is what this process knows of automations and labels: a snapshot that is replaced, never changed.
type config struct {
	store  store.Store
	maxAge time.Duration
	pauses *pauses

	turn    *semaphore.Weighted // of the one who replaces the snapshot
	current atomic.Pointer[snapshot]
}

// snapshot is the configuration at one mark of the store's.
type snapshot struct {
	host      host
	mark      store.Mark
	at        time.Time
	byID      map[string]automation.Automation
	byAccount map[string][]automation.Automation // in order of their ids, so that runs are planned in one order
	labels    map[surveyKey]map[string]string
	routes    map[routeKey]*route
	entrances map[string]*entrance      // of incoming automations with fields, by id
	missing   func(account string) bool // whose automations are not known; nil: all are
}

type surveyKey struct{ account, survey string }

type routeKey struct{ automation, action string }

func newConfig(d *Dispatcher) *config {
	c := &config{store: d.store, maxAge: d.options.Refresh, pauses: d.pauses, turn: semaphore.NewWeighted(1)}
	c.current.Store(&snapshot{host: d.host})
	return c
}

// fresh returns a snapshot no older than maxAge, in which the automations of an account are known; "" is any.
func (c *config) fresh(ctx context.Context, account string) (*snapshot, error) {
	if s := c.current.Load(); s.mark != "" && time.Since(s.at) < c.maxAge {
		return s, s.knows(account)
	}
	return c.refresh(ctx, account)
}

// catchUp reads what changed when the store has come further with the configuration than this process knows.
func (c *config) catchUp(ctx context.Context, mark store.Mark) error {
	if c.current.Load().mark == mark {
		return nil
	}
	_, err := c.read(ctx)
	return err
}

// refresh returns a snapshot no older than the call, in which the automations of an account are known; "" is any.
func (c *config) refresh(ctx context.Context, account string) (*snapshot, error) {
	s, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	return s, s.knows(account)
}

// read returns a snapshot no older than the call.
func (c *config) read(ctx context.Context) (*snapshot, error) {
	began := time.Now()
	if err := c.turn.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("read automations: %w", err)
	}
	defer c.turn.Release(1)
	old := c.current.Load()
	if old.at.After(began) { // somebody did it while this one waited
		return old, nil
	}
	changes, err := c.store.Changes(ctx, old.mark)
	if err != nil {
		return nil, fmt.Errorf("read automations: %w", err)
	}
	next := old.with(changes, began)
	c.pauses.learn(changes.Automations, changes.Health)
	c.current.Store(next)
	return next, nil
}

// with returns the snapshot after changes.
func (s *snapshot) with(c store.Changes, at time.Time) *snapshot {
	next := *s
	next.at, next.mark, next.missing = at, c.Mark, c.Missing
	if len(c.Automations)+len(c.Labels) == 0 {
		return &next
	}
	next.byID, next.byAccount = cloned(s.byID), cloned(s.byAccount)
	next.labels, next.routes, next.entrances = cloned(s.labels), cloned(s.routes), cloned(s.entrances)
	for _, a := range c.Automations {
		next.put(a)
	}
	for _, l := range c.Labels {
		next.labels[surveyKey{l.Account, l.Survey}] = l.Labels
	}
	return &next
}

func (s *snapshot) put(a automation.Automation) {
	list := slices.DeleteFunc(slices.Clone(s.byAccount[a.Account]), func(b automation.Automation) bool { return b.ID == a.ID })
	for action := range s.host.routes(s.byID[a.ID]) {
		delete(s.routes, routeKey{a.ID, action})
	}
	delete(s.entrances, a.ID)
	if a.Deleted {
		delete(s.byID, a.ID)
		s.byAccount[a.Account] = list
		return
	}
	at, _ := slices.BinarySearchFunc(list, a.ID, func(b automation.Automation, id string) int { return cmp.Compare(b.ID, id) })
	s.byAccount[a.Account] = slices.Insert(list, at, a)
	s.byID[a.ID] = a
	for action, r := range s.host.routes(a) {
		s.routes[routeKey{a.ID, action}] = r
	}
	if in := a.Trigger.Incoming; in != nil && !in.URLWebhooks {
		s.entrances[a.ID] = newEntrance(a)
	}
}

// knows returns why the automations of an account are not known.
func (s *snapshot) knows(account string) error {
	if s.missing == nil || account == "" || !s.missing(account) {
		return nil
	}
	return errMissing
}

// complete returns why it is not known whether there is an automation that is not here.
func (s *snapshot) complete() error {
	if s.missing == nil {
		return nil
	}
	return errMissing
}

var errMissing = errors.New("read automations: the part of the store that has them has not answered yet: try again later")

// enabled tells whether events make runs of an automation; not of one that is unknown.
func (s *snapshot) enabled(id string) bool {
	_, ok := s.byID[id]
	return ok && s.byID[id].Disabled == nil
}

func cloned[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}
