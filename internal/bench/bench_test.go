package bench

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/need"
)

const (
	inFlight   = 64 // requests
	publishers = 64 // requests of the service's own, each of which publishes one event and waits until it is kept
)

// TestMain lets the test binary be a further process on a store, see process_test.go.
func TestMain(m *testing.M) {
	if dsn := os.Getenv(dsnVariable); dsn != "" {
		os.Exit(dispatch(dsn))
	}
	os.Exit(m.Run())
}

// large tells whether the benchmarks that take minutes to fill a table are wanted.
func large() bool { return os.Getenv("TENTERHOOK_BENCH_LARGE") != "" }

// newPool opens a pool on an empty database.
func newPool(b *testing.B, connections int32) *pgxpool.Pool {
	b.Helper()
	config, err := pgxpool.ParseConfig(need.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return pool
}

// receiver answers 204 to all, and counts.
func receiver(b *testing.B) (url string, arrived *atomic.Int64) {
	arrived = &atomic.Int64{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}))
	b.Cleanup(srv.Close)
	return srv.URL, arrived
}

// kilobyte returns an event whose message has about 1 KiB.
func kilobyte() events.Event {
	return events.New("acct_1", events.TagAdded{
		Tag:     events.Tag{ID: "141002", Name: "Benchmark"},
		Contact: events.Contact{ID: "29143587", Email: "contact@example.com", Fields: events.Fields{"note": strings.Repeat("x", 700)}},
	})
}

func message(b *testing.B) []byte {
	body, err := kilobyte().Encode()
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// work does something n times, so many at once.
func work(b *testing.B, n, atOnce int, do func() error) {
	var next atomic.Int64
	var g sync.WaitGroup
	for range atOnce {
		g.Go(func() {
			for next.Add(1) <= int64(n) {
				if err := do(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	g.Wait()
}

func execute(b *testing.B, pool *pgxpool.Pool, statements ...string) {
	b.Helper()
	for _, each := range statements {
		if _, err := pool.Exec(context.Background(), each); err != nil {
			b.Fatalf("%s: %v", each, err)
		}
	}
}

// median returns the median of times in milliseconds.
func median(list []time.Duration) float64 {
	slices.Sort(list)
	return float64(list[len(list)/2].Microseconds()) / 1000
}
