package storetest

import (
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC N1, ATTACKS 28.
func outboxClaims() []claim {
	return []claim{
		{"an empty one gives nothing and says to wait an hour", outboxEmpty},
		{"a change is told as the outcome that caused it says", outboxTells},
		{"there is one of an automation and change, the latest, with a count", outboxFolds},
		{"a leased one is nobody else's until the lease has passed", outboxLeases},
		{"what was told is gone", outboxTold},
		{"what comes while it is quiet is folded, and due afterwards", outboxQuiet},
		{"one change is no reason to be quiet about another", outboxQuietApart},
		{"what comes while one is leased is not lost", outboxBeside},
		{"the holder of a lost lease settles nothing", outboxStale},
		{"at most as many as asked for are leased, all in the end", outboxMax},
		{"claimers at once never share one", outboxAtOnce},
		{"a claim of runs tells when the next is due", outboxClaimed},
	}
}

// wavers lets an automation fail and recover n times, a second apart, and returns the runs that failed.
func (b *bed) wavers(id string, n int) (failures []runs.Run) {
	b.Helper()
	for range n {
		r := b.leased(id, 1)[0]
		failures = append(failures, r)
		b.clock.move(time.Second)
		b.settle(0, b.judged(failed(r), fiveDays()))
		b.ends(id, fiveDays(), succeeded)
	}
	return failures
}

// noticesOf leases notices and returns them and the time until the next is due.
func (b *bed) noticesOf(max int) ([]store.Notice, time.Duration) {
	b.Helper()
	due, next, err := b.ClaimNotices(b.Context(), store.Lease{Max: max, For: lease})
	b.must("ClaimNotices", err)
	return due, next
}

func (b *bed) tell(quiet time.Duration, told ...store.Notice) {
	b.Helper()
	b.must("SettleNotices", b.SettleNotices(b.Context(), told, quiet))
}

// sameNotice reports if a notice tells something else, whatever its fence.
func (b *bed) sameNotice(what string, want, got store.Notice) {
	b.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(store.Notice{}, "Fence")); diff != "" {
		b.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func outboxEmpty(b *bed) {
	due, next := b.noticesOf(10)
	b.same("notices of an empty store", []any{0, time.Hour}, []any{len(due), next})
	b.tell(time.Hour)
	b.put(active(lane))
	b.ends(lane, fiveDays(), troubled, succeeded)
	due, next = b.noticesOf(10)
	b.same("notices of nothing that people are told of", []any{0, time.Hour}, []any{len(due), next})
}

func outboxTells(b *bed) {
	b.put(active(lane))
	r := b.leased(lane, 1)[0]
	o := b.judged(outcome(r, runs.Failed, 410), fiveDays())
	o.Attempt.Detail = "answered 410 \x00 \u2028 <b>Ä"
	b.settle(0, o)
	got := b.notices("of an answer of 410", map[automation.Change]int{automation.Disabling: 1})
	b.sameNotice("notice", store.Notice{Count: 1, Transition: automation.Transition{
		Automation: lane, Change: automation.Disabling, Reason: automation.ByGone, Run: r.ID, At: b.clock.read(),
		StatusCode: 410, Class: runs.ClassGone, Detail: o.Attempt.Detail,
	}}, got[0])
}

func outboxFolds(b *bed) {
	b.put(active(lane), active("auto_2"))
	last := b.wavers(lane, 3)[2]
	b.wavers("auto_2", 1)
	due, _ := b.noticesOf(10)
	counts := map[string]int{}
	for _, n := range due {
		counts[n.Automation+" "+string(n.Change)] = n.Count
		if n.Automation == lane && n.Change == automation.Failing {
			b.same("run of the notice that three were folded into", last.ID, n.Run)
		}
	}
	b.same("counts", map[string]int{"auto_1 failing": 3, "auto_1 recovered": 3, "auto_2 failing": 1, "auto_2 recovered": 1}, counts)
	b.same("notices", 4, len(due))
}

func outboxLeases(b *bed) {
	b.put(active(lane))
	b.ends(lane, fiveDays(), failed)
	first := b.notices("at first", map[automation.Change]int{automation.Failing: 1})[0]
	b.clock.move(lease - time.Microsecond)
	due, next := b.noticesOf(10)
	b.same("notices while the lease lasts", []any{0, time.Microsecond}, []any{len(due), next})
	b.clock.move(time.Microsecond)
	second := b.notices("when the lease has passed", map[automation.Change]int{automation.Failing: 1})[0]
	b.sameNotice("notice leased again", first, second)
	if second.Fence <= first.Fence {
		b.Errorf("leased again with fence %d, want one above %d", second.Fence, first.Fence)
	}
}

func outboxTold(b *bed) {
	b.put(active(lane))
	b.ends(lane, fiveDays(), failed)
	b.tell(time.Hour, b.notices("at first", map[automation.Change]int{automation.Failing: 1})...)
	for range 3 {
		due, next := b.noticesOf(10)
		b.same("notices after it was told", []any{0, time.Hour}, []any{len(due), next})
		b.clock.move(time.Hour)
	}
}

func outboxQuiet(b *bed) {
	b.put(active(lane))
	b.wavers(lane, 1)
	both := map[automation.Change]int{automation.Failing: 1, automation.Recovered: 1}
	b.tell(time.Hour, b.notices("at first", both)...)
	b.clock.move(10 * time.Minute)
	b.wavers(lane, 4) // four seconds
	due, next := b.noticesOf(10)
	b.same("notices while it is quiet", []any{0, 50*time.Minute - 4*time.Second}, []any{len(due), next})
	b.clock.move(next - time.Microsecond)
	b.noNotice("a microsecond before that ends")
	b.clock.move(time.Microsecond)
	both[automation.Failing], both[automation.Recovered] = 4, 4
	b.tell(time.Hour, b.notices("when that ends", both)...)
	b.clock.move(3 * time.Hour)
	b.wavers(lane, 1)
	both[automation.Failing], both[automation.Recovered] = 1, 1
	b.notices("long after", both)
}

func outboxQuietApart(b *bed) {
	b.put(active(lane), active("auto_2"))
	b.ends(lane, fiveDays(), failed)
	b.tell(time.Hour, b.notices("at first", map[automation.Change]int{automation.Failing: 1})...)
	b.ends(lane, fiveDays(), succeeded)
	b.ends("auto_2", fiveDays(), failed)
	b.notices("of another change and another automation", map[automation.Change]int{automation.Recovered: 1, automation.Failing: 1})
}

func outboxBeside(b *bed) {
	b.put(active(lane))
	b.wavers(lane, 1)
	both := map[automation.Change]int{automation.Failing: 1, automation.Recovered: 1}
	told := b.notices("at first", both)
	last := b.wavers(lane, 2)[1]
	b.noNotice("beside one that is leased")
	b.tell(time.Minute, told...)
	b.noNotice("while it is quiet")
	b.clock.move(time.Minute)
	both[automation.Failing], both[automation.Recovered] = 2, 2
	for _, n := range b.notices("that came beside one that was leased", both) {
		if n.Change == automation.Failing {
			b.same("run of the notice", last.ID, n.Run)
		}
	}
}

func outboxStale(b *bed) {
	b.put(active(lane))
	b.ends(lane, fiveDays(), failed)
	one := map[automation.Change]int{automation.Failing: 1}
	lost := b.notices("at first", one)
	b.clock.move(lease)
	now := b.notices("when the lease has passed", one)
	b.tell(0, lost...)
	unknown := now[0]
	unknown.Automation = "auto_none"
	b.tell(0, unknown)
	b.clock.move(lease)
	now = b.notices("after the holder of the lost lease had told it", one)
	b.tell(0, now...)
	b.tell(0, now...)
	b.clock.move(lease)
	b.noNotice("after it was told")
}

func outboxMax(b *bed) {
	ids := numbered("auto", 7)
	for _, id := range ids {
		b.put(active(id))
		b.ends(id, fiveDays(), failed)
		b.clock.move(time.Millisecond)
	}
	seen := map[string]bool{}
	for _, want := range []int{0, 3, 3, 1, 0} {
		due, next := b.noticesOf(min(3, 3*len(seen)+want)) // none at first
		b.same("notices", want, len(due))
		b.same("whether more are due", len(seen)+want < len(ids), next == 0)
		for _, n := range due {
			seen[n.Automation] = true
		}
	}
	b.same("automations told of", len(ids), len(seen))
}

func outboxAtOnce(b *bed) {
	for _, id := range numbered("auto", 40) {
		b.put(active(id))
		b.ends(id, fiveDays(), failed)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	times := map[string]int{}
	for range 8 {
		wg.Go(func() {
			for range 8 {
				due, _, err := b.ClaimNotices(b.Context(), store.Lease{Max: 3, For: lease})
				if err == nil {
					err = b.SettleNotices(b.Context(), due, time.Hour)
				}
				if err != nil {
					b.Errorf("beside others: %v", err)
				}
				mu.Lock()
				for _, n := range due {
					times[n.Automation]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range times {
		if n != 1 {
			b.Errorf("the notice of %s was leased %d times within one lease", id, n)
		}
	}
	b.same("notices leased", 40, len(times))
}

func outboxClaimed(b *bed) {
	b.same("until the next notice, as a claim of runs tells", time.Hour, b.claimed(1).Notices)
	b.put(active(lane))
	b.wavers(lane, 1)
	b.same("until the next notice after a change", time.Duration(0), b.claimed(1).Notices)
	due, _ := b.noticesOf(10)
	b.same("until the next notice when all are leased", lease, b.claimed(1).Notices)
	b.tell(time.Minute, due...)
	b.same("until the next notice when all were told", time.Hour, b.claimed(1).Notices)
}
