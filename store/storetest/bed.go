package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
	clock *clock
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
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		b.Errorf("%s (-want +got):\n%s", what, diff)
	}
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
	got := b.claim(len(ids))
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

// settle settles results and reports if another number of them than want was stale.
func (b *bed) settle(want int, results ...runs.Result) {
	b.Helper()
	stale, err := b.Settle(b.Context(), results)
	b.must("Settle", err)
	if stale != want {
		b.Errorf("Settle of %d results counted %d stale ones, want %d", len(results), stale, want)
	}
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
	got := b.claim(len(want) + 10)
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

// prune reports if another number of runs than want was removed.
func (b *bed) prune(want int, age time.Duration, max int) {
	b.Helper()
	got, err := b.Prune(b.Context(), age, max)
	b.must("Prune", err)
	if got != want {
		b.Errorf("Prune(age %v, max %d) removed %d runs, want %d", age, max, got, want)
	}
}

func (b *bed) changes(since int64) store.Changes {
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
