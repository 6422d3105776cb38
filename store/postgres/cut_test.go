package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/postgres"
)

// scissors cut a connection when the server answers that it has done something: the answer is swallowed.
type scissors struct {
	answer atomic.Pointer[[]byte] // nil: none
	cuts   atomic.Int64
}

func (s *scissors) arm(answer string) {
	tag := append([]byte(answer), 0)
	s.answer.Store(&tag)
}

type cuttable struct {
	net.Conn
	scissors *scissors
}

func (c cuttable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	answer := c.scissors.answer.Load()
	if err == nil && answer != nil && bytes.Contains(p[:n], *answer) && c.scissors.answer.CompareAndSwap(answer, nil) {
		c.scissors.cuts.Add(1)
		return 0, errors.Join(io.ErrUnexpectedEOF, c.Conn.Close())
	}
	return n, err
}

// SPEC R6: a connection that ends between the commit and its answer leaves it unknown whether there are runs: publishing them
// again makes none a second time.
func TestPublishWhoseAnswerWasCutOffIsRepeated(t *testing.T) {
	times := 1000
	if need.Quick() {
		times = 100
	}
	s := &scissors{}
	config, err := pgxpool.ParseConfig(need.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return cuttable{conn, s}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	st, err := postgres.New(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	again := 0
	for n := range times {
		list := batch(fmt.Sprint(n), 1)
		publish := func() error { _, err := st.Publish(t.Context(), list); return err }
		answer := "SELECT 1"
		if n%2 == 1 {
			answer = "COMMIT"
			publish = func() error { return publishWithin(t.Context(), st, pool, list[0].Run.ID, n) }
		}
		s.arm(answer)
		if err := publish(); err == nil {
			t.Fatalf("publish %d: no error although the answer was cut off", n)
		}
		created, err := st.Publish(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		again += len(created)
	}
	counts, err := st.Count(t.Context(), runs.Filter{})
	if err != nil || counts[runs.Scheduled] != times || again > 0 || int(s.cuts.Load()) != times {
		t.Errorf("%d cuts, %d runs were created again, the store has %v, error %v; want %d, none and one run each", s.cuts.Load(), again, counts, err, times)
	}
	t.Logf("%d connections cut between the commit and its answer: %v, %d made again", s.cuts.Load(), counts, again)
}

// publishWithin publishes in a transaction of the host.
func publishWithin(ctx context.Context, st *postgres.Store, pool *pgxpool.Pool, id string, n int) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	list := batch(fmt.Sprint(n), 1)
	list[0].Run.ID = id
	if _, err := st.Within(tx).Publish(ctx, list); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}
