package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

const (
	hangWorkers = 256
	hangBacklog = 10_000               // runs that wait for the hanging endpoints before anything is measured
	hangEvery   = 5 * time.Millisecond // a run for a healthy endpoint: 200/s for all of them
	hangTimeout = 10 * time.Second     // of a request; the default of an automation
	hangPhase   = time.Second / 2      // for each b.N: a side has two phases
)

// BenchmarkHanging measures what endpoints that accept a request and never answer cost those that do (SPEC O10), with 1 of
// 100 and 100 of 200 endpoints hanging: "p99-ms" is the 99th percentile of the time from publish to arrival of the healthy
// ones' runs, beside hanging ones, and the ratios are to the same load without those. Before it is measured, 10,000 runs
// wait for the hanging ones; where these are fed, each of them also gets as many events as a healthy one, which doubles what
// is published. A run that has not arrived when its phase ends counts with its age. The pool is the control: one queue, as
// many workers, the same client, no store.
//
// Each side is measured for b.N seconds, in two phases, in turns with the other.
func BenchmarkHanging(b *testing.B) {
	for name, load := range map[string]hangLoad{
		"1of100":      {healthy: 99, hanging: 1},
		"100of200":    {healthy: 100, hanging: 100},
		"100of200fed": {healthy: 100, hanging: 100, fed: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.Run("memory", func(b *testing.B) {
				benchmarkHanging(b, load, func(b *testing.B, urls []string) hangPublish {
					return dispatched(b, memory.New(), urls)
				})
			})
			b.Run("sqlite", func(b *testing.B) {
				benchmarkHanging(b, load, func(b *testing.B, urls []string) hangPublish {
					return dispatched(b, openFile(b, filepath.Join(b.TempDir(), "bench.db")), urls)
				})
			})
			b.Run("pool", func(b *testing.B) { benchmarkHanging(b, load, pooled) })
		})
	}
}

// hangLoad is how many endpoints of each kind a side has.
type hangLoad struct {
	healthy, hanging int
	fed              bool // the hanging ones get events too
}

// hangRun is a run to publish: to which endpoint, and its number among those for healthy ones.
type hangRun struct{ endpoint, number int }

func (r hangRun) event() events.Event {
	return events.New(fmt.Sprint("acct_", r.endpoint), events.TagAdded{
		Tag: events.Tag{ID: json.Number(strconv.Itoa(r.number)), Name: "Benchmark"}, Contact: events.Contact{ID: "29143587"},
	})
}

// hangPublish hands runs to what delivers them.
type hangPublish func(list ...hangRun) error

func benchmarkHanging(b *testing.B, load hangLoad, deliver func(b *testing.B, urls []string) hangPublish) {
	alone := newHangSide(b, hangLoad{healthy: load.healthy}, deliver)
	alone.phase(b)
	beside := newHangSide(b, load, deliver) // its first phase begins when the backlog stands
	beside.phase(b)
	alone.phase(b)
	beside.phase(b)
	b.ReportMetric(beside.p99().Seconds()*1000, "p99-ms")
	b.ReportMetric(float64(beside.p99())/float64(alone.p99()), "p99-ratio")
	b.ReportMetric(float64(beside.arrived)/float64(alone.arrived), "throughput-ratio")
	b.ReportMetric(0, "ns/op")
}

// hangSide is one side of the comparison, with endpoints of its own and something that delivers to them.
type hangSide struct {
	hangLoad
	publish hangPublish
	waits   []time.Duration // from publish to arrival, of all phases
	arrived int             // of waits

	mu     sync.Mutex
	flight []hangFlight // by number
}

// hangFlight is when a run was published and when it arrived.
type hangFlight struct{ from, to time.Time }

func newHangSide(b *testing.B, load hangLoad, deliver func(b *testing.B, urls []string) hangPublish) *hangSide {
	s := &hangSide{hangLoad: load}
	var urls []string
	for i := range load.healthy + load.hanging {
		handler := http.HandlerFunc(s.answer)
		if i >= load.healthy {
			handler = hang
		}
		server := httptest.NewServer(handler)
		b.Cleanup(server.Close)
		urls = append(urls, server.URL)
	}
	s.publish = deliver(b, urls)
	const batch = 500
	for first := 0; first < hangBacklog && load.hanging > 0; first += batch {
		list := make([]hangRun, batch)
		for i := range list {
			list[i] = hangRun{load.healthy + (first+i)%load.hanging, -1}
		}
		if err := s.publish(list...); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// hang reads a request and never answers.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done() // the sender gave up
}

func (s *hangSide) answer(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	var body struct{ Data events.TagAdded }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if n, err := body.Data.Tag.ID.Int64(); err == nil {
		s.arrive(int(n), at)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *hangSide) arrive(number int, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := &s.flight[number]; f.to.IsZero() {
		f.to = at
	}
}

// phase publishes to all endpoints at their pace, and notes how long the runs for healthy ones took.
func (s *hangSide) phase(b *testing.B) {
	begun := time.Now()
	first := len(s.flight)
	var publishing sync.WaitGroup
	publish := func(r hangRun) {
		publishing.Go(func() {
			if err := s.publish(r); err != nil {
				b.Error(err)
			}
		})
	}
	for i := range int(time.Duration(b.N) * hangPhase / hangEvery) {
		<-time.After(time.Until(begun.Add(time.Duration(i) * hangEvery)))
		publish(hangRun{i % s.healthy, s.depart()})
		for bad := i * s.hanging / s.healthy; s.fed && bad < (i+1)*s.hanging/s.healthy; bad++ {
			publish(hangRun{s.healthy + bad%s.hanging, -1})
		}
	}
	s.land(first, time.Now())
	publishing.Wait()
}

// depart notes that a run is published now, and returns its number.
func (s *hangSide) depart() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight = append(s.flight, hangFlight{from: time.Now()})
	return len(s.flight) - 1
}

// land closes the account of the runs from a number on.
func (s *hangSide) land(first int, end time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.flight[first:] {
		if f.to.IsZero() {
			s.waits = append(s.waits, end.Sub(f.from))
			continue
		}
		s.waits = append(s.waits, f.to.Sub(f.from))
		s.arrived++
	}
}

func (s *hangSide) p99() time.Duration {
	slices.Sort(s.waits)
	return s.waits[(len(s.waits)*99+99)/100-1]
}

// dispatched delivers by a dispatcher, with an account and an automation for each endpoint.
func dispatched(b *testing.B, st store.Store, urls []string) hangPublish {
	d := dispatch(b, st, webhook.Options{Workers: hangWorkers, Drain: time.Millisecond})
	for i, url := range urls {
		save(b, d, automation.Automation{
			Account: fmt.Sprint("acct_", i), Name: "benchmark", Trigger: automation.Trigger{Types: []string{"contact.*"}},
			Actions: []automation.Action{{Push: &automation.Push{URL: url, AllowHTTP: true, Timeout: hangTimeout}}},
		})
	}
	return func(list ...hangRun) error {
		evs := make([]events.Event, len(list))
		for i, r := range list {
			evs[i] = r.event()
		}
		_, err := d.Publish(context.WithoutCancel(b.Context()), evs...)
		return err
	}
}

// pooled delivers by workers that share one queue.
func pooled(b *testing.B, urls []string) hangPublish {
	queue := make(chan egress.Request, hangBacklog+b.N*int(2*time.Second/hangEvery))
	client := egress.New(egress.Options{AllowNetworks: loopback, Idle: 2 * hangWorkers})
	ctx, cancel := context.WithCancel(context.Background())
	var working sync.WaitGroup
	for range hangWorkers {
		working.Go(func() {
			for r := range queue {
				_, _ = client.Post(ctx, r)
			}
		})
	}
	b.Cleanup(func() {
		cancel()
		close(queue)
		working.Wait()
		client.Close()
	})
	return func(list ...hangRun) error {
		for _, r := range list {
			body, err := r.event().Encode()
			if err != nil {
				return err
			}
			queue <- egress.Request{URL: urls[r.endpoint], Body: body, Timeout: hangTimeout}
		}
		return nil
	}
}
