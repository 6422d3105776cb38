package webhook

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/internal/egress"
)

// network stands in for the Internet: each URL answers as a test wants it to, and what arrives is noted.
type network struct {
	mu        sync.Mutex
	endpoints map[string]endpoint // by URL; default: 204 at once
	arrived   []arrival
	counts    map[string]int // of arrived, by URL
	underway  map[string]int // by URL
	most      map[string]int // that were under way at once, by URL; "" is all of them
}

// endpoint answers the n-th request to it, counted from 1.
type endpoint func(ctx context.Context, n int) (egress.Response, error)

// arrival is a request that reached an endpoint.
type arrival struct {
	At     time.Time
	URL    string
	Header http.Header
	Body   string
}

func (a arrival) id() string { return a.Header.Get("Webhook-Id") }

func newNetwork() *network {
	return &network{endpoints: map[string]endpoint{}, counts: map[string]int{}, underway: map[string]int{}, most: map[string]int{}}
}

// set makes an endpoint answer otherwise from now on.
func (n *network) set(url string, e endpoint) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.endpoints[url] = e
}

// Post implements sender.
func (n *network) Post(ctx context.Context, r egress.Request) (egress.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	e, count := n.arrive(r)
	defer n.leave(r.URL)
	if e == nil {
		return egress.Response{Status: http.StatusNoContent}, nil
	}
	return e(ctx, count)
}

func (n *network) arrive(r egress.Request) (e endpoint, count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.arrived = append(n.arrived, arrival{At: time.Now(), URL: r.URL, Header: r.Header, Body: string(r.Body)})
	for _, key := range []string{r.URL, ""} {
		n.underway[key]++
		n.most[key] = max(n.most[key], n.underway[key])
	}
	n.counts[r.URL]++
	return n.endpoints[r.URL], n.counts[r.URL]
}

func (n *network) leave(url string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.underway[url]--
	n.underway[""]--
}

// Close implements sender.
func (n *network) Close() {}

// at returns what arrived at a URL so far; "" is all of them.
func (n *network) at(url string) []arrival {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(n.arrived), func(a arrival) bool { return url != "" && a.URL != url })
}

// mostAt returns how many requests to a URL were under way at once.
func (n *network) mostAt(url string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.most[url]
}

// answers gives these status codes in turn, the last one for ever.
func answers(codes ...int) endpoint {
	return func(_ context.Context, n int) (egress.Response, error) {
		return egress.Response{Status: codes[min(n, len(codes))-1]}, nil
	}
}

// answersAfter gives a status code after a while.
func answersAfter(wait time.Duration, code int) endpoint {
	return func(ctx context.Context, _ int) (egress.Response, error) {
		select {
		case <-ctx.Done():
			return egress.Response{}, ended(ctx)
		case <-time.After(wait):
			return egress.Response{Status: code}, nil
		}
	}
}

// hangs never answers.
func hangs(ctx context.Context, _ int) (egress.Response, error) {
	<-ctx.Done()
	return egress.Response{}, ended(ctx)
}

func ended(ctx context.Context) error {
	if context.Cause(ctx) == context.DeadlineExceeded {
		return egress.ErrTimeout
	}
	return egress.ErrCanceled
}

// breaks fails without an answer.
func breaks(err error) endpoint {
	return func(context.Context, int) (egress.Response, error) { return egress.Response{}, err }
}
