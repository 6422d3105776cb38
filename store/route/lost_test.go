package route_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/route"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/store/storetest"
	"github.com/tenterhook/tenterhook/webhook"
)

// breakable returns a store that fails while down is set.
func breakable(st store.Store, down *atomic.Bool) *storetest.Faulty {
	return &storetest.Faulty{Store: st, Fail: func(string, int) storetest.Fault {
		if down.Load() {
			return storetest.Before
		}
		return storetest.NoFault
	}}
}

func TestLostShardIsLeftOutUntilItAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		st, err := route.New([]store.Store{memory.New(), breakable(memory.New(), &down)}, spread)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		ctx := t.Context()
		if _, err := st.Changes(ctx, ""); err != nil {
			t.Fatal(err)
		}
		publish(t, st, entry(1, 0), entry(2, 0))
		c, err := st.Claim(ctx, store.Lease{Max: 2, For: time.Hour})
		if err != nil || len(c.Runs) != 2 {
			t.Fatalf("claimed %d runs, error %v", len(c.Runs), err)
		}
		publish(t, st, entry(1, 1), entry(2, 1))
		down.Store(true)

		var outcomes []store.Outcome
		for _, r := range c.Runs {
			outcomes = append(outcomes, store.Outcome{Automation: r.Automation, Result: runs.GiveBack(r, time.Hour)})
		}
		settled, err := st.Settle(ctx, outcomes)
		if err != nil || len(settled.Left) != 1 || settled.Left[0].ID != "run_2_000" || settled.Left[0].Seq != outcomes[1].Seq {
			t.Errorf("Settle left %+v, error %v; want the outcome of the lost shard", settled.Left, err)
		}
		c, err = st.Claim(ctx, store.Lease{Max: 2, For: time.Hour})
		if got := fmt.Sprint(ids(c.Runs)); err != nil || got != "[run_1_001]" {
			t.Errorf("Claim gave %s, error %v; want what the other shard has", got, err)
		}
		accounts, err1 := st.Accounts(ctx, "", 10)
		_, _, err2 := st.ClaimNotices(ctx, store.Lease{Max: 1, For: time.Hour})
		_, err3 := st.Publish(ctx, []store.Entry{entry(1, 2)})
		if err := errors.Join(err1, err2, err3); err != nil || fmt.Sprint(accounts) != "[acct_1]" {
			t.Errorf("of the other shard: accounts %v, error %v", accounts, err)
		}
		_, err1 = st.List(ctx, runs.Filter{}, "", 10)
		_, err2 = st.Count(ctx, runs.Filter{})
		_, err3 = st.Publish(ctx, []store.Entry{entry(2, 2)})
		if err1 == nil || err2 == nil || err3 == nil {
			t.Errorf("what concerns the lost shard gave %v, %v, %v, want errors", err1, err2, err3)
		}

		down.Store(false)
		time.Sleep(time.Minute)
		settled, err = st.Settle(ctx, settled.Left)
		if err != nil || len(settled.Left) > 0 || settled.Stale > 0 {
			t.Errorf("Settle of what was left: %+v, error %v", settled, err)
		}
		c, err = st.Claim(ctx, store.Lease{Max: 10, For: time.Hour})
		if got := fmt.Sprint(ids(c.Runs)); err != nil || got != "[run_2_001 run_1_002]" {
			t.Errorf("Claim gave %s, error %v; want what was published", got, err)
		}
	})
}

// hanging is a store whose claims answer when they are told to stop.
type hanging struct{ store.Store }

func (h hanging) Claim(ctx context.Context, l store.Lease) (store.Claimed, error) {
	<-ctx.Done()
	return store.Claimed{}, ctx.Err()
}

func TestShardThatHangsIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, err := route.New([]store.Store{memory.New(), hanging{memory.New()}}, spread)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		for n := range 12 {
			publish(t, st, entry(1, n))
		}
		for n, want := range []time.Duration{10 * time.Second, 0, 0} {
			began := time.Now()
			c, err := st.Claim(t.Context(), store.Lease{Max: 4, For: time.Hour})
			if err != nil || len(c.Runs) != 4 || time.Since(began) != want {
				t.Errorf("claim %d gave %q after %v, error %v; want four after %v", n, ids(c.Runs), time.Since(began), err, want)
			}
		}
	})
}

func TestAccountsOfAShardThatWasNeverReadAreMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		down.Store(true)
		st, err := route.New([]store.Store{memory.New(), breakable(memory.New(), &down)}, spread)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		put := func(account, id string) error {
			_, err := st.Put(t.Context(), []automation.Automation{{ID: id, Account: account}})
			return err
		}
		if err := put("acct_1", "auto_1"); err != nil {
			t.Fatal(err)
		}
		c, err := st.Changes(t.Context(), "")
		if err != nil || len(c.Automations) != 1 || c.Missing == nil || c.Missing("acct_1") || !c.Missing("acct_2") {
			t.Errorf("Changes beside a shard that did not answer: %+v, error %v", c, err)
		}
		down.Store(false)
		time.Sleep(time.Minute)
		if err := errors.Join(put("acct_1", "auto_2"), put("acct_2", "auto_3")); err != nil {
			t.Fatal(err)
		}
		c, err = st.Changes(t.Context(), c.Mark)
		if err != nil || len(c.Automations) != 2 || c.Missing != nil {
			t.Errorf("Changes since then, of both: %+v, error %v", c, err)
		}
		down.Store(true)
		if c, err := st.Changes(t.Context(), c.Mark); err != nil || c.Missing != nil {
			t.Errorf("Changes of the other shard, when both were read before: %+v, error %v", c, err)
		}
	})
}

// serve runs a dispatcher over a store until t ends, with an automation of each account that pushes to url and the account.
func serve(t *testing.T, st store.Store, url string, accounts ...string) *webhook.Dispatcher {
	t.Helper()
	d, err := webhook.NewDispatcher(st, webhook.Options{
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Poll: 50 * time.Millisecond, Inviter: polite{},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	for _, account := range accounts {
		if _, err := d.Save(ctx, pushing(account, url), webhook.SaveOptions{Untested: true}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// pushing returns an automation that pushes to url and the account.
func pushing(account, url string) automation.Automation {
	return automation.Automation{
		Account: account, Name: "push", Trigger: automation.Trigger{Types: []string{"contact.*"}},
		Actions: []automation.Action{{Push: &automation.Push{URL: url + "/" + account, AllowHTTP: true}}},
	}
}

func publishTag(t *testing.T, d *webhook.Dispatcher, account string) error {
	_, err := d.Publish(t.Context(), events.New(account, events.TagAdded{Tag: events.Tag{ID: "1", Name: "Crew"}}))
	return err
}

// One database down: its customers wait, the others' runs are sent; when it is back, so are theirs, each once.
func TestDispatcherDeliversBesideALostShard(t *testing.T) {
	var down atomic.Bool
	var shards []store.Store
	for range 2 {
		st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
		if err != nil {
			t.Fatal(err)
		}
		shards = append(shards, st)
	}
	shards[1] = breakable(shards[1], &down)
	st := routed(t, shards, spread)
	arrived, hold := make(chan string, 100), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.URL.Path
		if r.URL.Path == "/acct_2" {
			<-hold
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	d := serve(t, st, srv.URL, "acct_1", "acct_2")
	send := func(account string) error { return publishTag(t, d, account) }
	arrives := func(account string) {
		t.Helper()
		if err := send(account); err != nil {
			t.Fatal(err)
		}
		if got := <-arrived; got != "/"+account {
			t.Fatalf("%s arrived", got)
		}
	}
	arrives("acct_2")
	down.Store(true)
	close(hold) // its outcome has nowhere to go
	const others = 2000
	for range others { // more than there is room for on the way to the store
		arrives("acct_1")
	}
	if err := send("acct_2"); err == nil {
		t.Error("an event was taken in for the lost shard")
	}
	down.Store(false)
	for ended := 0; ended < others+1 && t.Context().Err() == nil; {
		if counts, err := st.Count(t.Context(), runs.Filter{}); err == nil {
			ended = counts[runs.Succeeded]
		}
	}
	if len(arrived) > 0 {
		t.Errorf("%s was sent twice", <-arrived)
	}
}
