package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// group lets callers that publish at once share statements, and so round trips, plans and commits: a flight takes the entries
// that arrived while the ones before it were under way. There is no timer: the first caller's go at once, and whoever lands
// takes those along who wait.
//
// A statement costs the server a millisecond beside what its rows cost, so for one row each that is nearly all of it.
type group struct {
	flush func(context.Context, []store.Entry) ([]place, error)

	mu      sync.Mutex
	flights int
	waiting []*part
}

// part is one caller's entries.
type part struct {
	entries []store.Entry
	created []runs.Run
	err     error
	done    chan struct{}
}

const (
	maxFlights = 2    // while one waits for the disk, the other is computed
	company    = 16   // parts that a flight beside another has at least: fewer go with the next, sooner than alone
	maxFlight  = 1000 // entries, beyond which no further part is taken along
)

// publish returns when the entries were flushed, or soon after ctx has ended, as [Store.call] does.
func (g *group) publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("publish runs: %w", err)
	}
	p := &part{entries: entries, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, p)
	if g.departs() {
		g.flights++
		go g.fly()
	}
	g.mu.Unlock()
	select {
	case <-p.done:
		return p.created, p.err
	case <-ctx.Done():
	}
	if g.leave(p) {
		return nil, fmt.Errorf("publish runs: %w", ctx.Err())
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	select {
	case <-p.done:
		return p.created, p.err
	case <-late.Done():
		return nil, fmt.Errorf("publish runs: %w", ctx.Err())
	}
}

// departs tells whether another flight may begin: beside others only with company.
func (g *group) departs() bool {
	n := len(g.waiting)
	return n > 0 && (g.flights == 0 || g.flights < maxFlights && n >= company)
}

// leave takes back a part that no flight has.
func (g *group) leave(p *part) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, p)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return i >= 0
}

// fly flushes what waits until nothing does.
func (g *group) fly() {
	for {
		runtime.Gosched() // callers whose entries were just flushed may have more
		parts := g.take()
		if len(parts) == 0 {
			return
		}
		g.flushParts(parts)
	}
}

// take returns the oldest parts; none, and the flight has ended, when none may go.
func (g *group) take() (parts []*part) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flights--
	if !g.departs() {
		return nil
	}
	g.flights++
	n, size := 0, 0
	for n < len(g.waiting) && (n == 0 || size+len(g.waiting[n].entries) <= maxFlight) {
		size += len(g.waiting[n].entries)
		n++
	}
	parts = slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	return parts
}

// flushParts flushes parts together. Where the server takes something in one of them amiss, halves are flushed by themselves,
// until that part fails alone.
func (g *group) flushParts(parts []*part) {
	all := make([]store.Entry, 0, len(parts)) // nearly all have one
	for _, p := range parts {
		all = append(all, p.entries...)
	}
	places, err := g.flush(context.Background(), all)
	if err != nil && len(parts) > 1 && ofData(err) {
		half := len(parts) / 2
		g.flushParts(parts[:half])
		g.flushParts(parts[half:])
		return
	}
	before := 0
	for _, p := range parts {
		after := before + len(p.entries)
		own := 0
		for own < len(places) && places[own].n < after {
			own++
		}
		p.created, p.err = createdOf(all, places[:own]), err
		places, before = places[own:], after
		close(p.done)
	}
}

// ofData tells whether the server has refused what it was given, rather than failed to do it.
func ofData(err error) bool {
	var failed *pgconn.PgError
	if !errors.As(err, &failed) {
		return false
	}
	return slices.ContainsFunc(refusals, func(class string) bool { return strings.HasPrefix(failed.Code, class) })
}

// refusals are classes of errors: data exceptions, violated constraints, and exceeded limits such as that of an index's entry.
var refusals = []string{"22", "23", "54"}
