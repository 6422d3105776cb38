package route_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/route"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// three makes a store of three, with a clock that moves at each reading: account 0, 3, 6, … are the first's.
func three(t *testing.T) (*route.Store, []store.Store) {
	t.Helper()
	var readings atomic.Int64
	clock := func() time.Time {
		return time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC).Add(time.Duration(readings.Add(1)) * time.Millisecond)
	}
	var shards []store.Store
	for range 3 {
		shards = append(shards, memory.Options{Now: clock}.New())
	}
	return routed(t, shards, third), shards
}

func third(account string) int {
	var n int
	if _, err := fmt.Sscanf(account, "acct_%d", &n); err != nil {
		return 0
	}
	return n % 3
}

// entry returns the n-th run of an account.
func entry(account, n int) store.Entry {
	id := fmt.Sprintf("run_%d_%03d", account, n)
	return store.Entry{Planned: automation.Planned{Run: runs.Run{
		ID: id, Account: fmt.Sprint("acct_", account), Automation: fmt.Sprint("auto_", account), Action: "1", Event: "evt_" + id,
		EventType: "contact.tag.added", URL: "https://example.com/hook", Message: []byte(`{}`),
	}}}
}

func publish(t *testing.T, st store.Store, list ...store.Entry) []runs.Run {
	t.Helper()
	created, err := st.Publish(t.Context(), list)
	if err != nil || len(created) != len(list) {
		t.Fatalf("Publish created %d of %d runs, error %v", len(created), len(list), err)
	}
	return created
}

func ids(list []runs.Run) []string {
	all := []string{}
	for _, r := range list {
		all = append(all, r.ID)
	}
	return all
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestListOverAllAccountsIsNewestFirst(t *testing.T) {
	st, _ := three(t)
	var want []string
	for n := range 20 {
		for _, account := range []int{0, 1, 1, 1, 2, 4}[n%6:] { // unevenly
			e := entry(account, len(want))
			publish(t, st, e)
			want = append(want, e.Run.ID)
		}
	}
	slices.Reverse(want)
	for _, size := range []int{1, 3, 7, len(want) - 1, len(want), 1000} {
		var got []string
		seqs := map[int64]bool{}
		for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
			page, err := st.List(t.Context(), runs.Filter{}, cursor, size)
			if err != nil || len(page.Runs) == 0 || len(page.Runs) > size {
				t.Fatalf("a page of %d has %d runs, error %v", size, len(page.Runs), err)
			}
			for _, r := range page.Runs {
				seqs[r.Seq] = true
			}
			got, cursor = append(got, ids(page.Runs)...), page.Next
		}
		same(t, fmt.Sprintf("ids by pages of %d", size), want, got)
		same(t, "different sequence numbers", len(want), len(seqs))
	}
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
}

func TestClaimTakesFairShares(t *testing.T) {
	st, _ := three(t)
	for n := range 30 {
		publish(t, st, entry(0, n), entry(1, n))
	}
	publish(t, st, entry(2, 0))
	took := func(most int) map[string]int {
		c, err := st.Claim(t.Context(), store.Lease{Max: most, For: time.Hour})
		if err != nil || len(c.Runs) != most {
			t.Fatalf("Claim of %d gave %d, error %v", most, len(c.Runs), err)
		}
		by := map[string]int{}
		for _, r := range c.Runs {
			by[r.Account]++
		}
		return by
	}
	same(t, "shares of 21, one shard having less than its", map[string]int{"acct_0": 10, "acct_1": 10, "acct_2": 1}, took(21))
	one := map[string]int{}
	for range 6 {
		for account, n := range took(1) {
			one[account] += n
		}
	}
	if one["acct_0"] == 0 || one["acct_1"] == 0 {
		t.Errorf("six claims of one gave %v, want some of both", one)
	}
	rest := took(34)
	same(t, "the rest", 34, rest["acct_0"]+rest["acct_1"])
	c, err := st.Claim(t.Context(), store.Lease{Max: 10, For: time.Hour})
	if err != nil || len(c.Runs) > 0 || c.Next == 0 {
		t.Errorf("Claim of nothing gave %d runs, Next %v, error %v", len(c.Runs), c.Next, err)
	}
}

func TestReplayOverAllAccountsMissesNone(t *testing.T) {
	st, _ := three(t)
	for n := range 10 {
		publish(t, st, entry(0, n), entry(2, n)) // none on the second
	}
	for _, size := range []int{1, 3, 10, 20, 100} {
		total, steps := 0, 0
		for after, done := int64(0), false; !done; steps++ {
			step, err := st.Replay(t.Context(), runs.Filter{}, after, size)
			if err != nil || steps > 100 {
				t.Fatalf("step %d: error %v", steps, err)
			}
			total, after, done = total+step.Runs, step.Last, step.Done
		}
		same(t, fmt.Sprintf("replayed by steps of %d", size), 20, total)
	}
}

// A mark, a cursor and a sequence number are of the shards, not of the router that gave them.
func TestAnotherRouterGoesOn(t *testing.T) {
	st, shards := three(t)
	for account := range 3 {
		if _, err := st.Put(t.Context(), []automation.Automation{{ID: fmt.Sprint("auto_", account), Account: fmt.Sprint("acct_", account)}}); err != nil {
			t.Fatal(err)
		}
		publish(t, st, entry(account, 0), entry(account, 1))
	}
	c, err := st.Changes(t.Context(), "")
	if err != nil || len(c.Automations) != 3 {
		t.Fatalf("%d automations, error %v", len(c.Automations), err)
	}
	page, err := st.List(t.Context(), runs.Filter{}, "", 2)
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := st.Claim(t.Context(), store.Lease{Max: 6, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	other, err := route.New(shards, third)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Put(t.Context(), []automation.Automation{{ID: "auto_5", Account: "acct_5"}}); err != nil {
		t.Fatal(err)
	}
	c, err = other.Changes(t.Context(), c.Mark)
	if err != nil || len(c.Automations) != 1 || c.Automations[0].ID != "auto_5" {
		t.Errorf("changes since the mark: %+v, error %v; want auto_5", c.Automations, err)
	}
	page, err = other.List(t.Context(), runs.Filter{}, page.Next, 2)
	if err != nil || len(page.Runs) != 2 || page.Runs[0].Account != "acct_1" {
		t.Errorf("the second page has %q, error %v", ids(page.Runs), err)
	}
	var outcomes []store.Outcome
	for _, r := range claimed.Runs {
		outcomes = append(outcomes, store.Outcome{Automation: r.Automation, Result: runs.GiveBack(r, 0)})
	}
	if settled, err := other.Settle(t.Context(), outcomes); err != nil || settled.Stale > 0 || len(settled.Left) > 0 {
		t.Errorf("Settle: %+v, error %v", settled, err)
	}
	two, err := route.New(shards[:2], func(string) int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.Changes(t.Context(), c.Mark); err == nil {
		t.Error("a mark of three shards was read by a router of two")
	}
	if _, err := two.List(t.Context(), runs.Filter{}, page.Next, 2); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a cursor of three shards gave %v by a router of two, want %v", err, store.ErrCursor)
	}
}

func TestFunctionThatNamesNoShardIsReported(t *testing.T) {
	st := routed(t, []store.Store{memory.New()}, func(string) int { return 1 })
	_, err1 := st.Publish(t.Context(), []store.Entry{entry(0, 0)})
	_, err2 := st.Get(t.Context(), "acct_0", "run_0_000")
	if err1 == nil || err2 == nil {
		t.Errorf("Publish and Get gave %v, %v", err1, err2)
	}
	if _, err := route.New(nil, third); err == nil {
		t.Error("a store of no shards was made")
	}
}
