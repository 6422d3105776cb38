package egress

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

const inFlight = 64

// deliver runs one delivery for each turn of the benchmark, 64 at a time.
func deliver(b *testing.B, one func() error) {
	turns := make(chan struct{}, inFlight)
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for range turns {
				if err := one(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		turns <- struct{}{}
	}
	close(turns)
	workers.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

func benchmarkRequest(b *testing.B) Request {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	b.Cleanup(receiver.Close)
	return Request{
		URL:  receiver.URL + "/hook",
		Body: bytes.Repeat([]byte("a"), 1024),
		Header: http.Header{
			"Content-Type": {"application/json"}, "User-Agent": {"Tenterhook"}, "Webhook-Id": {"run_0123456789"},
			"Webhook-Timestamp": {"1700000000"}, "Webhook-Signature": {"v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="},
		},
	}
}

func BenchmarkPost(b *testing.B) {
	r := benchmarkRequest(b)
	c := New(Options{AllowNetworks: loopback})
	defer c.Close()
	deliver(b, func() error {
		_, err := c.Post(b.Context(), r)
		return err
	})
}

// BenchmarkRoundTrip is the ceiling: net/http with no check, no timeout and no response kept.
func BenchmarkRoundTrip(b *testing.B) {
	r := benchmarkRequest(b)
	to, err := url.Parse(r.URL)
	if err != nil {
		b.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: inFlight}
	defer transport.CloseIdleConnections()
	deliver(b, func() error {
		response, err := transport.RoundTrip(&http.Request{
			Method: http.MethodPost, URL: to, Header: r.Header,
			Body: io.NopCloser(bytes.NewReader(r.Body)), ContentLength: int64(len(r.Body)),
		})
		if err != nil {
			return err
		}
		io.Copy(io.Discard, response.Body)
		return response.Body.Close()
	})
}
