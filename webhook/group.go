package webhook

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// group commits what many callers publish at once in few transactions: a commit takes all that arrived while the one
// before it ran. There is no timer and no goroutine: the first caller commits, then hands the turn to one that waits.
type group struct {
	commit func(context.Context, []store.Entry) ([]runs.Run, error)

	mu      sync.Mutex
	busy    bool // somebody has the turn
	waiting []*publication
}

// publication is what one caller wants committed.
type publication struct {
	entries []store.Entry
	created []runs.Run
	err     error
	turn    chan bool // gets true when it is the caller's turn to commit, false when its entries were committed
}

const (
	maxCommit     = 1000 // entries, unless one caller has more
	commitTimeout = 30 * time.Second
)

func newGroup(commit func(context.Context, []store.Entry) ([]runs.Run, error)) *group {
	return &group{commit: commit}
}

// publish commits entries, together with others'. It does not return before its outcome is known, even when ctx ends: a
// caller that left earlier could not tell whether its runs exist.
func (g *group) publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := &publication{entries: entries, turn: make(chan bool, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, p)
	first := !g.busy
	g.busy = true
	g.mu.Unlock()
	if first || <-p.turn {
		g.lead(context.WithoutCancel(ctx))
	}
	return p.created, p.err
}

// lead commits one batch, the leader's own entries included as they are the oldest, and passes the turn on.
func (g *group) lead(ctx context.Context) {
	runtime.Gosched() // those whose entries were just committed may have more: a batch of many costs little more than of one
	g.mu.Lock()
	n, size := 0, 0
	for n < len(g.waiting) && (n == 0 || size+len(g.waiting[n].entries) <= maxCommit) {
		size += len(g.waiting[n].entries)
		n++
	}
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.mu.Unlock()

	g.commitBatch(ctx, batch)

	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range batch[1:] {
		p.turn <- false
	}
	if g.busy = len(g.waiting) > 0; g.busy {
		g.waiting[0].turn <- true
	}
}

func (g *group) commitBatch(ctx context.Context, batch []*publication) {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	entries := batch[0].entries
	if len(batch) > 1 {
		entries = nil
		for _, p := range batch {
			entries = append(entries, p.entries...)
		}
	}
	created, err := g.commit(ctx, entries)
	for _, p := range batch {
		p.err = err
		for _, e := range p.entries { // created runs are in the order of entries, those that existed left out
			if len(created) > 0 && created[0].ID == e.Run.ID {
				p.created = append(p.created, created[0])
				created = created[1:]
			}
		}
	}
}
