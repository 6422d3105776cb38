package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// group lets writes share transactions: each takes all the writes that arrived while the one before it was committed. There
// is no timer and no goroutine: the first caller commits for the others, then one that waits has the turn.
//
// A commit waits for the disk, and that wait costs the same for one write as for a hundred.
type group struct {
	conn *sql.Conn

	mu      sync.Mutex
	busy    bool // somebody has the turn
	waiting []*write
}

// write is one caller's part of a transaction. It may be done more than once, so it must begin anew each time.
type write struct {
	do    func(context.Context) error
	alone bool // not in a transaction, and once
	err   error
	turn  chan bool // gets true when it is the caller's turn to commit, false when its write was committed or failed
}

// tx does a write in a transaction, together with others', and names it in its error. Once begun it is not interrupted: it
// is short, a caller that left earlier could not tell whether it was done, and others have a part in it.
func (g *group) tx(ctx context.Context, what string, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return g.wait(ctx, what, &write{do: do})
}

// alone does what no transaction may be open for, on the connection of writes while nobody else has it. It ends with ctx.
func (g *group) alone(ctx context.Context, what string, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return g.wait(ctx, what, &write{alone: true, do: func(context.Context) error { return do(ctx) }})
}

// wait puts a write in the queue and waits until it was done, by another caller or by this one when it has the turn.
func (g *group) wait(ctx context.Context, what string, w *write) error {
	w.err, w.turn = errUnfinished, make(chan bool, 1)
	g.mu.Lock()
	g.waiting = append(g.waiting, w)
	first := !g.busy
	g.busy = true
	g.mu.Unlock()
	if first || <-w.turn {
		g.lead(context.WithoutCancel(ctx))
	}
	if w.err != nil {
		return fmt.Errorf("%s: %w", what, w.err)
	}
	return nil
}

// errUnfinished is what the callers of a batch get when a write in it panicked.
var errUnfinished = errors.New("the transaction was not finished")

// lead commits what waits, the leader's own write first as it is the oldest, and passes the turn on.
func (g *group) lead(ctx context.Context) {
	runtime.Gosched() // callers whose writes were just committed may have more
	batch := g.take()
	defer g.pass(batch)
	if batch[0].alone {
		batch[0].err = batch[0].do(ctx)
		return
	}
	g.commit(ctx, batch)
}

// take returns the oldest write, with all that can share its transaction.
func (g *group) take() (batch []*write) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting[0].alone {
		batch, g.waiting = g.waiting[:1:1], g.waiting[1:]
		return batch
	}
	var rest []*write
	for _, w := range g.waiting {
		if w.alone {
			rest = append(rest, w)
		} else {
			batch = append(batch, w)
		}
	}
	g.waiting = rest
	return batch
}

// pass lets the callers of a batch return, and gives the turn to one that came since.
func (g *group) pass(batch []*write) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range batch[1:] {
		w.turn <- false
	}
	if g.busy = len(g.waiting) > 0; g.busy {
		g.waiting[0].turn <- true
	}
}

// commit does writes in one transaction. When one fails, the others begin again without it, as if it had never been there.
func (g *group) commit(ctx context.Context, batch []*write) {
	for batch = slices.Clone(batch); len(batch) > 0; {
		failed, err := g.try(ctx, batch)
		if failed < 0 {
			for _, w := range batch {
				w.err = err
			}
			return
		}
		batch[failed].err = err
		batch = slices.Delete(batch, failed, failed+1)
	}
}

// try returns which of the writes failed; -1 when all were committed, or none could be.
func (g *group) try(ctx context.Context, batch []*write) (failed int, err error) {
	if _, err := g.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return -1, err
	}
	committed := false
	defer func() {
		if !committed {
			_, _ = g.conn.ExecContext(ctx, "ROLLBACK") // fails only where SQLite has rolled back itself
		}
	}()
	for i, w := range batch {
		if err := w.do(ctx); err != nil {
			return i, err
		}
	}
	if _, err := g.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return -1, fmt.Errorf("commit: %w", err)
	}
	committed = true
	return -1, nil
}
