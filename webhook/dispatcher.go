package webhook

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Dispatcher publishes events and delivers their runs. Make it with [NewDispatcher]; its methods may be called at once
// from many goroutines.
type Dispatcher struct {
	store    store.Store
	options  Options
	config   *config
	lanes    *lanes
	health   *healths
	outcomes chan outcome
	notices  chan notify.Notice
	wake     chan struct{} // holds one: there may be something to claim
	running  atomic.Bool
	connect  func() sender // tests in virtual time have no network
}

// sender makes requests to strangers; see [egress.Client].
type sender interface {
	Post(context.Context, egress.Request) (egress.Response, error)
	Close()
}

// NewDispatcher returns a dispatcher over a store. It starts nothing: see [Dispatcher.Run].
func NewDispatcher(st store.Store, o Options) (*Dispatcher, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	d := &Dispatcher{
		store:    st,
		options:  o,
		health:   newHealths(),
		outcomes: make(chan outcome, 4*o.Workers),
		notices:  make(chan notify.Notice, 1024),
		wake:     make(chan struct{}, 1),
	}
	d.config = newConfig(st, o.Refresh, d.health)
	d.lanes = newLanes(o.Workers, o.Buffer, func(id string) int { return d.config.current.Load().bound(id) }, d.health.failing)
	d.connect = func() sender {
		return egress.New(egress.Options{AllowNetworks: o.AllowNetworks, AllowPorts: o.AllowPorts, Idle: 2 * o.Workers})
	}
	return d, nil
}

// ErrRunning is returned by a second [Dispatcher.Run].
var ErrRunning = errors.New("dispatcher is running already: call Run once")

// Run delivers until ctx ends, then takes in nothing new, waits for the attempts under way, writes their outcomes, gives
// the rest back to the store and returns nil. Every goroutine of the dispatcher is its own. A failing store does not end
// it: it goes on when the store does.
func (d *Dispatcher) Run(ctx context.Context) error {
	if !d.running.CompareAndSwap(false, true) {
		return ErrRunning
	}
	defer d.running.Store(false)
	d.lanes.open()
	client := d.connect()
	defer client.Close()

	// Attempts, outcomes and notices outlive ctx, each until the one before it is done; after Options.Drain they are cut.
	attempts, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()

	var notifying, settling, working sync.WaitGroup
	notices := make(chan struct{})
	notifying.Go(func() { d.notify(attempts, notices) })
	done := make(chan struct{})
	settling.Go(func() { d.settle(attempts, done) })
	for range d.options.Workers {
		working.Go(func() { d.work(attempts, client) })
	}
	g, claiming := errgroup.WithContext(ctx)
	g.Go(func() error { d.claim(claiming); return nil })
	g.Go(func() error { d.sweep(claiming); return nil })
	_ = g.Wait()

	timer := time.AfterFunc(d.options.Drain, cut)
	defer timer.Stop()
	left := d.lanes.close()
	working.Wait()
	for _, j := range left {
		d.outcomes <- outcome{Result: runs.GiveBack(j.run, 0)}
	}
	close(done)
	settling.Wait()
	close(notices)
	notifying.Wait()
	return nil
}

// Wake tells a running dispatcher that there may be something to claim: call it after committing a transaction in which
// runs were published. Without it they are found within [Options.Poll].
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default: // it was told already
	}
}
