package postgres_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
)

// SPEC R7, D2: of transactions of hosts, by either driver, the runs of those that were committed exist, and no others; and
// another process, which only waits to be told, has claimed each.
func TestTransactionsOfHostsWakeOthersAtTheirCommit(t *testing.T) {
	total, inside := 10_000, 8
	if need.Quick() {
		total = 1000
	}
	dsn := need.Postgres(t)
	st := open(t, postgres.Options{}, dsn)
	claimed := make(chan string, total)
	g, ctx := errgroup.WithContext(t.Context())
	listening, stop := context.WithCancel(ctx)
	defer stop()
	other := open(t, postgres.Options{}, dsn)
	var woken, looks atomic.Int64
	g.Go(func() error { return claimWhenTold(listening, other, claimed, &woken, &looks) })

	var next atomic.Int64
	for w := range inside {
		begin := transactions(t, st, dsn)[[]string{"pgx.Tx", "*sql.Tx"}[w%2]]
		g.Go(func() error { return hostTransactions(ctx, begin, &next, total) })
	}
	got := map[string]int{}
	for want := total - total/3; len(got) < want; {
		select {
		case id := <-claimed:
			got[id]++
		case <-time.After(time.Minute):
			t.Fatalf("%d runs of %d were claimed, and then none for a minute", len(got), want)
		case <-ctx.Done():
			t.Fatal(g.Wait())
		}
	}
	stop()
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for id, n := range got {
		if n != 1 {
			t.Errorf("run %s was claimed %d times", id, n)
		}
	}
	counts, err := st.Count(t.Context(), runs.Filter{})
	if err != nil || counts[runs.Running] != total-total/3 || counts[runs.Scheduled] != 0 {
		t.Errorf("the store has %v, error %v; want %d that are running", counts, err, total-total/3)
	}
	t.Logf("%d transactions, every third rolled back: %d runs claimed by a process that was told %d times and looked %d times",
		total, len(got), woken.Load(), looks.Load())
}

// hostTransactions publishes a run in each of its share of transactions, and rolls every third of all back.
func hostTransactions(ctx context.Context, begin func() transaction, next *atomic.Int64, total int) error {
	for n := next.Add(1); n <= int64(total); n = next.Add(1) {
		tr := begin()
		if _, err := tr.Publish(ctx, batch(fmt.Sprint(n), 1)); err != nil {
			return err
		}
		end := tr.commit
		if n%3 == 0 {
			end = tr.rollback
		}
		if err := end(); err != nil {
			return err
		}
	}
	return nil
}

// claimWhenTold claims what is due each time that it was told, and at no other.
func claimWhenTold(ctx context.Context, st *postgres.Store, claimed chan<- string, woken, looks *atomic.Int64) error {
	for {
		if err := st.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		woken.Add(1)
		for next := time.Duration(0); next == 0; {
			c, err := st.Claim(context.WithoutCancel(ctx), store.Lease{Max: 500, For: time.Hour})
			if err != nil {
				return err
			}
			looks.Add(1)
			for _, r := range c.Runs {
				claimed <- r.ID
			}
			next = c.Next
		}
	}
}

// SPEC R7: a host's transaction that takes its time keeps nobody waiting: not those who publish, claim, settle and save, nor
// those who wait to be told of it.
func TestLongTransactionOfAHostDelaysNobody(t *testing.T) {
	dsn := need.Postgres(t)
	st := open(t, postgres.Options{Timeout: 5 * time.Second}, dsn)
	for name, begin := range transactions(t, st, dsn) {
		t.Run(name, func(t *testing.T) {
			long := begin()
			if _, err := long.Publish(t.Context(), batch(name+"_long", 5)); err != nil {
				t.Fatal(err)
			}
			told := make(chan error, 1)
			if err := st.Wait(t.Context()); err != nil { // begins to listen
				t.Fatal(err)
			}
			const times = 300
			for n := range times {
				if n == 0 {
					go func() { told <- st.Wait(t.Context()) }()
				}
				if _, err := st.Publish(t.Context(), batch(fmt.Sprint(name, n), 5)); err != nil {
					t.Fatal(err)
				}
				c, err := st.Claim(t.Context(), store.Lease{Max: 10, For: time.Hour})
				if err != nil || len(c.Runs) != 5 {
					t.Fatalf("Claim beside an open transaction gave %d runs, error %v; want 5", len(c.Runs), err)
				}
				var outcomes []store.Outcome
				for _, r := range c.Runs {
					outcomes = append(outcomes, store.Outcome{Automation: r.Automation, Result: runs.Decide(r, runs.Attempt{At: time.Now(), StatusCode: 204}, runs.Policy{})})
				}
				if done, err := st.Settle(t.Context(), outcomes); err != nil || done.Stale > 0 {
					t.Fatalf("Settle beside an open transaction: %+v, %v", done, err)
				}
			}
			select {
			case err := <-told:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(time.Minute):
				t.Error("who waited was not told of what others published beside the open transaction")
			}
			if err := long.commit(); err != nil {
				t.Fatal(err)
			}
			if got := due(t, st); len(got) != 5 {
				t.Errorf("after the commit %d runs were due, want its 5", len(got))
			}
			t.Logf("%d publishes, claims and settles beside it", times)
		})
	}
}
