package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// BenchmarkDeliver measures deliveries over loopback to another process, from an event to the outcome that is kept. The first is
// a bare loop of Transport.RoundTrip, which keeps nothing, and by whose deliveries the others' are to be divided.
func BenchmarkDeliver(b *testing.B) {
	b.Run("bare", benchmarkBare)
	b.Run("memory", func(b *testing.B) { benchmarkTenterhook(b, memory.New(), nil) })
	b.Run("postgres", func(b *testing.B) {
		pool := newPool(b, 16)
		benchmarkTenterhook(b, newStore(b, pool), pool)
	})
	b.Run("river", benchmarkRiver)
	b.Run("plain", benchmarkPlain)
}

func newStore(b *testing.B, pool *pgxpool.Pool) *postgres.Store {
	st, err := postgres.New(b.Context(), pool)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	return st
}

// sender posts messages as all that is measured does.
type sender struct {
	url       string
	signer    signature.Signer
	transport *http.Transport
}

func newSender(b *testing.B, url string) *sender {
	secret, err := signature.NewSecret(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	signer, err := signature.NewSigner(secret)
	if err != nil {
		b.Fatal(err)
	}
	s := &sender{url, signer, &http.Transport{MaxIdleConns: 2 * inFlight, MaxIdleConnsPerHost: 2 * inFlight}}
	b.Cleanup(s.transport.CloseIdleConnections)
	return s
}

func (s *sender) send(ctx context.Context, id string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	now := time.Now()
	signed, err := s.signer.Sign(id, now, body)
	if err != nil {
		return err
	}
	req.GetBody = nil
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(signature.HeaderID, id)
	req.Header.Set(signature.HeaderTimestamp, fmt.Sprint(now.Unix()))
	req.Header.Set(signature.HeaderSignature, signed)
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.Body.Close()
}

func benchmarkBare(b *testing.B) {
	url := need.Receiver(b)
	s, body := newSender(b, url), message(b)
	m := start(b, nil)
	work(b, b.N, inFlight, func() error { return s.send(b.Context(), "run_00000000000000000000000000", body) })
	m.stop(b.N, "deliveries")
}

// benchmarkTenterhook publishes and delivers in one process.
func benchmarkTenterhook(b *testing.B, st store.Store, pool *pgxpool.Pool) {
	url := need.Receiver(b)
	settled := &counting{Store: st, done: make(chan struct{}), want: int64(b.N)}
	d := newDispatcher(b, settled)
	stop := run(b, d)
	defer stop()
	save(b, d, url)
	ev := kilobyte()
	m := start(b, pool)
	work(b, b.N, publishers, func() error {
		_, err := d.Publish(b.Context(), ev)
		return err
	})
	<-settled.done
	m.stop(b.N, "deliveries")
}

func newDispatcher(b *testing.B, st store.Store) *webhook.Dispatcher {
	d, err := webhook.NewDispatcher(st, dispatcherOptions)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

var dispatcherOptions = webhook.Options{Workers: inFlight, AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// run runs a dispatcher until stop.
func run(b *testing.B, d *webhook.Dispatcher) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	return func() { cancel(); running.Wait() }
}

// save has a dispatcher deliver to a receiver.
func save(b *testing.B, d *webhook.Dispatcher, url string) {
	if _, err := d.Save(b.Context(), automation.Automation{
		Account: "acct_1", Name: "benchmark", Trigger: automation.Trigger{Types: []string{"contact.*"}},
		Actions: []automation.Action{{Push: &automation.Push{URL: url, AllowHTTP: true}}},
	}, webhook.SaveOptions{}); err != nil {
		b.Fatal(err)
	}
}

// counting is a store that tells when as many runs have ended as were wanted.
type counting struct {
	store.Store
	ended atomic.Int64
	want  int64
	done  chan struct{}
}

func (c *counting) Settle(ctx context.Context, outcomes []store.Outcome) (store.Settled, error) {
	s, err := c.Store.Settle(ctx, outcomes)
	n := int64(0)
	for _, r := range outcomes {
		if r.Status.Ended() {
			n++
		}
	}
	if now := c.ended.Add(n); now >= c.want && now-n < c.want {
		close(c.done)
	}
	return s, err
}
