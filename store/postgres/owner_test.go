package postgres

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// hear has a store begin to listen.
func hear(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// hearing is a store that listens as a dispatcher does, until the test ends.
func hearing(t *testing.T, s *Store) *Store {
	t.Helper()
	hear(t, s)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if err := s.Wait(ctx); err != nil {
				<-time.After(100 * time.Millisecond)
			}
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	return s
}

// leased returns two runs that s has leased for an hour: one that it published so, and one that it claimed.
func leased(t *testing.T, s *Store) []runs.Run {
	t.Helper()
	mine, other := planned(1), planned(2)
	mine.Lease = time.Hour
	created, err := s.Publish(t.Context(), []store.Entry{mine, other})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Claim(t.Context(), store.Lease{Max: 10, For: time.Hour})
	if err != nil || len(c.Runs) != 1 {
		t.Fatalf("claimed %d runs, error %v; want the one that was not leased", len(c.Runs), err)
	}
	return append(created[:1], c.Runs...)
}

// claims looks when s says until it has n runs, or for as long, and returns what it got.
func claims(t *testing.T, s *Store, n int, long time.Duration) (got []runs.Run) {
	t.Helper()
	for over := time.After(long); len(got) < n; {
		c, err := s.Claim(t.Context(), store.Lease{Max: 10, For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, c.Runs...)
		select {
		case <-over:
			return got
		case <-time.After(min(c.Next, askTime)):
		}
	}
	return got
}

func pair(t *testing.T) (one, other *Store) {
	t.Helper()
	dsn := need.Postgres(t)
	return newStoreOn(t, Options{}, newPool(t, dsn, nil)), hearing(t, newStoreOn(t, Options{}, newPool(t, dsn, nil)))
}

const soon = time.Minute // it takes some seconds

// SPEC D2: a process whose session is gone is believed to be dead: what it leased is another's, and its late results change
// nothing. When it has a session again, its leases are its own.
func TestLeaseEndsWithItsProcess(t *testing.T) {
	one, other := pair(t)
	hear(t, one)
	first := leased(t, one)
	one.listener.hangUp(one)
	begun := time.Now()
	second := claims(t, other, 2, soon)
	t.Logf("another claimed %d runs %.1f s after the session had ended", len(second), time.Since(begun).Seconds())
	if len(second) != 2 || second[0].ID != first[0].ID || second[1].ID != first[1].ID || second[0].Fence != 2 || second[0].Tries != 2 {
		t.Fatalf("another claimed %+v; want both runs under a new fence", second)
	}
	if done, err := one.Settle(t.Context(), ended(first)); err != nil || done.Stale != 2 {
		t.Errorf("the late results gave %+v, error %v; want that both are ignored", done, err)
	}
	hear(t, one)
	execute(t, one, "UPDATE tenterhook.runs SET due = 0") // as if those leases had ended
	if got := claims(t, one, 2, soon); len(got) != 2 {
		t.Fatalf("it claimed %d runs, want 2", len(got))
	}
	if got := claims(t, other, 1, 2*goneTime); len(got) > 0 {
		t.Errorf("another claimed %d runs of a process that has a session again", len(got))
	}
}

// SPEC D2: who only looks, and so does not say how long leases are, leaves those of a process that is gone to one who says it.
func TestLookLeavesLeasesOfTheDead(t *testing.T) {
	one, other := pair(t)
	hear(t, one)
	leased(t, one)
	one.listener.hangUp(one)
	for over := time.After(2 * goneTime); ; {
		if _, err := other.Claim(t.Context(), store.Lease{}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-over:
			if got := claims(t, other, 2, soon); len(got) != 2 {
				t.Errorf("another claimed %d runs of a process that is gone, want 2", len(got))
			}
			return
		case <-time.After(askTime / 4):
		}
	}
}

// SPEC D2: a session that is cut is had again before others act. The server may cut as often as it likes.
func TestLeasesOutliveCutSessions(t *testing.T) {
	one, other := pair(t)
	first := leased(t, hearing(t, one))
	const cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 'tenterhook.processes'::regclass AND objid::bigint = $1"
	cuts := 0
	for over := time.After(3 * goneTime); ; {
		tag, err := other.pool.Exec(t.Context(), cut, one.owner.number)
		if err != nil {
			t.Fatal(err)
		}
		cuts += int(tag.RowsAffected())
		if got := claims(t, other, 1, 300*time.Millisecond); len(got) > 0 {
			t.Fatalf("another claimed %d runs of a process that lives", len(got))
		}
		select {
		case <-over:
			if done, err := one.Settle(t.Context(), ended(first)); err != nil || done.Stale > 0 || cuts < 3 {
				t.Errorf("after %d cuts the results gave %+v, error %v; want that none is ignored", cuts, done, err)
			}
			t.Logf("%d sessions cut, no lease lost", cuts)
			return
		default:
		}
	}
}

// SPEC D2: all sessions end with the server. Whoever is back first gives the others time.
func TestLeasesOutliveTheirServer(t *testing.T) {
	server := need.PostgresServer(t)
	one := hearing(t, newStoreOn(t, Options{}, newPool(t, server.DSN, nil)))
	other := hearing(t, newStoreOn(t, Options{}, newPool(t, server.DSN, nil)))
	first := leased(t, one)
	server.Restart(t)
	one.pool.Reset()
	other.pool.Reset()
	if got := claims(t, other, 1, 3*goneTime); len(got) > 0 {
		t.Errorf("another claimed %d runs of a process that lives", len(got))
	}
	if done, err := one.Settle(t.Context(), ended(first)); err != nil || done.Stale > 0 {
		t.Errorf("the results gave %+v, error %v; want that none is ignored", done, err)
	}
}

// SPEC D2: of many that take over from one at once one does, and none does while the process has its lock.
func TestLeasesEndOnce(t *testing.T) {
	one, other := pair(t)
	hear(t, one)
	fill(t, one, 2000)
	if c, err := one.Claim(t.Context(), store.Lease{Max: 2000, For: time.Hour}); err != nil || len(c.Runs) != 2000 {
		t.Fatalf("claimed %d runs, error %v", len(c.Runs), err)
	}
	var sessions []int64
	if err := other.pool.QueryRow(t.Context(), "SELECT array_agg(session) FROM tenterhook.processes").Scan(&sessions); err != nil || len(sessions) != 2 {
		t.Fatalf("sessions %v, error %v; want two", sessions, err)
	}
	if some, err := other.endLeases(t.Context(), sessions, time.Hour); err != nil || some {
		t.Errorf("ended leases of processes that have their locks: %v, %v", some, err)
	}
	one.listener.hangUp(one)
	await(t, other, "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 'tenterhook.processes'::regclass")
	var did atomic.Int64
	g, ctx := errgroup.WithContext(t.Context())
	for range 8 {
		g.Go(func() error {
			some, err := other.endLeases(ctx, sessions, time.Hour)
			if some {
				did.Add(1)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil || did.Load() != 1 {
		t.Errorf("of eight that took over at once %d did, error %v; want one", did.Load(), err)
	}
	await(t, other, "SELECT count(*) = 2000 FROM tenterhook.runs WHERE due <= tenterhook.clock(NULL)")
	await(t, other, "SELECT count(*) = 1 FROM tenterhook.processes")
}

// A process that goes of itself, or waits no more, is forgotten, and its leases end with their time.
func TestProcessThatGoesIsForgotten(t *testing.T) {
	one, other := pair(t)
	ctx, stop := context.WithCancel(t.Context())
	hear(t, one)
	told := make(chan struct{})
	go func() {
		for one.Wait(ctx) == nil { // each time that it hears of a run
		}
		close(told)
	}()
	leased(t, one)
	stop()
	<-told
	await(t, other, "SELECT count(*) = 1 FROM tenterhook.processes")
	hear(t, one)
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	await(t, other, "SELECT count(*) = 1 FROM tenterhook.processes")
	if got := claims(t, other, 1, 2*goneTime); len(got) > 0 {
		t.Errorf("another claimed %d runs of a process that was closed", len(got))
	}
}

// await waits until a condition is true.
func await(t *testing.T, s *Store, condition string) {
	t.Helper()
	for range 1000 {
		var is bool
		if err := s.pool.QueryRow(t.Context(), condition).Scan(&is); err != nil {
			t.Fatal(err)
		}
		if is {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Fatalf("it never was true: %s", condition)
}

func TestSessionsAreMissedForAWhileBeforeLeasesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o owner
		if o.asks() || o.miss([]int64{1}) != nil {
			t.Error("one without a session of its own looks for those of others")
		}
		o.begin()
		if !o.asks() || o.asks() {
			t.Error("it is to ask at first, and not again at once")
		}
		misses := func(after time.Duration, want []int64, sessions ...int64) {
			t.Helper()
			<-time.After(after)
			if got := o.miss(sessions); !slices.Equal(got, want) {
				t.Errorf("of sessions %v those of %v are to end, want %v", sessions, got, want)
			}
		}
		misses(0, nil, 1, 2)
		if o.miss(nil) != nil || o.next(time.Hour) != askTime || o.next(time.Millisecond) != time.Millisecond {
			t.Error("while one is missed, it is to look every second")
		}
		misses(goneTime-1, nil, 1, 3)
		misses(1, []int64{1}, 1, 2, 3)
		misses(goneTime, []int64{2, 3}, 2, 3)
		o.lose()
		misses(goneTime, nil, 2, 3)
		o.begin()
		misses(0, nil, 2)
		misses(goneTime, []int64{2}, 2)
		if o.miss([]int64{}); o.next(time.Hour) != time.Hour {
			t.Error("it looks every second while none is missed")
		}
	})
}
