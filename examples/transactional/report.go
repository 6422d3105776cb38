package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// outcome is what became of an order.
type outcome struct {
	order
	committed bool
	row       bool // the order is in the database
	arrived   int  // how often it did, with a signature that verifies
}

// show places the orders, waits for the runs, and prints what became of each. It returns nil if all of it is as it should be.
func (s *shop) show(ctx context.Context, out io.Writer) error {
	var outcomes []outcome
	for _, o := range orders() {
		err := s.place(ctx, o)
		if err != nil && !errors.Is(err, errSoldOut) {
			return fmt.Errorf("place order %s: %w", o.Number, err)
		}
		outcomes = append(outcomes, outcome{order: o, committed: err == nil})
	}
	counts, err := s.await(ctx)
	if err != nil {
		return err
	}
	rows, err := s.db.orders(ctx)
	if err != nil {
		return err
	}
	arrived, refused := s.receiver.tally()
	delete(arrived, sample.Number)
	for i, o := range outcomes {
		outcomes[i].row, outcomes[i].arrived = slices.Contains(rows, o.Number), arrived[o.Number]
	}
	report(out, outcomes)
	fmt.Fprintf(out, "\nRuns: %d, succeeded: %d. Orders that arrived: %d. Requests refused: %d.\n",
		total(counts), counts[runs.Succeeded], len(arrived), refused)
	return check(outcomes, counts, refused)
}

// await waits until no run is on its way, and counts them.
func (s *shop) await(ctx context.Context) (runs.Counts, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		counts, err := s.db.Count(ctx, runs.Filter{Account: account})
		if err != nil || counts[runs.Scheduled]+counts[runs.Running] == 0 {
			return counts, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("stopped with runs on their way")
		case <-tick.C:
		}
	}
}

func report(out io.Writer, outcomes []outcome) {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "order\tpieces\ttransaction\trow\tarrived")
	for _, o := range outcomes {
		transaction, row := "rolled back", "no"
		if o.committed {
			transaction = "committed"
		}
		if o.row {
			row = "yes"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d\n", o.Number, o.Pieces, transaction, row, o.arrived)
	}
	w.Flush()
}

// check says what is not as it should be. A message may arrive more than once, but does not when nothing fails.
func check(outcomes []outcome, counts runs.Counts, refused int) error {
	var wrong []error
	committed := 0
	for _, o := range outcomes {
		want := 0
		if o.committed {
			want = 1
			committed++
		}
		if o.row != o.committed || o.arrived != want {
			wrong = append(wrong, fmt.Errorf("order %s: committed %v, in the database %v, arrived %d times", o.Number, o.committed, o.row, o.arrived))
		}
	}
	if total(counts) != committed || counts[runs.Succeeded] != committed {
		wrong = append(wrong, fmt.Errorf("orders committed: %d, but runs made: %d, succeeded: %d", committed, total(counts), counts[runs.Succeeded]))
	}
	if committed == 0 || committed == len(outcomes) {
		wrong = append(wrong, fmt.Errorf("orders committed: %d of %d: there is nothing to compare", committed, len(outcomes)))
	}
	if refused > 0 {
		wrong = append(wrong, fmt.Errorf("requests that the receiver refused: %d", refused))
	}
	return errors.Join(wrong...)
}

func total(counts runs.Counts) (n int) {
	for _, s := range runs.Statuses() {
		n += counts[s]
	}
	return n
}
