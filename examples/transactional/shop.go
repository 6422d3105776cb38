package main

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/webhook"
)

const account = "acct_harbour" // the customer who wants to know of orders

// errSoldOut means that an order is larger than the stock.
var errSoldOut = errors.New("the stock does not suffice")

// shop is a service with Tenterhook inside, and beside it, for the show, the receiver of its customer.
type shop struct {
	*webhook.Dispatcher
	db       database
	receiver *receiver
	stop     context.CancelFunc
	done     chan error
}

// open starts everything over db; what it started, close ends, and db with it.
func open(ctx context.Context, db database) (*shop, error) {
	types, err := catalogue()
	if err != nil {
		return nil, err
	}
	d, err := webhook.NewDispatcher(db, webhook.Options{
		Catalogue: types,
		// The guard lets nothing through to this machine, unless the host says so.
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		return nil, err
	}
	secret := webhook.NewSecret()
	rcv, err := listen(ctx, secret)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	s := &shop{Dispatcher: d, db: db, receiver: rcv, stop: stop, done: make(chan error, 1)}
	_, err = s.Save(ctx, automation.Automation{
		Account: account,
		Name:    "Orders to the ledger",
		Trigger: automation.Trigger{Types: []string{order{}.EventType()}},
		Actions: []automation.Action{{Push: &automation.Push{
			URL:       rcv.url,
			AllowHTTP: true, // only here: a customer's URL is https
			Secrets:   automation.Secrets{secret},
			Timeout:   time.Second,
		}}},
	}, webhook.SaveOptions{})
	if err != nil {
		stop()
		return nil, errors.Join(err, rcv.close())
	}
	go func() { s.done <- d.Run(running) }()
	return s, nil
}

// close waits for the attempts under way, then closes what they need.
func (s *shop) close() error {
	s.stop()
	return errors.Join(<-s.done, s.receiver.close(), s.db.Close())
}

// place takes an order: its row and its runs exist exactly if the transaction commits.
func (s *shop) place(ctx context.Context, o order) (err error) {
	tx, err := s.db.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.rollback(ctx)) }()
	if err := tx.insert(ctx, o); err != nil {
		return err
	}
	if _, err := s.PublishTo(ctx, tx.publisher(), o.event()); err != nil {
		return err
	}
	if err := tx.take(ctx, o.Pieces); err != nil { // too late, on purpose: the event is published by now
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return err
	}
	s.Wake() // else the runs are found when the dispatcher next looks, which is every few seconds
	return nil
}
