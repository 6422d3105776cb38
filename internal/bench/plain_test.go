package bench

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/internal/need"
)

// benchmarkPlain is what is written by hand first: publishers insert a row each, and workers take one, post it and mark it, in
// one transaction each.
func benchmarkPlain(b *testing.B) {
	url := need.Receiver(b)
	pool := newPool(b, 2*inFlight)
	execute(b, pool, "CREATE TABLE deliveries (id bigserial PRIMARY KEY, body bytea NOT NULL, done timestamptz)",
		"CREATE INDEX waiting ON deliveries (id) WHERE done IS NULL")
	s, body := newSender(b, url), message(b)
	m := start(b, pool)
	var publishing sync.WaitGroup
	publishing.Go(func() {
		work(b, b.N, publishers, func() error {
			_, err := pool.Exec(b.Context(), "INSERT INTO deliveries (body) VALUES ($1)", body)
			return err
		})
	})
	work(b, b.N, inFlight, func() error {
		for {
			err := deliverOne(b.Context(), pool, s)
			if !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
		}
	})
	publishing.Wait()
	m.stop(b.N, "deliveries")
}

func deliverOne(ctx context.Context, pool *pgxpool.Pool, s *sender) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var id int64
		var body []byte
		const take = "SELECT id, body FROM deliveries WHERE done IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
		if err := tx.QueryRow(ctx, take).Scan(&id, &body); err != nil {
			return err
		}
		if err := s.send(ctx, "run_00000000000000000000000000", body); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE deliveries SET done = now() WHERE id = $1", id)
		return err
	})
}
