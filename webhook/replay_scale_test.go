package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook"
)

// idle returns a dispatcher that does not run.
func idle(t *testing.T, st store.Store) *webhook.Dispatcher {
	t.Helper()
	d, err := webhook.NewDispatcher(st, webhook.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// publishLate publishes n runs that are due in a year, one in eleven of step 1 of a workflow, the others of step 2.
func publishLate(t *testing.T, st store.Store, n int) {
	t.Helper()
	for from := 0; from < n; from += 5000 {
		list := make([]store.Entry, min(5000, n-from))
		for i := range list {
			list[i] = store.Entry{Planned: automation.Planned{Delay: 365 * 24 * time.Hour, Run: runs.Run{
				ID: fmt.Sprintf("run_%06d", from+i), Account: "acct_1", Automation: "aut_1", Action: stepOf(from + i),
				EventType: "contact.tag.added", URL: "https://example.com/hook", Message: []byte(`{}`),
			}}}
		}
		if _, err := st.Publish(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
}

func stepOf(n int) string {
	if n%11 == 0 {
		return "1"
	}
	return "2"
}

// replayed returns how often runs were replayed in all, and reports one that was more or less often than those before it
// in the step that a filter names, or is of another step.
func replayed(t *testing.T, st store.Store, step string) (total int) {
	t.Helper()
	most := 0
	for cursor := ""; ; { // newest first
		page, err := st.List(t.Context(), runs.Filter{Account: "acct_1"}, cursor, 5000)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Runs {
			total += r.Replays
			switch later := r.Due.Sub(r.CreatedAt) == 365*24*time.Hour; {
			case r.Action != step && r.Replays > 0:
				t.Fatalf("run %s of step %s was replayed", r.ID, r.Action)
			case later != (r.Replays == 0):
				t.Fatalf("run %s was replayed %d times and is due %v", r.ID, r.Replays, r.Due)
			case r.Action == step && r.Replays < most:
				t.Fatalf("run %s was replayed %d times, younger ones %d times", r.ID, r.Replays, most)
			}
			most = max(most, r.Replays)
		}
		if cursor = page.Next; cursor == "" {
			return total
		}
	}
}

// R5, O6: 100,000 runs of one step are replayed by filter, and half way it is cancelled: what it reports is what was done.
func TestReplayOf100000RunsCancelledHalfWay(t *testing.T) {
	half := 50_000
	if need.Quick() {
		half = 5000
	}
	onEachStore(t, func(t *testing.T, st store.Store) {
		d := idle(t, st)
		publishLate(t, st, half*11/5)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var told webhook.Replayed
		got, err := d.Replay(ctx, runs.Filter{Account: "acct_1", Action: "2"}, webhook.ReplayOptions{
			PerSecond: 1 << 30,
			Progress: func(p webhook.Replayed) {
				if told = p; p.Runs >= half {
					cancel()
				}
			},
		})
		if !errors.Is(err, context.Canceled) || got.Runs != half || told.Runs != got.Runs {
			t.Errorf("Replay reports %d runs after telling of %d, error %v; want %d and context.Canceled", got.Runs, told.Runs, err, half)
		}
		if n := replayed(t, st, "2"); n != got.Runs {
			t.Errorf("%d runs were replayed, reported are %d", n, got.Runs)
		}
	})
}

// R5: whenever its context ends, also while a step is being written, a replay reports what was done.
func TestReplayReportsTheStepInWhichItsContextEnds(t *testing.T) {
	times := 40
	if need.Quick() {
		times = 10
	}
	onEachStore(t, func(t *testing.T, st store.Store) {
		d := idle(t, st)
		publishLate(t, st, 4000)
		total, cut := 0, 0
		for n := range times {
			ctx, cancel := context.WithTimeout(t.Context(), 80*time.Millisecond*time.Duration(n*n)/time.Duration(times*times))
			got, err := d.Replay(ctx, runs.Filter{Action: "2"}, webhook.ReplayOptions{PerSecond: 1 << 30})
			cancel()
			if total += got.Runs; err != nil {
				cut++
			}
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			if done := replayed(t, st, "2"); done != total {
				t.Fatalf("%d replays in all were reported, %d were done", total, done)
			}
		}
		if cut == 0 {
			t.Error("no replay was cut short")
		}
	})
}
