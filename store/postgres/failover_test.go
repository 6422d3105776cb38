package postgres

import (
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
)

// A server that only reads was the first of several, or is to be: connections to it are left for new ones, which go where one
// can write.
func TestServerThatOnlyReadsIsLeft(t *testing.T) {
	s := newStoreOn(t, Options{}, newPool(t, need.Postgres(t), nil))
	execute(t, s, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$")
	s.pool.Reset() // as all connections were broken when the servers changed
	if _, err := s.Publish(t.Context(), []store.Entry{planned(1)}); !readsOnly(err) {
		t.Fatalf("Publish on a server that only reads: %v", err)
	}
	execute(t, s, "BEGIN READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$; COMMIT")
	if _, err := s.Publish(t.Context(), []store.Entry{planned(1)}); err != nil {
		t.Errorf("Publish once a connection can write: %v", err)
	}
}

// The server crashes and comes back: the store needs nobody's help, and who waits is told that something may have happened.
func TestStoreSurvivesCrashesOfItsServer(t *testing.T) {
	server := need.PostgresServer(t)
	s := newStoreOn(t, Options{Timeout: 5 * time.Second}, newPool(t, server.DSN, nil))
	if err := s.Wait(t.Context()); err != nil { // begins to listen
		t.Fatal(err)
	}
	for n := range 3 {
		told := make(chan error, 1)
		go func() {
			err := s.Wait(t.Context())
			for ; err != nil && t.Context().Err() == nil; err = s.Wait(t.Context()) {
				<-time.After(10 * time.Millisecond)
			}
			told <- err
		}()
		server.Restart(t)
		if err := <-told; err != nil {
			t.Fatal(err)
		}
		var err error
		for range 100 { // a connection that broke is noticed by the call that gets it
			if _, err = s.Publish(t.Context(), []store.Entry{planned(n)}); err == nil {
				break
			}
		}
		if err != nil {
			t.Errorf("Publish after crash %d: %v", n+1, err)
		}
	}
	c, err := s.Claim(t.Context(), store.Lease{Max: 10, For: time.Hour})
	if err != nil || len(c.Runs) != 3 {
		t.Errorf("claimed %d runs, error %v; want one for each crash", len(c.Runs), err)
	}
}

// A process that was stopped in the middle of a transaction keeps what it had locked for some seconds, and not until it goes on.
func TestTransactionThatStandsStillIsEnded(t *testing.T) {
	s := newStore(t, Options{})
	fill(t, s, 1)
	c, err := s.Claim(t.Context(), store.Lease{Max: 1, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	stands, err := s.pool.BeginTx(ctx, s.options("begin"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.settle(ctx, stands, ended(c.Runs)); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Settle(ctx, ended(c.Runs)); err != nil || done.Stale > 0 {
		t.Errorf("Settle beside a transaction that stands still: %+v, %v", done, err)
	}
	if err := stands.Commit(ctx); err == nil {
		t.Error("the transaction that stood still was committed after another had done its work")
	}
}
