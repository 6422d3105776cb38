package webhook_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/webhook"
)

// relay returns a DSN that leads to a database by way of here, until it is cut.
func relay(t *testing.T, dsn string) (through string, cut func()) {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	context.AfterFunc(ctx, func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial(network, address)
			if err != nil {
				near.Close()
				continue
			}
			context.AfterFunc(ctx, func() { near.Close(); far.Close() })
			go func() { _, _ = io.Copy(near, far) }()
			go func() { _, _ = io.Copy(far, near) }()
		}
	}()
	at := l.Addr().(*net.TCPAddr)
	return fmt.Sprintf("host=127.0.0.1 port=%d user=%s password='%s' dbname=%s sslmode=disable", at.Port, config.User, config.Password, config.Database), cancel
}

// D2, R6: a process that lives, but whom others cannot tell from a dead one, sends nothing of what they took from it, but for what
// was under way.
func TestProcessThatLostItsLeasesSendsNoMoreOfThem(t *testing.T) {
	dsn := need.Postgres(t)
	through, cut := relay(t, dsn)
	w := newWitness(t)
	w.answer = func() (int, time.Duration) { return 204, 50 * time.Millisecond }
	st := openDatabase(t, dsn, postgres.Options{ListenDSN: through})
	deaf := dispatch(t, st, webhook.Options{Workers: 1})
	const automations, events = 10, 60
	for n := range automations {
		save(t, deaf, pushTo(fmt.Sprintf("%s/%d", w.URL, n)))
	}
	for range events {
		if created, err := deaf.Publish(t.Context(), tag("VIP")); err != nil || len(created) != automations {
			t.Fatalf("published %d runs, error %v", len(created), err)
		}
	}
	dispatch(t, openDatabase(t, dsn, postgres.Options{}), webhook.Options{})
	cut()
	awaitCounts(t, st, runs.Counts{runs.Succeeded: automations * events})
	<-time.After(2 * time.Second) // in which a worker sends forty
	seen := map[string]int{}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.got {
		seen[s.run]++
	}
	again := len(w.got) - len(seen)
	t.Logf("%d runs were sent, %d of them again", len(seen), again)
	if len(seen) != automations*events || again > 20 {
		t.Errorf("%d of %d runs were sent, and %d times one was again: want each, and next to none", len(seen), automations*events, again)
	}
}
