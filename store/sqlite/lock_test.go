package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// R4, R5: looking for runs to replay, erase or prune does not take the write lock, so it holds up no delivery, however
// much it looks through.
func TestStepThatFindsNothingNeedsNoWriteLock(t *testing.T) {
	s, path := newStore(t, Options{LockTimeout: 20 * time.Millisecond})
	fill(t, s, 1000)
	unlock := lock(t, path)
	for name, step := range map[string]func(context.Context) error{
		"Replay": func(ctx context.Context) error {
			_, err := s.Replay(ctx, runs.Filter{Person: "nobody"}, 0, 100)
			return err
		},
		"Erase": func(ctx context.Context) error {
			_, err := s.Erase(ctx, runs.Erasure{Account: "acct_1", Email: "bob@example.com"}, 0, 100)
			return err
		},
		"Prune":    func(ctx context.Context) error { _, err := s.Prune(ctx, "acct_1", -time.Hour, 0, 100); return err },
		"Accounts": func(ctx context.Context) error { _, err := s.Accounts(ctx, "", 100); return err },
	} {
		if err := step(t.Context()); err != nil {
			t.Errorf("%s while another process writes: %v", name, err)
		}
	}
	if _, err := s.Erase(t.Context(), runs.Erasure{Account: "acct_1"}, 0, 100); code(err) != busy {
		t.Errorf("erasing what is there while another process writes: %v, want SQLITE_BUSY: else this test shows nothing", err)
	}
	unlock()
	if got, err := s.Erase(t.Context(), runs.Erasure{Account: "acct_1"}, 0, 100); err != nil || got.Runs != 100 {
		t.Errorf("Erase once the lock is free gave %+v, error %v", got, err)
	}
}

// lock takes the write lock of a file as another process would.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err == nil {
		_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		_, err := conn.ExecContext(t.Context(), "ROLLBACK")
		if err := errors.Join(err, conn.Close(), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// R4: a run that was replayed after it was selected as old and ended is not pruned.
func TestPruneLooksAgainBeforeItRemoves(t *testing.T) {
	s, _ := newStore(t, Options{})
	fill(t, s, 3)
	c, err := s.Claim(t.Context(), store.Lease{Max: 3, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []store.Outcome
	for _, r := range c.Runs[:2] {
		result := runs.Decide(r, runs.Attempt{At: time.Now(), StatusCode: 204}, runs.Policy{})
		outcomes = append(outcomes, store.Outcome{Result: result, Automation: r.Automation})
	}
	if _, err := s.Settle(t.Context(), outcomes); err != nil {
		t.Fatal(err)
	}
	var gone store.Erased
	err = s.writes.tx(t.Context(), "prune", func(ctx context.Context) (err error) {
		if _, err = s.exec(ctx, "replay", jsonNumbers([]int64{c.Runs[0].Seq}), s.micros()); err != nil {
			return err
		}
		gone, err = s.remove(ctx, "prune_runs", []int64{c.Runs[0].Seq, c.Runs[1].Seq, c.Runs[2].Seq})
		return err
	})
	if err != nil || gone.Runs != 1 {
		t.Errorf("pruning a replayed, a succeeded and a running run removed %d, error %v; want the second alone", gone.Runs, err)
	}
}

// R4: what this version cannot decode is looked through as text, so that it keeps nobody from being erased.
func TestErasureLooksThroughUnreadableRows(t *testing.T) {
	s, _ := newStore(t, Options{})
	fill(t, s, 30)
	spoil := func(statement string, args ...any) {
		if _, err := s.writes.conn.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	spoil("UPDATE tenterhook_runs SET facts = '{bob@example.com' WHERE seq = 1")
	spoil("UPDATE tenterhook_runs SET facts = '{ada' WHERE seq = 11")
	spoil("INSERT INTO tenterhook_attempts (run, fence, doc) VALUES (21, 1, '{\"bob\\u0040example.com')")
	got, err := s.Erase(t.Context(), runs.Erasure{Account: "acct_0", Email: "bob@example.com"}, 0, 100)
	if want := (store.Erased{Runs: 2, Messages: 2, Attempts: 1, Last: 21, Done: true}); err != nil || got != want {
		t.Errorf("Erase gave %+v, error %v; want %+v", got, err, want)
	}
}

// BenchmarkErasePerson measures a look through an account for a person who is not there.
func BenchmarkErasePerson(b *testing.B) {
	const all = 20_000
	s, _ := newStore(b, Options{})
	fill(b, s, all)
	for b.Loop() {
		for after, done := int64(0), false; !done; {
			step, err := s.Erase(b.Context(), runs.Erasure{Account: "acct_1", Email: "bob@example.com"}, after, 200)
			if err != nil {
				b.Fatal(err)
			}
			after, done = step.Last, step.Done
		}
	}
	b.ReportMetric(float64(b.N*all/10)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(0, "ns/op")
}
