package webhook_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
)

func TestSmoke(t *testing.T) {
	sq, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	for name, st := range map[string]store.Store{"memory": memory.New(), "sqlite": sq} {
		t.Run(name, func(t *testing.T) { smoke(t, st) })
	}
}

func smoke(t *testing.T, st store.Store) {
	var n atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		w.WriteHeader(204)
	}))
	defer srv.Close()
	d, err := webhook.NewDispatcher(st, webhook.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	a, err := d.Save(ctx, automation.Automation{
		Account: "acct_1", Name: "x", Trigger: automation.Trigger{Types: []string{"contact.*"}},
		Actions: []automation.Action{{Push: &automation.Push{URL: srv.URL, AllowHTTP: true}}},
	}, webhook.SaveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const total = 20000
	start := time.Now()
	var g = make(chan struct{}, 64)
	for range total {
		g <- struct{}{}
		go func() {
			defer func() { <-g }()
			if _, err := d.Publish(ctx, events.New("acct_1", events.TagAdded{Tag: events.Tag{ID: "1", Name: "x"}})); err != nil {
				t.Error(err)
			}
		}()
	}
	pub := time.Since(start)
	for {
		c, err := st.Count(ctx, runs.Filter{Account: a.Account})
		if err != nil {
			t.Fatal(err)
		}
		if c[runs.Succeeded] == total {
			break
		}
		if time.Since(start) > 30*time.Second {
			t.Fatal(c, n.Load())
		}
		time.Sleep(20 * time.Millisecond)
	}
	el := time.Since(start)
	t.Logf("%d published in %v, settled in %v: %.0f/s; requests %d", total, pub, el, total/el.Seconds(), n.Load())
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
