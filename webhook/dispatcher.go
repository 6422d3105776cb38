package webhook

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Dispatcher publishes events and delivers their runs. Make it with [NewDispatcher]; its methods may be called at once
// from many goroutines.
type Dispatcher struct {
	store    store.Store
	options  Options
	host     host
	config   *config
	lanes    *lanes
	pauses   *pauses
	keys     *keyring
	outcomes chan store.Outcome
	wake     bell // there may be something to claim
	notices  bell // there may be somebody to tell
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
	if st == nil {
		return nil, errors.New("make dispatcher: there is no store: open one, such as sqlite.Open does")
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	d := &Dispatcher{
		store:    st,
		options:  o,
		host:     host{o.Inviter, o.Respondents, o.Log},
		pauses:   newPauses(),
		outcomes: make(chan store.Outcome, 4*o.Workers),
		wake:     make(bell, 1),
		notices:  make(bell, 1),
	}
	d.config = newConfig(d)
	d.keys = newKeyring(st, o.Refresh)
	d.lanes = newLanes(o.Workers, o.Buffer)
	d.lanes.bound, d.lanes.gated, d.lanes.paused = d.bound, d.gated, d.paused
	d.lanes.together = d.together
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
	client := d.connect()
	defer client.Close()
	defer d.hear(context.WithoutCancel(ctx))()

	// Attempts and outcomes outlive ctx, each until the one before it is done; after Options.Drain they are cut.
	attempts, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()

	var settling, working sync.WaitGroup
	done := make(chan struct{})
	settling.Go(func() { d.settle(attempts, done) })
	start := func() { working.Go(func() { d.work(attempts, client) }) }
	d.lanes.open(start)
	for range d.options.Workers {
		start()
	}
	g, claiming := errgroup.WithContext(ctx)
	g.Go(func() error { d.claim(claiming); return nil })
	g.Go(func() error { d.sweep(claiming); return nil })
	g.Go(func() error { d.notify(claiming); return nil })
	_ = g.Wait()

	timer := time.AfterFunc(d.options.Drain, cut)
	defer timer.Stop()
	left := d.lanes.close()
	working.Wait()
	for _, j := range left {
		d.outcomes <- j.back()
	}
	close(done)
	settling.Wait()
	return nil
}

// Wake tells a running dispatcher that there may be something to claim: call it after committing a transaction in which
// runs were published. Without it they are found within [Options.Poll], or at once where the store is a [store.Waiter].
func (d *Dispatcher) Wake() { d.wake.wake() }

// bound returns how many requests of an automation may be under way at once; 0: no bound of its own.
func (d *Dispatcher) bound(automation string) int {
	return d.config.current.Load().byID[automation].Limits.Concurrency
}

// gated tells whether the runs of an automation go the way of the store, which lets them out as they may go.
func (d *Dispatcher) gated(automation string) bool {
	return d.config.current.Load().byID[automation].Limits.Gate() != ""
}

// together returns how many requests of an automation may be sent together under its limits.
func (d *Dispatcher) together(automation string) int {
	return d.config.current.Load().byID[automation].Limits.Together()
}

// paused tells whether nothing of an automation may be sent now. An ordered one does not pause: its next run waits anyway.
func (d *Dispatcher) paused(automation string) bool {
	return d.pauses.now(automation) && d.config.current.Load().byID[automation].Limits.Gate() != runs.HoldOrdered
}
