package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// two opens a database as two processes do.
func two(t *testing.T) [2]*Store {
	t.Helper()
	dsn := need.Postgres(t)
	return [2]*Store{newStoreOn(t, Options{}, newPool(t, dsn, nil)), newStoreOn(t, Options{}, newPool(t, dsn, nil))}
}

func checked(t *testing.T, s *Store) {
	t.Helper()
	if err := storetest.Check(t.Context(), s); err != nil {
		t.Error(err)
	}
	var orphans int
	err := s.pool.QueryRow(t.Context(), `SELECT
		(SELECT count(*) FROM tenterhook.attempts WHERE run NOT IN (SELECT seq FROM tenterhook.runs)) +
		(SELECT count(*) FROM tenterhook.messages WHERE run NOT IN (SELECT coalesce(message, seq) FROM tenterhook.runs)) +
		(SELECT count(*) FROM tenterhook.runs WHERE coalesce(message, seq) NOT IN (SELECT run FROM tenterhook.messages))`).Scan(&orphans)
	if err != nil || orphans > 0 {
		t.Errorf("%d attempts or messages without a run, or runs without a message; error %v", orphans, err)
	}
}

// SPEC R6, D2: workers whose connections are cut all the time lose nothing, and end each run once.
func TestCutConnectionsLoseNothing(t *testing.T) {
	stores := two(t)
	const all = 600
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	cut := make(chan struct{})
	wg.Go(func() { cutConnections(t, stores[0], cut) })
	var workers sync.WaitGroup
	for i := range 4 {
		workers.Go(func() {
			s := stores[i%2]
			for from := i * all / 4; from < (i+1)*all/4; from += 10 {
				list := make([]store.Entry, 10)
				for n := range list {
					list[n] = planned(from + n)
				}
				for ctx.Err() == nil { // publishing again is safe
					if _, err := s.Publish(ctx, list); err == nil {
						break
					}
				}
				work(ctx, s)
			}
			for n := 0; n < all && ctx.Err() == nil; {
				work(ctx, s)
				if counts, err := s.Count(ctx, runs.Filter{}); err == nil {
					n = counts[runs.Succeeded]
				}
			}
		})
	}
	workers.Wait()
	close(cut)
	wg.Wait()
	counts, err := stores[0].Count(t.Context(), runs.Filter{})
	if diff := cmp.Diff(runs.Counts{runs.Succeeded: all}, counts); err != nil || diff != "" {
		t.Errorf("runs by status, error %v (-want +got):\n%s", err, diff)
	}
	checked(t, stores[0])
}

// work claims and settles, whatever of that fails.
func work(ctx context.Context, s *Store) {
	c, err := s.Claim(ctx, store.Lease{Max: 20, For: 200 * time.Millisecond})
	if err != nil {
		return
	}
	outcomes := make([]store.Outcome, len(c.Runs))
	for i, r := range c.Runs {
		result := runs.Decide(r, runs.Attempt{At: r.StatusAt, StatusCode: 204}, runs.Policy{})
		outcomes[i] = store.Outcome{Result: result, Automation: r.Automation, Rule: &automation.DisableRule{}}
	}
	_, _ = s.Settle(ctx, outcomes) // what was lost is due again soon
}

// cutConnections ends the connections of others to the database until it is told to stop.
func cutConnections(t *testing.T, s *Store, stop <-chan struct{}) {
	conn, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Release()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-stop:
			tick.Stop()
			return
		case <-tick.C:
		}
		const all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.3"
		if _, err := conn.Exec(t.Context(), all); err != nil {
			t.Error(err)
			return
		}
	}
}

// tenSaved saves ten automations and returns them by id.
func tenSaved(t *testing.T, s *Store) map[string]automation.Automation {
	ids := map[string]automation.Automation{}
	for i := range 10 {
		id := fmt.Sprint("auto_", i)
		ids[id] = automation.Automation{ID: id, Account: "acct_1"}
	}
	if _, err := s.Put(t.Context(), slices.Collect(maps.Values(ids))); err != nil {
		t.Fatal(err)
	}
	return ids
}

// Two processes that settle, hold, let out and save the same lanes in any order are not told of each other's locks, and no
// failure is counted twice or not at all.
func TestLanesAreJudgedOneAfterTheOther(t *testing.T) {
	stores := two(t)
	ids := tenSaved(t, stores[0])
	var wg sync.WaitGroup
	for who := range 4 {
		wg.Go(func() {
			s, random := stores[who%2], rand.New(rand.NewPCG(uint64(who), 1))
			for n := range 15 {
				list := make([]store.Entry, 40)
				for i := range list {
					list[i] = planned(who*100_000 + n*100 + i)
					list[i].Run.Automation, list[i].Lease = fmt.Sprint("auto_", i%10), time.Hour
				}
				random.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
				created, err := s.Publish(t.Context(), list)
				if err != nil {
					t.Error(err)
				}
				outcomes := make([]store.Outcome, len(created))
				for i, r := range created {
					a := runs.Attempt{At: r.StatusAt, StatusCode: 400, Class: runs.ClassOf(400)}
					outcomes[i] = store.Outcome{
						Result:     runs.Decide(r, a, runs.Policy{FinalClientErrors: true}),
						Automation: r.Automation, Rule: &automation.DisableRule{},
					}
				}
				_, err = s.Settle(t.Context(), outcomes)
				var flows []store.Flow
				for i := range 10 {
					flows = append(flows, store.Flow{Automation: fmt.Sprint("auto_", random.IntN(10)), Release: i % 2})
				}
				if err := errors.Join(err, s.Flow(t.Context(), flows)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rows, err := stores[0].pool.Query(t.Context(), "SELECT automation, (health::json->>'failed_runs')::int FROM tenterhook.lanes")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var failed int
		if err := rows.Scan(&id, &failed); err != nil || failed != 4*15*4 {
			t.Errorf("%s has %d failed runs, error %v; want %d", id, failed, err, 4*15*4)
		}
		delete(ids, id)
	}
	if len(ids) > 0 {
		t.Errorf("%d lanes have no health", len(ids))
	}
	checked(t, stores[0])
}

// Who asks for changes since the version that he was told misses none, however many save at once.
func TestNoChangeIsMissed(t *testing.T) {
	stores := two(t)
	const writers, each = 6, 20
	var wg sync.WaitGroup
	for who := range writers {
		wg.Go(func() {
			for n := range each {
				a := automation.Automation{ID: fmt.Sprintf("auto_%d_%d", who, n), Account: "acct_1"}
				if _, err := stores[who%2].Put(t.Context(), []automation.Automation{a}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	saved := make(chan struct{})
	go func() { wg.Wait(); close(saved) }()
	seen := map[string]int64{}
	for last, since := false, store.Mark(""); !last; {
		select {
		case <-saved:
			last = true
		default:
		}
		c, err := stores[0].Changes(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range c.Automations {
			seen[a.ID] = a.Version
		}
		since = c.Mark
	}
	versions := map[int64]bool{}
	for _, v := range seen {
		versions[v] = true
	}
	if len(seen) != writers*each || len(versions) != writers*each {
		t.Errorf("saw %d automations with %d versions, want %d", len(seen), len(versions), writers*each)
	}
}

// A run that is born, settled or met as held while its lane is being opened is let out like others.
func TestNoRunIsStuckInALaneThatOpens(t *testing.T) {
	stores := two(t)
	const all = 300
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := range all {
			e := planned(n)
			e.Run.Automation = "auto_1"
			if _, err := stores[0].Publish(t.Context(), []store.Entry{e}); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Go(func() {
		for n := range all {
			f := store.Flow{Automation: "auto_1", Hold: runs.HoldBusy}
			if n%2 == 1 {
				f = store.Flow{Automation: "auto_1", Release: 1000}
			}
			if err := stores[1].Flow(t.Context(), []store.Flow{f}); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	got := 0
	for idle := 0; idle < 3; {
		c, err := stores[1].Claim(t.Context(), store.Lease{Max: 50, For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		got += len(c.Runs)
		if idle++; len(c.Runs) > 0 {
			idle = 0
		}
		for _, l := range c.Held {
			if err := stores[1].Flow(t.Context(), []store.Flow{{Automation: l.Automation, Release: 1000}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got != all {
		t.Errorf("%d runs were claimed, want %d", got, all)
	}
}

// R4: when two remove the runs that share a message at once, the later of them removes the message.
func TestSharedMessageIsRemovedWithItsLastRun(t *testing.T) {
	stores := two(t)
	const pairs = 100
	fill(t, stores[0], 2*pairs) // a pair shares one
	execute(t, stores[0], "UPDATE tenterhook.runs SET account = 'acct_' || (seq % 2)")
	var wg sync.WaitGroup
	for who, s := range stores {
		wg.Go(func() {
			for after, done := int64(0), false; !done; {
				step, err := s.Erase(t.Context(), runs.Erasure{Account: fmt.Sprint("acct_", who)}, after, 3)
				if err != nil {
					t.Error(err)
					return
				}
				after, done = step.Last, step.Done
			}
		})
	}
	wg.Wait()
	checked(t, stores[0])
}
