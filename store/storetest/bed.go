package storetest

import (
	"cmp"
	"reflect"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// lease is how long the proofs claim for, where it does not matter.
const lease = time.Minute

// bed is what a proof stands on: a store of its own, and verbs that end the proof where the store fails.
type bed struct {
	*testing.T
	store.Store
	clock  *clock
	serial int // of the runs that the proof had no name for
}

func (b *bed) must(what string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", what, err)
	}
}

// same reports where got differs from want, as far as a reader of the two can tell: nil and empty are the same.
func (b *bed) same(what string, want, got any) {
	b.Helper()
	if diff := difference(want, got); diff != "" {
		b.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// difference tells where two values differ, nil and empty being the same. Most do not differ at all, which [reflect.DeepEqual]
// finds in a small part of the time.
func difference(x, y any) string {
	if reflect.DeepEqual(x, y) {
		return ""
	}
	return gocmp.Diff(x, y, cmpopts.EquateEmpty())
}

func (b *bed) publish(entries ...store.Entry) []runs.Run {
	b.Helper()
	created, err := b.Publish(b.Context(), entries)
	b.must("Publish", err)
	return created
}

// begun publishes runs of these ids and claims them.
func (b *bed) begun(ids ...string) []runs.Run {
	b.Helper()
	b.publish(entries(ids...)...)
	got, _ := b.take(len(ids))
	if len(got) != len(ids) {
		b.Fatalf("Claim gave %q, want the %d runs that were just published", idsOf(got), len(ids))
	}
	return got
}

func (b *bed) claim(max int) []runs.Run {
	b.Helper()
	return b.claimed(max).Runs
}

func (b *bed) claimed(max int) store.Claimed {
	b.Helper()
	c, err := b.Claim(b.Context(), store.Lease{Max: max, For: lease})
	b.must("Claim", err)
	return c
}

// take claims until it has got as many runs as it may, or no more are due, and returns them in order of creation, and the
// lanes that held runs may then be let out of.
func (b *bed) take(max int) ([]runs.Run, []store.Lane) {
	b.Helper()
	var got []runs.Run
	for range 1000 {
		c := b.claimed(max - len(got))
		got = append(got, c.Runs...)
		if len(got) >= max || c.Next > 0 {
			slices.SortFunc(got, func(a, b runs.Run) int { return cmp.Compare(a.Seq, b.Seq) })
			return got, c.Held
		}
	}
	b.Fatal("Claim says that more may be due, and gives less than it may, a thousand times")
	return nil, nil
}

// settle settles outcomes and reports if another number of them than want was stale.
func (b *bed) settle(want int, outcomes ...store.Outcome) []store.Verdict {
	b.Helper()
	settled, err := b.Settle(b.Context(), outcomes)
	b.must("Settle", err)
	if settled.Stale != want {
		b.Errorf("Settle of %d outcomes counted %d stale ones, want %d", len(outcomes), settled.Stale, want)
	}
	return settled.Verdicts
}

func (b *bed) flow(flows ...store.Flow) {
	b.Helper()
	b.must("Flow", b.Flow(b.Context(), flows))
}

func (b *bed) hold(automation string, why runs.Hold) {
	b.Helper()
	b.flow(store.Flow{Automation: automation, Hold: why})
}

func (b *bed) release(automation string, n int) {
	b.Helper()
	b.flow(store.Flow{Automation: automation, Release: n})
}

func (b *bed) get(id string) runs.Run {
	b.Helper()
	r, err := b.Get(b.Context(), account, id)
	b.must("Get", err)
	return r
}

// list returns all that f selects, by pages of this size.
func (b *bed) list(f runs.Filter, size int) []runs.Run {
	b.Helper()
	all, err := listAll(b.Context(), b.Store, f, size)
	b.must("List", err)
	return all
}

// holds reports if the store holds other runs than these, newest first.
func (b *bed) holds(want ...string) {
	b.Helper()
	b.same("ids of all runs, newest first", want, idsOf(b.list(runs.Filter{}, 100)))
}

// gets claims what is due, and ends the proof if it is not these, in order of creation.
func (b *bed) gets(what string, want ...string) []runs.Run {
	b.Helper()
	got, _ := b.take(len(want) + 10)
	if !slices.Equal(want, idsOf(got)) {
		b.Fatalf("%s: Claim gave %q, want %q", what, idsOf(got), want)
	}
	return got
}

func (b *bed) replay(f runs.Filter, after int64, max int) store.Replayed {
	b.Helper()
	done, err := b.Replay(b.Context(), f, after, max)
	b.must("Replay", err)
	return done
}

// prune looks at the oldest runs, and reports if another number of them than want was removed.
func (b *bed) prune(want int, age time.Duration, max int) {
	b.Helper()
	if got := b.pruned(account, age, 0, max); got.Runs != want {
		b.Errorf("Prune(age %v, max %d) removed %d runs, want %d", age, max, got.Runs, want)
	}
}

func (b *bed) pruned(account string, age time.Duration, after int64, max int) store.Pruned {
	b.Helper()
	done, err := b.Prune(b.Context(), account, age, after, max)
	b.must("Prune", err)
	return done
}

func (b *bed) erase(e runs.Erasure, after int64, max int) store.Erased {
	b.Helper()
	done, err := b.Erase(b.Context(), e, after, max)
	b.must("Erase", err)
	return done
}

func (b *bed) changes(since store.Mark) store.Changes {
	b.Helper()
	c, err := b.Changes(b.Context(), since)
	b.must("Changes", err)
	return c
}

func idsOf(list []runs.Run) []string {
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ID
	}
	return ids
}
