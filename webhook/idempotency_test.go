package webhook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/webhook"
)

// together sends a call n times at once to houses in turns, and returns the answers.
func together(houses []*house, n int, c call) []reply {
	answers := make([]reply, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { answers[i] = houses[i%len(houses)].send(c) })
	}
	all.Wait()
	return answers
}

// I7, ATTACKS 37: the same request a hundred times at once makes one run, and every answer names it; without an id of its
// sender's, each is a request of its own.
func TestOneIdMakesOneRun(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		h := newHouse(t, st, webhook.ReceiverOptions{})
		a, key := h.open(inviting())
		c := jsonCall("/in/"+a.ID, key, someone)
		c.header["Idempotency-Key"] = "order-1"
		oneRun(t, together([]*house{h}, 100, c))
		awaitCounts(t, st, runs.Counts{runs.Succeeded: 1})
		if n := len(h.invitations()); n != 1 {
			t.Errorf("%d invitations, want 1", n)
		}
		delete(c.header, "Idempotency-Key")
		for _, got := range together([]*house{h}, 10, c) {
			got.runs(t)
		}
		awaitCounts(t, st, runs.Counts{runs.Succeeded: 11})
		c.header["Webhook-Id"] = "msg-1" // with a key too
		oneRun(t, together([]*house{h}, 2, c))
		awaitCounts(t, st, runs.Counts{runs.Succeeded: 12})
	})
}

func oneRun(t *testing.T, answers []reply) {
	t.Helper()
	for _, got := range answers {
		if ids := got.runs(t); len(ids) != 1 || got.Body != answers[0].Body {
			t.Errorf("answered %d %s, another %s", got.Status, got.Body, answers[0].Body)
		}
	}
}

// I7, D2: also in two processes that share a database; and a key ends in both.
func TestOneIdMakesOneRunInTwoProcesses(t *testing.T) {
	dsn := need.Postgres(t)
	st := openDatabase(t, dsn, postgres.Options{})
	cmd, address, lines := serving(t, dsn)
	other, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	door := httptest.NewServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: other.Scheme, Host: other.Host}))
	t.Cleanup(door.Close)
	houses := []*house{newHouse(t, st, webhook.ReceiverOptions{}), {T: t, Server: door}}
	a, key := houses[0].open(inviting())
	c := jsonCall("/in/"+a.ID, key, someone)
	for houses[1].send(jsonCall("/in/"+a.ID+"/test", key, someone)).Status != 200 { // until it knows of the automation
	}
	c.header["Idempotency-Key"] = "order-1"
	oneRun(t, together(houses, 100, c))
	awaitCounts(t, houses[0].st, runs.Counts{runs.Succeeded: 1})
	keys, err := houses[0].d.Keys(t.Context(), account, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := houses[0].d.RevokeKey(t.Context(), account, a.ID, keys[0].ID); err != nil {
		t.Fatal(err)
	}
	for houses[1].send(c).Status != http.StatusUnauthorized {
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	printed, err := io.ReadAll(lines)
	_ = cmd.Wait() // killed
	if n := len(houses[0].invitations()) + strings.Count(string(printed), "\n"); err != nil || n != 1 {
		t.Errorf("%d invitations, %v, want 1", n, err)
	}
}

// shaky is a store that fails to publish: before it does, or after.
type shaky struct {
	store.Store
	mu     sync.Mutex
	before error
	after  error
}

func (f *shaky) fail(before, after error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.after = before, after
}

// Publish implements [store.Publisher].
func (f *shaky) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.before != nil {
		return nil, f.before
	}
	created, err := f.Store.Publish(ctx, entries)
	if f.after != nil {
		return nil, f.after
	}
	return created, err
}

// I7, R6: while the store fails the answer is 503, and sending the same again is safe whether it was stored or not.
func TestSenderTriesAgainAfterTheStoreFailed(t *testing.T) {
	st := &shaky{Store: memory.New()}
	h := newHouse(t, st, webhook.ReceiverOptions{})
	a, key := h.open(inviting())
	for i, fails := range [][2]error{{errors.New("the disk is full at /var/secret"), nil}, {nil, errors.New("connection lost to 10.0.0.3")}} {
		c := jsonCall("/in/"+a.ID, key, someone)
		c.header["Idempotency-Key"] = []string{"lost", "unknown"}[i]
		st.fail(fails[0], fails[1])
		got := h.send(c)
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || strings.Contains(got.Body, "secret") {
			t.Errorf("answered %d %s, %v", got.Status, got.Body, got.Header)
		}
		st.fail(nil, nil)
		if id := h.send(c).runs(t); len(id) != 1 || h.total() != i+1 {
			t.Errorf("again: runs %v, %d in all", id, h.total())
		}
	}
	awaitCounts(t, st, runs.Counts{runs.Succeeded: 1, runs.Running: 1}) // the other one comes round with its lease
	if n := len(h.invitations()); n != 1 {
		t.Errorf("%d invitations, want 1", n)
	}
	if !strings.Contains(h.log.String(), "the disk is full") {
		t.Error("the log does not say why")
	}
}
