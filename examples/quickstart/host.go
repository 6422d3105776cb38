package main

import (
	"context"
	"errors"
	"net/netip"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
)

// host is a service with Tenterhook inside, and beside it, for the show, the receiver of its customer.
type host struct {
	*webhook.Dispatcher
	store    *sqlite.Store
	receiver *receiver
	stop     context.CancelFunc
	done     chan error
}

// open starts everything; what it started, close ends.
func open(ctx context.Context, file string) (*host, error) {
	st, err := sqlite.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	rcv, err := listen(ctx)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	d, err := webhook.NewDispatcher(st, webhook.Options{
		Variables: variables,
		// The guard lets nothing through to this machine, unless the host says so.
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		return nil, errors.Join(err, rcv.close(), st.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	h := &host{Dispatcher: d, store: st, receiver: rcv, stop: stop, done: make(chan error, 1)}
	go func() { h.done <- d.Run(ctx) }()
	return h, nil
}

// close waits for the attempts under way, then closes what they need.
func (h *host) close() error {
	h.stop()
	return errors.Join(<-h.done, h.receiver.close(), h.store.Close())
}

// details reads runs with their messages and attempts.
func (h *host) details(ctx context.Context, list []runs.Run) ([]runs.Run, error) {
	var found []runs.Run
	for _, r := range list {
		full, err := h.store.Get(ctx, account, r.ID)
		if err != nil {
			return nil, err
		}
		found = append(found, full)
	}
	return found, nil
}
