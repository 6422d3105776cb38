package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// begun returns a transaction that ends with the test, if not before.
func begun(t *testing.T, s *Store) pgx.Tx {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	return tx
}

// behind does something while another transaction has what it needs, which does the rest of its work and commits once that waits.
func behind(t *testing.T, s *Store, tx pgx.Tx, rest func() error, do func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- do() }()
	await(t, s, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
	if err := rest(); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// R4: an attempt that was being written while its run was removed goes with it.
func TestAttemptWrittenMeanwhileIsRemovedWithItsRun(t *testing.T) {
	s := newStore(t, Options{})
	list := leased(t, s)
	execute(t, s, "UPDATE tenterhook.runs SET account = 'acct_1'")
	tx := begun(t, s)
	outcomes := ended(list)
	if moved, err := s.settle(t.Context(), tx, outcomes); err != nil || len(moved) != 2 {
		t.Fatalf("settled %d runs, error %v; want 2", len(moved), err)
	}
	behind(t, s, tx, func() error { return nil }, func() error {
		gone, err := s.Erase(t.Context(), runs.Erasure{Account: "acct_1"}, 0, 10)
		if gone.Runs != 2 || gone.Attempts != 2 {
			t.Errorf("Erase removed %+v, want two runs and their attempts", gone)
		}
		return err
	})
	checked(t, s)
}

// D2: holding a lane, or letting runs out of it, while another process deletes its automation, is as if it had come before.
func TestFlowOfLaneThatIsDeletedMeanwhileDoesNothing(t *testing.T) {
	s := newStore(t, Options{})
	for _, f := range []store.Flow{{Hold: runs.HoldBusy, Pause: time.Second}, {Release: 1}} {
		f.Automation = "auto_1"
		if err := s.Flow(t.Context(), []store.Flow{f}); err != nil { // makes the lane
			t.Fatal(err)
		}
		tx := begun(t, s)
		if _, err := s.lockLanes(t.Context(), tx, []string{"auto_1"}); err != nil {
			t.Fatal(err)
		}
		behind(t, s, tx, func() error {
			_, err := s.exec(t.Context(), tx, "lanes_delete", []string{"auto_1"})
			return err
		}, func() error {
			return s.Flow(t.Context(), []store.Flow{f, {Automation: "auto_2", Hold: runs.HoldBusy}, f})
		})
		await(t, s, "SELECT count(*) = 1 AND min(automation) = 'auto_2' AND min(hold) = 'busy' FROM tenterhook.lanes")
	}
}
