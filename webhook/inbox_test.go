package webhook_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
)

const account = "acct_1"

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// inbox is a receiver on loopback that keeps every request.
type inbox struct {
	*httptest.Server
	answer func(w http.ResponseWriter, n int) // to the n-th request, from 1; default: 204

	refuses bool // the first request of each run: for its own sake, so that no circuit opens

	mu  sync.Mutex
	got []request
	all sync.Cond
}

// request is what arrived.
type request struct {
	Method string
	Path   string
	Header http.Header
	Body   []byte
	At     time.Time
}

func newInbox(t testing.TB, answer func(w http.ResponseWriter, n int)) *inbox {
	in := &inbox{answer: answer}
	in.all.L = &in.mu
	in.Server = httptest.NewServer(in)
	t.Cleanup(in.Close)
	return in
}

// ServeHTTP keeps a request and answers it.
func (in *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	in.mu.Lock()
	first := in.refuses && in.isFirst(r.Header.Get("webhook-id"))
	in.got = append(in.got, request{r.Method, r.URL.RequestURI(), r.Header, body, time.Now()})
	n := len(in.got)
	in.all.Broadcast()
	in.mu.Unlock()
	if first {
		w.WriteHeader(http.StatusConflict)
		return
	}
	if in.answer != nil {
		in.answer(w, n)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// isFirst tells whether nothing of a run has arrived; what is no run's is none.
func (in *inbox) isFirst(id string) bool {
	return strings.HasPrefix(id, "run_") && !slices.ContainsFunc(in.got, func(r request) bool { return r.Header.Get("webhook-id") == id })
}

func (in *inbox) requests() []request {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.got)
}

// await returns the requests once there are n; the test's own deadline is its bound.
func (in *inbox) await(n int) []request {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.got) < n {
		in.all.Wait()
	}
	return slices.Clone(in.got)
}

// onEachStore runs a test on the two kinds of stores.
func onEachStore(t *testing.T, test func(t *testing.T, st store.Store)) {
	t.Run("memory", func(t *testing.T) { test(t, memory.New()) })
	t.Run("sqlite", func(t *testing.T) { test(t, openFile(t, filepath.Join(t.TempDir(), "store.db"))) })
}

func openFile(t testing.TB, path string) *sqlite.Store {
	st, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, st)
	return st
}

func openDatabase(t testing.TB, dsn string, o postgres.Options) *postgres.Store {
	st, err := o.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, st)
	return st
}

func closeAfter(t testing.TB, st store.Store) {
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
}

// dispatch runs a dispatcher that reaches loopback until the test ends.
func dispatch(t testing.TB, st store.Store, o webhook.Options) *webhook.Dispatcher {
	if o.AllowNetworks == nil {
		o.AllowNetworks = loopback
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d, err := webhook.NewDispatcher(st, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return d
}

// pushTo returns an automation that sends all that happens to contacts, and tries twice in quick succession.
func pushTo(url string) automation.Automation {
	return automation.Automation{
		Account: account, Name: "Tell the CRM", Trigger: automation.Trigger{Types: []string{"contact.*"}},
		Actions: []automation.Action{{Push: &automation.Push{
			URL: url, AllowHTTP: true, Retry: runs.Policy{Schedule: []time.Duration{0, 20 * time.Millisecond}},
		}}},
	}
}

func save(t testing.TB, d *webhook.Dispatcher, a automation.Automation) automation.Automation {
	t.Helper()
	saved, err := d.Save(t.Context(), a, webhook.SaveOptions{Untested: true})
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// awaitEnd returns a run once it has ended.
func awaitEnd(t testing.TB, st store.Store, id string) runs.Run {
	t.Helper()
	for {
		r, err := st.Get(t.Context(), account, id)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status.Ended() {
			return r
		}
		<-time.After(2 * time.Millisecond)
	}
}

// awaitCounts waits until the store holds so many runs of each status.
func awaitCounts(t testing.TB, st store.Store, want runs.Counts) {
	t.Helper()
	for {
		got, err := st.Count(t.Context(), runs.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(statusCounts(got), statusCounts(want)) {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
}

func statusCounts(c runs.Counts) []int {
	var n []int
	for _, s := range runs.Statuses() {
		n = append(n, c[s])
	}
	return n
}
