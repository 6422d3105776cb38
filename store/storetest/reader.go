package storetest

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func readerClaims() []claim {
	return []claim{
		{"a list is newest first and has all but messages and attempts", listAsRead},
		{"pages join without gap or overlap, and the last has no next", listPages},
		{"a page after a cursor stays the same while runs are published and pruned", listStable},
		{"a list of none is empty", listNone},
		{"who asks for as many as can be counted gets all at once", listWhole},
		{"a cursor that was altered or cut is refused", cursorAltered},
		{"a cursor of another filter is refused", cursorForeign},
		{"a run of another account is not found", getForeign},
		{"a run that is read while it is settled is as before or as after", getMeanwhile},
		{"counts are by status", countByStatus},
	}
}

func listWhole(b *bed) {
	b.put(active(lane))
	b.ends(lane, fiveDays(), failed)
	b.publish(entries("run_a", "run_b")...)
	page, err := b.List(b.Context(), runs.Filter{}, "", math.MaxInt)
	b.must("List", err)
	b.same("runs of the page", []any{3, ""}, []any{len(page.Runs), page.Next})
	b.same("runs replayed", 3, b.replay(runs.Filter{}, 0, math.MaxInt).Runs)
	b.settle(0, each(b.claim(math.MaxInt), succeeded)...)
	due, _ := b.noticesOf(math.MaxInt)
	b.same("notices", 1, len(due))
	accounts, err := b.Accounts(b.Context(), "", math.MaxInt)
	b.must("Accounts", err)
	b.same("accounts", []string{account}, accounts)
	b.clock.move(time.Hour)
	b.publish(entry("run_c"))
	b.prune(3, time.Minute, math.MaxInt)
	b.same("runs erased", 1, b.erase(runs.Erasure{Account: account}, 0, math.MaxInt).Runs)
}

func getMeanwhile(b *bed) {
	ids := numbered("run", 50)
	got := b.begun(ids...)
	settled := make(chan error, 1)
	go func() {
		var failed error
		for _, r := range got {
			_, err := b.Settle(b.Context(), []store.Outcome{succeeded(r)})
			failed = errors.Join(failed, err)
		}
		settled <- failed
	}()
	for _, id := range ids {
		r := b.get(id)
		for len(settled) == 0 && !r.Status.Ended() && len(r.Attempts) == 0 {
			r = b.get(id)
		}
		if r.Status.Ended() != (len(r.Attempts) == 1) {
			b.Errorf("%s is %s with %d attempts", id, r.Status, len(r.Attempts))
		}
	}
	b.must("Settle", <-settled)
}

func listAsRead(b *bed) {
	got := b.begun("run_a", "run_b", "run_c")
	b.settle(0, succeeded(got[0]), again(got[1], time.Hour))
	late := entry("run_d")
	late.Delay, late.Run.Respondent, late.Run.Warnings = time.Hour, runs.Respondent{Anonymous: true}, []string{"kept"}
	b.publish(late)
	var want []runs.Run
	for _, id := range []string{"run_d", "run_c", "run_b", "run_a"} {
		r := b.get(id)
		r.Message, r.Attempts = nil, nil
		want = append(want, r)
	}
	b.same("list", want, b.list(runs.Filter{}, 10))
}

func listPages(b *bed) {
	ids := numbered("run", 23)
	b.publish(entries(ids...)...)
	slices.Reverse(ids)
	for _, size := range []int{1, 2, 7, 22, 23, 24, 1000} {
		b.same("ids by pages", ids, idsOf(b.list(runs.Filter{Account: account}, size)))
	}
	page, err := b.List(b.Context(), runs.Filter{}, "", 23)
	b.must("List", err)
	b.same("cursor after a page that is exactly full and the last", "", page.Next)
}

func listStable(b *bed) {
	got := b.begun(numbered("run", 9)...)
	f := runs.Filter{Account: account}
	first, err := b.List(b.Context(), f, "", 3)
	b.must("List", err)
	second, err := b.List(b.Context(), f, first.Next, 3)
	b.must("List", err)
	b.settle(0, each(got[3:], succeeded)...)
	b.clock.move(time.Hour)
	b.publish(entries("run_x", "run_y")...)
	b.prune(6, time.Minute, 10)
	third, err := b.List(b.Context(), f, second.Next, 3)
	b.must("List", err)
	b.same("ids of the third page", []string{"run_00002", "run_00001", "run_00000"}, idsOf(third.Runs))
	b.same("cursor after the third page", "", third.Next)
}

func listNone(b *bed) {
	page, err := b.List(b.Context(), runs.Filter{}, "", 10)
	b.must("List", err)
	b.same("page of an empty store", runs.Page{}, page)
	b.publish(entry("run_a"))
	for _, max := range []int{0, -1, -2} {
		page, err := b.List(b.Context(), runs.Filter{}, "", max)
		b.must("List", err)
		b.same("page of at most none", runs.Page{}, page)
	}
}

// refused reports if the store takes a cursor of f.
func (b *bed) refused(what string, f runs.Filter, cursor string) {
	b.Helper()
	page, err := b.List(b.Context(), f, cursor, 10)
	if !errors.Is(err, store.ErrCursor) || len(page.Runs) > 0 {
		b.Errorf("List after %s (%q) gave %q and error %v, want none and store.ErrCursor", what, cursor, idsOf(page.Runs), err)
	}
}

func cursorAltered(b *bed) {
	b.publish(entries(numbered("run", 5)...)...)
	f := runs.Filter{Account: account}
	page, err := b.List(b.Context(), f, "", 2)
	b.must("List", err)
	if page.Next == "" {
		b.Fatal("a first page of two of five runs has no cursor")
	}
	for i := range len(page.Next) {
		altered := []byte(page.Next)
		altered[i] = 'A'
		if altered[i] == page.Next[i] {
			altered[i] = 'B'
		}
		b.refused("a cursor with another letter", f, string(altered))
		if i > 0 {
			b.refused("a cursor that was cut", f, page.Next[:i])
		}
	}
	for _, cursor := range []string{page.Next + "A", page.Next + " ", page.Next + page.Next, "1", "\x00", "%", "' or 1=1"} {
		b.refused("no cursor of a store's", f, cursor)
	}
}

func cursorForeign(b *bed) {
	b.publish(entries(numbered("run", 5)...)...)
	f := runs.Filter{Account: account}
	page, err := b.List(b.Context(), f, "", 2)
	b.must("List", err)
	for _, other := range []runs.Filter{
		{}, {Account: "acct_2"}, {Automation: account}, {Account: account, Automation: lane}, {Account: account, Person: "a"},
		{Account: account, Statuses: []runs.Status{runs.Scheduled}}, {Account: account, From: begin}, {Account: account, To: begin},
		{Account: account, EventType: "contact.tag.added"}, {Account: account, IDs: []string{"run_00001"}},
	} {
		b.refused("the cursor of another filter", other, page.Next)
	}
}

// ATTACKS 43: an id alone opens nothing.
func getForeign(b *bed) {
	b.publish(entry("run_a"))
	for _, at := range [][2]string{{"acct_2", "run_a"}, {"", "run_a"}, {account, "run_none"}, {account, ""}, {account, "run_%"}, {"acct__", "run_a"}} {
		r, err := b.Get(b.Context(), at[0], at[1])
		if !errors.Is(err, store.ErrNotFound) {
			b.Errorf("Get(%q, %q) gave run %q and error %v, want store.ErrNotFound", at[0], at[1], r.ID, err)
		}
	}
}

func countByStatus(b *bed) {
	counts := func(what string, want runs.Counts) {
		b.Helper()
		got, err := b.Count(b.Context(), runs.Filter{Account: account})
		b.must("Count", err)
		b.same("counts "+what, want, got)
	}
	counts("of an empty store", runs.Counts{})
	got := b.begun(numbered("run", 10)...)
	b.settle(0, succeeded(got[0]), succeeded(got[1]), failed(got[2]), again(got[3], 0))
	b.hold(lane, runs.HoldDisabled)
	b.publish(entry("run_held"))
	counts("while leases last", runs.Counts{runs.Succeeded: 2, runs.Failed: 1, runs.Scheduled: 2, runs.Running: 6})
	b.clock.move(lease)
	counts("once leases have passed", runs.Counts{runs.Succeeded: 2, runs.Failed: 1, runs.Scheduled: 8})
}
