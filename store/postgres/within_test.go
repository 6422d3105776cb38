package postgres_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// transaction is a host's, however it was begun.
type transaction struct {
	store.Publisher
	exec             func(statement string) error
	commit, rollback func() error
}

// transactions are the ways in which a host has one.
func transactions(t *testing.T, st *postgres.Store, dsn string) map[string]func() transaction {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn := connect(t, dsn)
	ctx := t.Context()
	return map[string]func() transaction{
		"pgx.Tx": func() transaction {
			tx, err := conn.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			exec := func(statement string) error { _, err := tx.Exec(ctx, statement); return err }
			return transaction{st.Within(tx), exec, func() error { return tx.Commit(ctx) }, func() error { return tx.Rollback(ctx) }}
		},
		"*sql.Tx": func() transaction {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			exec := func(statement string) error { _, err := tx.ExecContext(ctx, statement); return err }
			return transaction{st.WithinSQL(tx), exec, tx.Commit, tx.Rollback}
		},
	}
}

func connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func execute(t testing.TB, conn *pgx.Conn, statement string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// number returns the one that a query gives.
func number(t testing.TB, conn *pgx.Conn, query string, args ...any) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// SPEC R7.
func TestRunsLiveOrDieWithTheHostsTransaction(t *testing.T) {
	dsn := need.Postgres(t)
	st := open(t, postgres.Options{}, dsn)
	conn := connect(t, dsn)
	execute(t, conn, "CREATE TABLE orders (id text)")
	for name, begin := range transactions(t, st, dsn) {
		t.Run(name, func(t *testing.T) {
			for _, commits := range []bool{false, true} {
				tr := begin()
				if err := tr.exec("INSERT INTO orders VALUES ('one')"); err != nil {
					t.Fatal(err)
				}
				list := batch(name, 5)
				list[1].Run.Message = list[0].Run.Message
				list[3].Run.Message = []byte("\x00\\'\"{},\xff")
				list[4].Run.Respondent, list[4].Run.Event = runs.Respondent{}, `{"\,NULL}`
				created, err := tr.Publish(t.Context(), append(list, list[2]))
				if err != nil || len(created) != 5 {
					t.Fatalf("Publish in a transaction created %d runs, error %v; want 5", len(created), err)
				}
				if got := due(t, st); got != nil {
					t.Errorf("before the end there were %v to claim", got)
				}
				end := tr.rollback
				if commits {
					end = tr.commit
				}
				if err := end(); err != nil {
					t.Fatal(err)
				}
			}
			want := map[string]string{}
			for _, e := range batch(name, 5) {
				want[e.Run.ID] = string(e.Run.Message)
			}
			want["run_"+name+"_000001"], want["run_"+name+"_000003"] = want["run_"+name+"_000000"], "\x00\\'\"{},\xff"
			if diff := cmp.Diff(want, due(t, st)); diff != "" {
				t.Errorf("claimed after one rollback and one commit (-want +got):\n%s", diff)
			}
		})
	}
	if n := number(t, conn, "SELECT count(*) FROM orders"); n != 2 {
		t.Errorf("the host has %d rows of its own, want one of each commit", n)
	}
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	sound(t, conn)
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

func TestPublishAfterTheTransactionEndedFails(t *testing.T) {
	dsn := need.Postgres(t)
	st := open(t, postgres.Options{}, dsn)
	for name, begin := range transactions(t, st, dsn) {
		tr := begin()
		if err := tr.rollback(); err != nil {
			t.Fatal(err)
		}
		if created, err := tr.Publish(t.Context(), batch("a", 1)); err == nil {
			t.Errorf("%s: Publish in a transaction that had ended gave %v and no error", name, created)
		}
	}
}

// sound reports what is broken in the tables.
func sound(t testing.TB, conn *pgx.Conn) {
	t.Helper()
	orphans := number(t, conn, `SELECT
		(SELECT count(*) FROM tenterhook.attempts WHERE run NOT IN (SELECT seq FROM tenterhook.runs)) +
		(SELECT count(*) FROM tenterhook.messages WHERE run NOT IN (SELECT coalesce(message, seq) FROM tenterhook.runs)) +
		(SELECT count(*) FROM tenterhook.runs WHERE coalesce(message, seq) NOT IN (SELECT run FROM tenterhook.messages))`)
	if orphans > 0 {
		t.Errorf("%d attempts or messages without a run, or runs without a message", orphans)
	}
}

// SPEC R7: nothing is prepared on a connection of the host's that does not want it, as one does not that leads to a proxy: the next
// transaction of it is on another server's process.
func TestNothingIsPreparedForAHostThatDoesNotPrepare(t *testing.T) {
	dsn := need.Postgres(t)
	st := open(t, postgres.Options{}, dsn)
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode, config.StatementCacheCapacity = pgx.QueryExecModeExec, 0
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if created, err := st.Within(tx).Publish(t.Context(), batch("a", 2)); err != nil || len(created) != 2 {
		t.Fatalf("Publish created %d runs, error %v; want 2", len(created), err)
	}
	if n := number(t, conn, "SELECT count(*) FROM pg_prepared_statements"); n > 0 {
		t.Errorf("%d statements are prepared on the host's connection", n)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := due(t, st); len(got) != 2 {
		t.Errorf("%d runs were due, want 2", len(got))
	}
}
