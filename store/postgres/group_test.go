package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// grounded has publishers that come, fewer than company, wait for one flight: the one before hangs in a locked table until take
// off.
func grounded(t *testing.T, s *Store) (takeOff func()) {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	if _, err := tx.Exec(t.Context(), "LOCK TABLE tenterhook.runs"); err != nil {
		t.Fatal(err)
	}
	var first sync.WaitGroup
	first.Go(func() {
		if _, err := s.Publish(t.Context(), []store.Entry{planned(1_000_000)}); err != nil {
			t.Error(err)
		}
	})
	for hanging := 0; hanging == 0; {
		const count = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE NOT granted AND datname = current_database()"
		if err := tx.QueryRow(t.Context(), count, pgx.QueryExecModeSimpleProtocol).Scan(&hanging); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		first.Wait()
	}
}

// waits waits until so many publishers wait for a flight.
func (g *group) waits(n int) {
	for {
		g.mu.Lock()
		waiting := len(g.waiting)
		g.mu.Unlock()
		if waiting == n {
			return
		}
	}
}

// What the server refuses of one publisher is his own trouble, not that of those who share his flight.
func TestRefusedEntryFailsItsPublisherAlone(t *testing.T) {
	s := newStore(t, Options{})
	takeOff := grounded(t, s)
	bad := map[int]func(*runs.Run){
		3:  func(r *runs.Run) { r.URL = "https://example.com/\x00" },
		4:  func(r *runs.Run) { r.ID += "\xff" },
		11: func(r *runs.Run) { r.Automation += "\x00" },
	}
	errs := make([]error, company-1)
	created := make([][]runs.Run, len(errs))
	var publishers sync.WaitGroup
	for i := range errs {
		list := []store.Entry{planned(2 * i), planned(2*i + 1)}
		if spoil := bad[i]; spoil != nil {
			spoil(&list[1].Run)
		}
		publishers.Go(func() { created[i], errs[i] = s.Publish(t.Context(), list) })
	}
	s.group.waits(len(errs))
	takeOff()
	publishers.Wait()
	for i, err := range errs {
		refused := bad[i] != nil
		if refused != (err != nil) || refused != unstorable(err) {
			t.Errorf("publisher %d: error %v, refused should be %v", i, err, refused)
		}
		want := fmt.Sprint([]string{planned(2 * i).Run.ID, planned(2*i + 1).Run.ID})
		if got := fmt.Sprint(ids(created[i])); !refused && got != want || refused && len(created[i]) > 0 {
			t.Errorf("publisher %d created %s, want %s unless refused", i, got, want)
		}
	}
	checked(t, s)
}

func ids(list []runs.Run) (all []string) {
	for _, r := range list {
		all = append(all, r.ID)
	}
	return all
}

// A run that several publish in one flight is created once, for one of them.
func TestPublishersOfTheSameShareAFlight(t *testing.T) {
	s := newStore(t, Options{})
	takeOff := grounded(t, s)
	created := make([][]runs.Run, 8)
	var publishers sync.WaitGroup
	for i := range created {
		publishers.Go(func() {
			var err error
			if created[i], err = s.Publish(t.Context(), []store.Entry{planned(7), planned(100 + i)}); err != nil {
				t.Error(err)
			}
		})
	}
	s.group.waits(len(created))
	takeOff()
	publishers.Wait()
	times := map[string]int{}
	for i, list := range created {
		for _, r := range list {
			times[r.ID]++
		}
		if last := list[len(list)-1]; last.ID != planned(100+i).Run.ID {
			t.Errorf("publisher %d got %s", i, last.ID)
		}
	}
	if len(times) != len(created)+1 || times[planned(7).Run.ID] != 1 {
		t.Errorf("created %v, want each once", times)
	}
	checked(t, s)
}

// A publisher that leaves while he waits has published nothing.
func TestPublisherLeavesAQueue(t *testing.T) {
	s := newStore(t, Options{})
	takeOff := grounded(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { _, err := s.Publish(ctx, []store.Entry{planned(1)}); left <- err }()
	s.group.waits(1)
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("Publish gave %v, want %v", err, context.Canceled)
	}
	takeOff()
	if _, err := s.Get(t.Context(), planned(1).Run.Account, planned(1).Run.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the run of one who left: %v, want %v", err, store.ErrNotFound)
	}
}
