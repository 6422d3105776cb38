package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

const (
	account = "acct_1"
	hook    = "https://example.com/hook"
)

// rig is a dispatcher in virtual time, over a store in memory and a network that a test scripts. It stands in a bubble.
type rig struct {
	*testing.T
	*Dispatcher
	net   *network
	told  *notices
	begun time.Time
}

// inBubble runs a test in virtual time with a running dispatcher, and ends with a look for contradictions in the store.
func inBubble(t *testing.T, o Options, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		r := newRig(t, st, o)
		r.start()
		test(r)
		synctest.Wait()
		if err := storetest.Check(context.Background(), st); err != nil && !t.Failed() {
			t.Error(err)
		}
	})
}

// newRig returns a rig that does not run yet.
func newRig(t *testing.T, st store.Store, o Options) *rig {
	t.Helper()
	r := &rig{T: t, net: newNetwork(), told: &notices{}, begun: time.Now()}
	if o.Notifier == nil {
		o.Notifier = r.told
	}
	o.Log = slog.New(slog.DiscardHandler)
	d, err := NewDispatcher(st, o)
	if err != nil {
		t.Fatal(err)
	}
	d.connect = func() sender { return r.net }
	r.Dispatcher = d
	return r
}

// start runs the dispatcher until stop is called or the test ends.
func (r *rig) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Dispatcher.Run(ctx) }()
	synctest.Wait()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			r.Errorf("Run: %v", err)
		}
	})
	r.Cleanup(stop)
	return stop
}

// pass lets virtual time pass, and what is to happen then happen.
func (r *rig) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// automation returns one that pushes everything about contacts to a URL, retried on the exact default schedule.
func anAutomation(url string) automation.Automation {
	return automation.Automation{
		Account: account, Name: "Tell the CRM", Trigger: automation.Trigger{Types: []string{"contact.*"}},
		Actions: []automation.Action{{Push: &automation.Push{URL: url, Retry: runs.Policy{Exact: true}}}},
	}
}

// save saves an automation without a test.
func (r *rig) save(a automation.Automation) automation.Automation {
	r.Helper()
	saved, err := r.Save(context.Background(), a, SaveOptions{Untested: true})
	if err != nil {
		r.Fatalf("Save: %v", err)
	}
	return saved
}

// current returns an automation as it is saved now.
func (r *rig) current(id string) automation.Automation {
	r.Helper()
	a, err := r.Automation(context.Background(), account, id)
	if err != nil {
		r.Fatal(err)
	}
	return a
}

func (r *rig) disableByUser(id string) automation.Automation {
	r.Helper()
	a := r.current(id)
	a.Disabled = &automation.Disabled{}
	return r.save(a)
}

func (r *rig) enable(id string) automation.Automation {
	r.Helper()
	a := r.current(id)
	a.Disabled = nil
	return r.save(a)
}

// tagged returns the n-th event of its kind.
func tagged(n int) events.Event {
	ev := events.New(account, events.TagAdded{Tag: events.Tag{ID: "7", Name: "VIP"}})
	ev.ID = fmt.Sprintf("evt_%05d", n)
	return ev
}

// publishes publishes events and returns their runs.
func (r *rig) publishes(evs ...events.Event) []runs.Run {
	r.Helper()
	created, err := r.Publish(context.Background(), evs...)
	if err != nil {
		r.Fatalf("Publish: %v", err)
	}
	return created
}

// publishesOne publishes an event that one automation wants.
func (r *rig) publishesOne(ev events.Event) runs.Run {
	r.Helper()
	created := r.publishes(ev)
	if len(created) != 1 {
		r.Fatalf("event made %d runs, want 1", len(created))
	}
	return created[0]
}

// publishesMany publishes n events numbered from first.
func (r *rig) publishesMany(first, n int) {
	r.Helper()
	evs := make([]events.Event, n)
	for i := range evs {
		evs[i] = tagged(first + i)
	}
	r.publishes(evs...)
}

func (r *rig) get(id string) runs.Run {
	r.Helper()
	run, err := r.store.Get(context.Background(), account, id)
	if err != nil {
		r.Fatal(err)
	}
	return run
}

func (r *rig) counts() runs.Counts {
	r.Helper()
	c, err := r.store.Count(context.Background(), runs.Filter{})
	if err != nil {
		r.Fatal(err)
	}
	return c
}

func (r *rig) countsAre(want runs.Counts) {
	r.Helper()
	if diff := cmp.Diff(want, r.counts()); diff != "" {
		r.Errorf("runs by status (-want +got):\n%s", diff)
	}
}

// arrivedOnce reports requests to a URL, "" being all, that are not one for each of want runs.
func (r *rig) arrivedOnce(url string, want int) {
	r.Helper()
	times := map[string]int{}
	for _, a := range r.net.at(url) {
		if times[a.id()]++; times[a.id()] == 2 {
			r.Errorf("run %s arrived twice", a.id())
		}
	}
	if len(times) != want {
		r.Errorf("%d runs arrived at %q, want %d", len(times), url, want)
	}
}

// arrivedAfter reports if requests to a URL arrived at other times since the rig's beginning than these.
func (r *rig) arrivedAfter(url string, want ...time.Duration) {
	r.Helper()
	var got []time.Duration
	for _, a := range r.net.at(url) {
		got = append(got, a.At.Sub(r.begun))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("arrivals at %s (-want +got):\n%s", url, diff)
	}
}

// notices is a Notifier that remembers.
type notices struct {
	mu  sync.Mutex
	all []notify.Notice
}

// Notify implements [notify.Notifier].
func (n *notices) Notify(_ context.Context, list []notify.Notice) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, list...)
	return nil
}

func (n *notices) list() []notify.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all
}

// toldOf reports if people were told of other things than these.
func (r *rig) toldOf(want ...notify.Kind) {
	r.Helper()
	var got []notify.Kind
	for _, n := range r.told.list() {
		got = append(got, n.Kind)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("notices (-want +got):\n%s", diff)
	}
}
