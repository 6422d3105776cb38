package webhook

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// config is what this process knows of automations and labels: a snapshot that is replaced, never changed.
type config struct {
	store  store.Store
	maxAge time.Duration
	pauses *pauses

	turn    *semaphore.Weighted // of the one who replaces the snapshot
	current atomic.Pointer[snapshot]
}

// snapshot is the configuration at one version of the store's.
type snapshot struct {
	version   int64
	at        time.Time
	byID      map[string]automation.Automation
	byAccount map[string][]automation.Automation // in order of their ids, so that runs are planned in one order
	labels    map[surveyKey]map[string]string
	routes    map[routeKey]*route
}

type surveyKey struct{ account, survey string }

type routeKey struct{ automation, action string }

// route is an action as it is needed for each attempt.
type route struct {
	push    automation.Push
	seal    signature.Seal
	header  http.Header // what every request has; never changed
	timeout time.Duration
}

const defaultTimeout = 10 * time.Second

func newConfig(st store.Store, maxAge time.Duration, p *pauses) *config {
	c := &config{store: st, maxAge: maxAge, pauses: p, turn: semaphore.NewWeighted(1)}
	c.current.Store(&snapshot{})
	return c
}

// fresh returns a snapshot no older than maxAge.
func (c *config) fresh(ctx context.Context) (*snapshot, error) {
	if s := c.current.Load(); s.version > 0 && time.Since(s.at) < c.maxAge {
		return s, nil
	}
	return c.refresh(ctx)
}

// catchUp reads what changed when the store has another version of the configuration than this process knows.
func (c *config) catchUp(ctx context.Context, version int64) error {
	if c.current.Load().version == version {
		return nil
	}
	_, err := c.refresh(ctx)
	return err
}

// refresh returns a snapshot no older than the call.
func (c *config) refresh(ctx context.Context) (*snapshot, error) {
	began := time.Now()
	if err := c.turn.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("read automations: %w", err)
	}
	defer c.turn.Release(1)
	old := c.current.Load()
	if old.at.After(began) { // somebody did it while this one waited
		return old, nil
	}
	changes, err := c.store.Changes(ctx, old.version)
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
	next.at, next.version = at, c.Version
	if len(c.Automations)+len(c.Labels) == 0 {
		return &next
	}
	next.byID, next.byAccount = cloned(s.byID), cloned(s.byAccount)
	next.labels, next.routes = cloned(s.labels), cloned(s.routes)
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
	for _, act := range s.byID[a.ID].Actions {
		delete(s.routes, routeKey{a.ID, act.ID})
	}
	if a.Deleted {
		delete(s.byID, a.ID)
		s.byAccount[a.Account] = list
		return
	}
	at, _ := slices.BinarySearchFunc(list, a.ID, func(b automation.Automation, id string) int { return cmp.Compare(b.ID, id) })
	s.byAccount[a.Account] = slices.Insert(list, at, a)
	s.byID[a.ID] = a
	for _, act := range a.Actions {
		if act.Push == nil {
			continue // of a kind that only a later version knows
		}
		if r, err := newRoute(*act.Push); err == nil { // else no run of it can be signed
			s.routes[routeKey{a.ID, act.ID}] = r
		}
	}
}

// enabled tells whether events make runs of an automation; not of one that is unknown.
func (s *snapshot) enabled(id string) bool {
	_, ok := s.byID[id]
	return ok && s.byID[id].Disabled == nil
}

func newRoute(p automation.Push) (*route, error) {
	seal, err := signature.NewSeal(p.Schemes, p.Secrets...)
	if err != nil {
		return nil, err
	}
	r := &route{push: p, seal: seal, timeout: p.Timeout, header: http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {"Tenterhook/1 (+https://www.standardwebhooks.com)"},
	}}
	if r.timeout == 0 {
		r.timeout = defaultTimeout
	}
	for name, value := range p.Headers {
		r.header.Set(name, value)
	}
	return r, nil
}

func cloned[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}
