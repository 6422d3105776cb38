package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// TestMain lets the test binary be the command: see TestNothingIsLeftWhenNobodyReads.
func TestMain(m *testing.M) {
	need.Command(main)
	goleak.VerifyTestMain(m)
}

// SPEC R7.
func TestCommittedOrdersArriveAndNoOthers(t *testing.T) {
	dir := t.TempDir()
	need.TempFolder(t, dir)
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	wantOutcomes(t, out.String())
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTemporaryFolderMayHaveAnyName(t *testing.T) {
	need.OddTempFolder(t)
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestMissingTemporaryFolderIsNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	need.TempFolder(t, dir)
	err := run(t.Context(), nil, new(bytes.Buffer))
	if err == nil || !strings.HasPrefix(err.Error(), "make temporary folder: ") || !strings.Contains(err.Error(), "may be written") {
		t.Errorf("error %v; want one that says what it was for and what to do", err)
	}
}

// As in a pipe to head.
func TestNothingIsLeftWhenNobodyReads(t *testing.T) {
	need.Unread(t, 0)
}

// SPEC R7: twice, for it leaves nothing behind that the second one would meet.
func TestCommittedOrdersArriveFromPostgres(t *testing.T) {
	dsn := need.Postgres(t)
	for range 2 {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-postgres", dsn}, &out); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		wantOutcomes(t, out.String())
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var left int
	err = conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'transactional%'").Scan(&left)
	if err != nil || left > 0 {
		t.Errorf("schemas left behind: %d, %v", left, err)
	}
}

// Nothing is there to be removed, so nothing is tried that fails once more.
func TestServerOutOfReachIsToldOnce(t *testing.T) {
	err := run(t.Context(), []string{"-postgres", "host=/nowhere"}, new(bytes.Buffer))
	if err == nil || strings.Count(err.Error(), "failed to connect") != 1 || !strings.Contains(err.Error(), "see that it runs") {
		t.Errorf("error %v; want one that tells of it once, and says what to do", err)
	}
}

func TestServerThatSaysNothingIsNotWaitedForAtTheEnd(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-postgres", "postgres://" + l.Addr().String() + "/?sslmode=disable"}, new(bytes.Buffer))
	}()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	end()
	select {
	case err = <-done:
	case <-time.After(time.Minute):
		t.Error("it goes on after its end")
	}
	if err := errors.Join(conn.Close(), l.Close()); err != nil {
		t.Error(err)
	}
	if t.Failed() {
		err = <-done
	}
	if exitStatus(err) != 1 {
		t.Errorf("exit status of %v = %d, want 1", err, exitStatus(err))
	}
}

func wantOutcomes(t *testing.T, out string) {
	t.Helper()
	for _, text := range []string{
		"o-1     4        committed     yes   1\n", "o-7     6        rolled back   no    0\n", "o-10    3        committed     yes   1\n",
		"Runs: 8, succeeded: 8. Orders that arrived: 8. Requests refused: 0.",
	} {
		if !strings.Contains(out, text) {
			t.Errorf("output lacks %q:\n%s", text, out)
		}
	}
}

// careless is a database whose transactions publish elsewhere.
type careless struct {
	database
	late bool // after a rollback; else never
}

func (c careless) begin(ctx context.Context) (transaction, error) {
	tx, err := c.database.begin(ctx)
	return &carelessTx{transaction: tx, db: c}, err
}

type carelessTx struct {
	transaction
	db      careless
	entries []store.Entry
}

func (t *carelessTx) publisher() store.Publisher { return t }

func (t *carelessTx) Publish(_ context.Context, entries []store.Entry) ([]runs.Run, error) {
	t.entries = entries
	return nil, nil
}

func (t *carelessTx) rollback(ctx context.Context) error {
	if err := t.transaction.rollback(ctx); err != nil || !t.db.late {
		return err
	}
	_, err := t.db.Publish(ctx, t.entries)
	return err
}

func TestEventsOutsideTheTransactionAreNoticed(t *testing.T) {
	for name, tt := range map[string]struct {
		late bool
		want string
	}{
		"lost after a commit":   {false, "order o-1: committed true, in the database true, arrived 0 times"},
		"sent after a rollback": {true, "order o-7: committed false, in the database false, arrived 1 times"},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := openSQLite(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s, err := open(t.Context(), careless{database: db, late: tt.late})
			if err != nil {
				t.Fatal(err)
			}
			err = s.show(t.Context(), new(bytes.Buffer))
			if err == nil || !strings.Contains(err.Error(), tt.want) || exitStatus(err) != 1 {
				t.Errorf("error %v, exit status %d; want %q and 1", err, exitStatus(err), tt.want)
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckWantsBothOutcomesAndNoForgery(t *testing.T) {
	good := []outcome{{order: order{Number: "o-1"}, committed: true, row: true, arrived: 1}, {order: order{Number: "o-2"}}}
	one := runs.Counts{runs.Succeeded: 1}
	for name, tt := range map[string]struct {
		outcomes []outcome
		counts   runs.Counts
		refused  int
		want     string
	}{
		"as it should be":   {good, one, 0, ""},
		"nothing committed": {good[1:], runs.Counts{}, 0, "there is nothing to compare"},
		"all committed":     {good[:1], one, 0, "there is nothing to compare"},
		"a failed run":      {good, runs.Counts{runs.Failed: 1}, 0, "succeeded: 0"},
		"a run too many":    {good, runs.Counts{runs.Succeeded: 2}, 0, "runs made: 2"},
		"a forged request":  {good, one, 1, "receiver refused: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			err := check(tt.outcomes, tt.counts, tt.refused)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("check: %v, want %q", err, tt.want)
			}
		})
	}
}

func TestExitStatusTellsUsageFromFailure(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	for name, tt := range map[string]struct {
		ctx  context.Context
		args []string
		want int
	}{
		"help":         {t.Context(), []string{"-help"}, 0},
		"unknown flag": {t.Context(), []string{"-colour"}, 2},
		"argument":     {t.Context(), []string{"orders"}, 2},
		"stopped":      {ended, nil, 1},
		"no database":  {t.Context(), []string{"-postgres", "host=/nowhere"}, 1},
		"no DSN":       {t.Context(), []string{"-postgres"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(tt.ctx, tt.args, &out)
			if got := exitStatus(err); got != tt.want || (err == nil) == (out.Len() == 0) {
				t.Errorf("exit status %d of %v, want %d; printed %q", got, err, tt.want, &out)
			}
		})
	}
}
