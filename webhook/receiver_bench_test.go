package webhook_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
)

// BenchmarkReceive measures requests of 1 KiB over loopback that are read, authenticated, checked, kept and answered, against
// a bare handler that reads and discards the same: its requests/s are the ceiling that the others' are to be divided by. Nobody
// is invited meanwhile: the invitations are due in an hour.
func BenchmarkReceive(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		hammer(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusAccepted)
		}), "/", "")
	})
	for name, open := range map[string]func(b *testing.B) store.Store{
		"memory": func(*testing.B) store.Store { return memory.New() },
		"sqlite": func(b *testing.B) store.Store {
			st, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = st.Close() })
			return st
		},
	} {
		b.Run(name, func(b *testing.B) { benchmarkReceiver(b, open(b)) })
	}
}

func benchmarkReceiver(b *testing.B, st store.Store) {
	g := &guests{}
	d, err := webhook.NewDispatcher(st, webhook.Options{Inviter: g, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	a := inviting()
	a.Actions[0].Delay = time.Hour
	a = save(b, d, a)
	key, _, err := d.IssueKey(b.Context(), account, a.ID, "bench")
	if err != nil {
		b.Fatal(err)
	}
	hammer(b, webhook.NewReceiver(d, webhook.ReceiverOptions{}), "/in/"+a.ID, key.Reveal())
	b.StopTimer()
	counts, err := st.Count(context.Background(), runs.Filter{})
	if err != nil || counts[runs.Scheduled] != b.N {
		b.Fatalf("%d of %d requests are kept: %v", counts[runs.Scheduled], b.N, err)
	}
}

// hammer posts b.N requests, many at once, and reports how many were answered as accepted in a second.
func hammer(b *testing.B, h http.Handler, path, key string) {
	srv := httptest.NewServer(h)
	defer srv.Close()
	client := &http.Transport{MaxIdleConnsPerHost: inFlight}
	defer client.CloseIdleConnections()
	body := fmt.Sprintf(`{"email":"ada@example.com","name":"Ada","score":9.5,"rest":%q}`, strings.Repeat("x", 960))
	var failed atomic.Int64
	b.SetParallelism(inFlight / 2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := http.NewRequest(http.MethodPost, srv.URL+path, strings.NewReader(body))
			if err != nil {
				failed.Add(1)
				continue
			}
			r.GetBody = nil
			r.Header = http.Header{"X-Api-Key": {key}, "Content-Type": {"application/json"}}
			resp, err := client.RoundTrip(r)
			if err != nil {
				failed.Add(1)
				continue
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusAccepted {
				failed.Add(1)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	if failed.Load() > 0 {
		b.Fatalf("%d requests failed", failed.Load())
	}
}
