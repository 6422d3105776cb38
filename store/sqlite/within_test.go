package sqlite_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// transaction is a host's, however it was begun.
type transaction struct {
	tx interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	}
	end func(how string) error
}

// transactions are the ways in which a host has one.
func transactions(t *testing.T, db *sql.DB) map[string]func() transaction {
	return map[string]func() transaction{
		"*sql.Tx": func() transaction {
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return transaction{tx, func(how string) error {
				if how == "ROLLBACK" {
					return tx.Rollback()
				}
				return tx.Commit()
			}}
		},
		"*sql.Conn": func() transaction {
			conn, err := db.Conn(t.Context())
			if err == nil {
				_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
			}
			if err != nil {
				t.Fatal(err)
			}
			return transaction{conn, func(how string) error {
				_, err := conn.ExecContext(t.Context(), how)
				if err != nil {
					return err
				}
				return conn.Close()
			}}
		},
	}
}

// SPEC R7.
func TestRunsLiveOrDieWithTheHostsTransaction(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{Shared: true}, path)
	db := host(t, path, "CREATE TABLE orders (id TEXT)")
	for name, begin := range transactions(t, db) {
		t.Run(name, func(t *testing.T) {
			for _, how := range []string{"ROLLBACK", "COMMIT"} {
				tr := begin()
				if _, err := tr.tx.ExecContext(t.Context(), "INSERT INTO orders VALUES (?)", name); err != nil {
					t.Fatal(err)
				}
				entries := batch(name, 4)
				entries[1].Run.Message = entries[0].Run.Message
				created, err := st.Within(tr.tx).Publish(t.Context(), append(entries, entries[2]))
				if err != nil || len(created) != 4 {
					t.Fatalf("Publish in a transaction created %d runs, error %v; want 4", len(created), err)
				}
				if got := due(t, st); got != nil {
					t.Errorf("before the %s there were %v to claim", how, got)
				}
				if err := tr.end(how); err != nil {
					t.Fatal(err)
				}
			}
			want := map[string]string{}
			for _, e := range batch(name, 4) {
				want[e.Run.ID] = string(e.Run.Message)
			}
			want["run_"+name+"_000001"] = want["run_"+name+"_000000"]
			if diff := cmp.Diff(want, due(t, st)); diff != "" {
				t.Errorf("claimed after one rollback and one commit (-want +got):\n%s", diff)
			}
		})
	}
	var orders int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM orders").Scan(&orders); err != nil || orders != 2 {
		t.Errorf("the host has %d rows of its own, error %v; want one of each commit", orders, err)
	}
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	sound(t, path)
}

// due claims what is due and returns the messages by run.
func due(t *testing.T, st store.Store) map[string]string {
	t.Helper()
	c, err := st.Claim(t.Context(), store.Lease{Max: 100, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]string
	for _, r := range c.Runs {
		if messages == nil {
			messages = map[string]string{}
		}
		messages[r.ID] = string(r.Message)
	}
	return messages
}

func TestPublishWithinKeepsToTheQueue(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	if err := st.Flow(t.Context(), []store.Flow{{Automation: "auto_0", Hold: runs.HoldBusy}}); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Publish(t.Context(), batch("a", 1)); err != nil {
		t.Fatal(err)
	}
	tx, err := host(t, path).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	entries := append(batch("a", 2), batch("b", 3)...)
	entries[3].Delay, entries[4].Lease = time.Hour, time.Hour
	created, err := st.Within(tx).Publish(t.Context(), entries)
	if err != nil || len(created) != 4 {
		t.Fatalf("Publish in a transaction created %d runs, error %v; want the 4 that were not there", len(created), err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range content(t, st).Runs {
		got[r.ID] = string(r.Status) + " " + string(r.Held)
	}
	want := map[string]string{
		"run_a_000000": "scheduled busy", "run_a_000001": "scheduled ", "run_b_000000": "scheduled busy",
		"run_b_000001": "scheduled ", "run_b_000002": "running ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if got := due(t, st); len(got) != 1 {
		t.Errorf("claimed %v, want the one run that is neither held, late nor leased", got)
	}
}

// fading is a transaction whose publisher's context ends with the n-th statement.
type fading struct {
	*sql.Tx
	left int
	end  func()
}

func (f *fading) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	res, err := f.Tx.ExecContext(ctx, query, args...)
	if f.left--; f.left == 0 {
		f.end()
	}
	return res, err
}

// SPEC R7: a publish that fails has done nothing, although the host goes on with its transaction and commits it.
func TestPublishWithinThatFailsDoesNothing(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{Shared: true}, path)
	db := host(t, path, "CREATE TABLE orders (id TEXT)")
	for n := 1; ; n++ {
		tx, err := db.BeginTx(t.Context(), nil)
		if err == nil {
			_, err = tx.ExecContext(t.Context(), "INSERT INTO orders VALUES ('kept')")
		}
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		defer end()
		created, failed := st.Within(&fading{tx, n, end}).Publish(ctx, batch("a", 3))
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		want := 0
		if failed == nil {
			want = 3
		}
		if list := content(t, st).Runs; len(created) != want || len(list) != want {
			t.Fatalf("when its context ended with statement %d, Publish created %d runs, error %v, and %d were committed", n, len(created), failed, len(list))
		}
		var orders int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM orders").Scan(&orders); err != nil || orders != n {
			t.Errorf("the host has %d rows of its own, error %v; want %d", orders, err, n)
		}
		if failed == nil {
			break
		}
	}
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
}

func TestPublishAfterTheTransactionEndedFails(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	tx, err := host(t, path).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if created, err := st.Within(tx).Publish(t.Context(), batch("a", 1)); err == nil {
		t.Errorf("Publish in a transaction that had ended gave %v and no error", created)
	}
}
