package webhook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// ReplayOptions says how runs are replayed.
type ReplayOptions struct {
	// PerSecond bounds how many runs are made due in a second; default: 500.
	PerSecond int
	// Progress is called after each step; default: nobody is told.
	Progress func(Replayed)
}

// Replayed is how far a replay has come.
type Replayed struct {
	Runs    int      // that will be sent again
	Running []string // ids of runs that were refused because they are running
}

const replayStep = 100

// Replay sends the runs that f selects again, whatever their status but running: failed ones, succeeded ones, and
// scheduled ones now instead of later. Each keeps its id, so its webhook-id, and gets a new budget of tries. Oldest come
// first, and runs that are created meanwhile are not among them. It returns when all of them are due, or, with what was done
// so far, when ctx ends.
//
// Runs of a disabled automation wait until that is enabled. A filter without an account replays runs of all. When f names
// ids, each must exist, or nothing is replayed and the error is [store.ErrNotFound].
func (d *Dispatcher) Replay(ctx context.Context, f runs.Filter, o ReplayOptions) (Replayed, error) {
	var total Replayed
	if err := f.Validate(); err != nil {
		return total, fmt.Errorf("replay runs: %w", err)
	}
	if err := d.exist(ctx, f); err != nil {
		return total, fmt.Errorf("replay runs: %w", err)
	}
	f, err := d.asOfNow(ctx, f)
	if err != nil {
		return total, fmt.Errorf("replay runs: %w", err)
	}
	if o.PerSecond <= 0 {
		o.PerSecond = 500
	}
	step := min(replayStep, o.PerSecond)
	pause := time.NewTicker(max(1, time.Second*time.Duration(step)/time.Duration(o.PerSecond)))
	defer pause.Stop()
	for after := int64(0); ; {
		s, err := d.store.Replay(ctx, f, after, step)
		if err != nil {
			return total, fmt.Errorf("replay runs: %w", err)
		}
		after = s.Last
		total.Runs += s.Runs
		total.Running = append(total.Running, s.Running...)
		d.Wake()
		if o.Progress != nil {
			o.Progress(total)
		}
		if s.Done {
			return total, nil
		}
		select {
		case <-ctx.Done():
			return total, fmt.Errorf("replay runs: stopped: %w", ctx.Err())
		case <-pause.C:
		}
	}
}

// asOfNow returns f without the runs that will be created after the newest that it selects now. It goes by their times, since the
// clock is the store's.
func (d *Dispatcher) asOfNow(ctx context.Context, f runs.Filter) (runs.Filter, error) {
	if len(f.IDs) > 0 {
		return f, nil
	}
	page, err := d.store.List(ctx, f, "", replayStep) // of those that were created at once the newest need not be the first
	if err != nil || len(page.Runs) == 0 {
		return f, err
	}
	newest := slices.MaxFunc(page.Runs, func(a, b runs.Run) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if end := newest.CreatedAt.Add(time.Microsecond); f.To.IsZero() || end.Before(f.To) { // every store keeps microseconds
		f.To = end
	}
	return f, nil
}

// exist reports ids of f that no run of its account has.
func (d *Dispatcher) exist(ctx context.Context, f runs.Filter) error {
	if len(f.IDs) == 0 {
		return nil
	}
	ids := slices.Compact(slices.Sorted(slices.Values(f.IDs)))
	counts, err := d.store.Count(ctx, runs.Filter{Account: f.Account, IDs: ids})
	if err != nil {
		return err
	}
	found := 0
	for _, n := range counts {
		found += n
	}
	if found < len(ids) {
		return fmt.Errorf("%d of %d runs: %w: check their ids and the account", len(ids)-found, len(ids), store.ErrNotFound)
	}
	return nil
}
