package webhook_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/storetest"
	"github.com/tenterhook/tenterhook/webhook"
)

// Everything at once, over a file: what the store holds in the end does not contradict itself, and all that was published
// was sent.
func TestEverythingAtOnceLeavesASoundStore(t *testing.T) {
	length := 3 * time.Second
	if need.Quick() {
		length = time.Second
	}
	in := newInbox(t, nil)
	st := openFile(t, filepath.Join(t.TempDir(), "store.db"))
	d := dispatch(t, st, webhook.Options{})
	a := save(t, d, pushTo(in.URL))
	save(t, d, pushTo(in.URL+"/other"))
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var all sync.WaitGroup
	var published sync.Map
	each := func(n int, do func(ctx context.Context, n int) error) {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := do(ctx, n*1_000_000+i); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := range 4 {
		each(n, func(_ context.Context, i int) error { // a cancelled publish would have an unknown outcome
			ev := tag("VIP")
			ev.ID = fmt.Sprintf("evt_%d", i)
			created, err := d.Publish(context.WithoutCancel(ctx), ev)
			for _, r := range created {
				published.Store(r.ID, true)
			}
			return err
		})
	}
	each(0, func(ctx context.Context, i int) error {
		_, err := d.Replay(ctx, runs.Filter{Account: account, Statuses: []runs.Status{runs.Succeeded}}, webhook.ReplayOptions{PerSecond: 200})
		return err
	})
	each(0, func(ctx context.Context, i int) error { return turnOver(ctx, d, a.ID, i) })
	each(0, func(ctx context.Context, _ int) error {
		_, err := st.List(ctx, runs.Filter{Account: account, Person: "ada"}, "", 100)
		return err
	})
	all.Wait()
	settled(t, d, st, a.ID)
	arrived := map[string]bool{}
	for _, r := range in.requests() {
		arrived[r.Header.Get("webhook-id")] = true
	}
	published.Range(func(id, _ any) bool {
		if !arrived[id.(string)] {
			t.Errorf("run %s was never sent", id)
		}
		return true
	})
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
}

// turnOver renames an automation, and disables it every other time.
func turnOver(ctx context.Context, d *webhook.Dispatcher, id string, n int) error {
	a, err := d.Automation(ctx, account, id)
	if err != nil {
		return err
	}
	a.Name, a.Disabled, a.RecordDisabled = fmt.Sprintf("Name %d", n), nil, true
	if n%2 == 0 {
		a.Disabled = &automation.Disabled{}
	}
	_, err = d.Save(ctx, a, webhook.SaveOptions{})
	return err
}

// settled enables an automation and waits until nothing waits.
func settled(t *testing.T, d *webhook.Dispatcher, st store.Store, id string) {
	t.Helper()
	if err := turnOver(t.Context(), d, id, 1); err != nil {
		t.Fatal(err)
	}
	for {
		c, err := st.Count(t.Context(), runs.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if c[runs.Scheduled]+c[runs.Running] == 0 {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
}

// R6: the same event published by many at once makes each of its runs once, and one of the publishers is told of each.
func TestSameEventPublishedByManyMakesItsRunsOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		const rounds, publishers, automations = 20, 16, 3
		in := newInbox(t, nil)
		d := dispatch(t, st, webhook.Options{})
		for range automations {
			save(t, d, pushTo(in.URL))
		}
		for round := range rounds {
			var all sync.WaitGroup
			var mu sync.Mutex
			told := map[string]int{}
			for publisher := range publishers {
				all.Go(func() {
					shared, own := tag("VIP"), tag("VIP")
					shared.ID, own.ID = fmt.Sprintf("evt_%d", round), fmt.Sprintf("evt_%d_%d", round, publisher)
					created, err := d.Publish(t.Context(), []events.Event{own, shared, own}...)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					for _, r := range created {
						if told[r.ID]++; r.Event != shared.ID && r.Event != own.ID {
							t.Errorf("publisher of %s is told of a run of %s", own.ID, r.Event)
						}
					}
				})
			}
			all.Wait()
			if want := automations * (publishers + 1); len(told) != want {
				t.Fatalf("%d runs were made, want %d", len(told), want)
			}
			for id, times := range told {
				if times != 1 {
					t.Errorf("%d publishers were told that they made run %s", times, id)
				}
			}
		}
		awaitCounts(t, st, runs.Counts{runs.Succeeded: rounds * automations * (publishers + 1)})
	})
}

// R6: the error of a store reaches each of its publishers, and none of them is told of a run.
func TestErrorOfTheStoreReachesEveryPublisher(t *testing.T) {
	in := newInbox(t, nil)
	file := openFile(t, filepath.Join(t.TempDir(), "store.db"))
	st := &storetest.Faulty{Store: file, Fail: func(verb string, n int) storetest.Fault {
		if verb == "Publish" {
			return storetest.Fault(n % 3) // none, before, after
		}
		return storetest.NoFault
	}}
	d := dispatch(t, st, webhook.Options{})
	save(t, d, pushTo(in.URL))
	var all sync.WaitGroup
	var mu sync.Mutex
	failed := 0
	for range 99 {
		all.Go(func() {
			created, err := d.Publish(t.Context(), tag("VIP"))
			if (err == nil) != (len(created) == 1) {
				t.Errorf("Publish: %d runs, %v", len(created), err)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed++
			}
		})
	}
	all.Wait()
	if failed != 66 {
		t.Errorf("%d publishers were told of an error, want 66", failed)
	}
}
