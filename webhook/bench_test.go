package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

const (
	inFlight   = 64 // requests
	publishers = 64 // requests of the service's own, each of which publishes one event and waits until it is kept

	// maxAhead bounds the events that are published and not yet delivered, so that what is measured is a service whose
	// events come as fast as they can be delivered. Without it they come faster, and wait in the store.
	maxAhead = 2000
)

// BenchmarkDeliver measures publish to settled over loopback to another process, against a bare loop of Transport.RoundTrip
// that sends the same body with the same signature: its deliveries/s are the ceiling that the others' are to be divided by.
func BenchmarkDeliver(b *testing.B) {
	b.Run("bare", benchmarkBare)
	for _, each := range []struct {
		name string
		open func(*testing.B) store.Store
	}{
		{"memory", func(*testing.B) store.Store { return memory.New() }},
		{"sqlite", func(b *testing.B) store.Store {
			st, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = st.Close() })
			return st
		}},
	} {
		b.Run(each.name, func(b *testing.B) { benchmarkStore(b, each.open, maxAhead) })
		b.Run(each.name+"-burst", func(b *testing.B) { benchmarkStore(b, each.open, 0) })
	}
}

// kilobyte returns an event whose message has about 1 KiB.
func kilobyte() events.Event {
	return events.New("acct_1", events.TagAdded{
		Tag:     events.Tag{ID: "141002", Name: "Benchmark"},
		Contact: events.Contact{ID: "29143587", Email: "contact@example.com", Fields: events.Fields{"note": strings.Repeat("x", 700)}},
	})
}

func benchmarkBare(b *testing.B) {
	url := need.Receiver(b)
	secret, err := signature.NewSecret(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	signer, err := signature.NewSigner(secret)
	if err != nil {
		b.Fatal(err)
	}
	body, err := kilobyte().Encode()
	if err != nil {
		b.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConns: 2 * inFlight, MaxIdleConnsPerHost: 2 * inFlight}
	defer transport.CloseIdleConnections()
	send := func() error {
		req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		now := time.Now()
		signed, err := signer.Sign("run_00000000000000000000000000", now, body)
		if err != nil {
			return err
		}
		req.GetBody = nil
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(signature.HeaderID, "run_00000000000000000000000000")
		req.Header.Set(signature.HeaderTimestamp, fmt.Sprint(now.Unix()))
		req.Header.Set(signature.HeaderSignature, signed)
		resp, err := transport.RoundTrip(req)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.Body.Close()
	}
	b.ResetTimer()
	work(b, inFlight, send)
	b.StopTimer()
	report(b, "deliveries/s")
}

// benchmarkStore measures a store with at most so many events under way; 0: as many as come.
func benchmarkStore(b *testing.B, open func(*testing.B) store.Store, ahead int) {
	url := need.Receiver(b)
	settled := &counting{Store: open(b), done: make(chan struct{}), want: int64(b.N)}
	if ahead > 0 {
		settled.ahead = make(chan struct{}, ahead)
	}
	d, err := webhook.NewDispatcher(settled, webhook.Options{
		Workers: inFlight, AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	defer running.Wait()
	defer cancel()
	if _, err := d.Save(ctx, automation.Automation{
		Account: "acct_1", Name: "benchmark", Trigger: automation.Trigger{Types: []string{"contact.*"}},
		Actions: []automation.Action{{Push: &automation.Push{URL: url, AllowHTTP: true}}},
	}, webhook.SaveOptions{}); err != nil {
		b.Fatal(err)
	}
	ev := kilobyte()
	b.ResetTimer()
	work(b, publishers, func() error {
		settled.enter()
		_, err := d.Publish(ctx, ev)
		return err
	})
	<-settled.done
	b.StopTimer()
	report(b, "deliveries/s")
}

// work does something b.N times, so many at once.
func work(b *testing.B, atOnce int, do func() error) {
	var next atomic.Int64
	var g sync.WaitGroup
	for range atOnce {
		g.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := do(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	g.Wait()
}

func report(b *testing.B, unit string) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit)
	b.ReportMetric(0, "ns/op")
}
