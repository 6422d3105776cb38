package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC O10, O12.
func judgeClaims() []claim {
	return []claim{
		{"health is what Judge makes of the outcomes, in their order", judgeInOrder},
		{"an outcome without a rule changes no health", judgeNoRule},
		{"a stale outcome changes nothing at all", judgeStale},
		{"verdicts are in the order of outcomes, without those that had no rule or were stale", judgeVerdicts},
		{"a zero health is not told", judgeWell},
		{"saving the automation begins it anew, a conflict does not", judgeSaved},
		{"what people were told outlives a save", judgeTold},
		{"deleting the automation forgets it", judgeDeleted},
		{"an outcome that comes after the automation was deleted means nothing", judgeGone},
		{"the lane is held while the endpoint fails, and let out gently afterwards", judgeHolds},
		{"a lane with a rate lets nothing out sooner for it", judgeKeepsRate},
		{"a lane that is disabled or ordered stays as it is", judgeKeepsHold},
		{"an automation is disabled with reason and time, and its lane held", judgeDisables},
		{"it is disabled once, by whoever is first", judgeDisablesOnce},
		{"one that a person has disabled keeps that reason", judgeAlreadyDisabled},
		{"it goes on when it is enabled again", judgeEnabledAgain},
	}
}

// fiveDays is the rule by default.
func fiveDays() *automation.DisableRule { return &automation.DisableRule{} }

// judged returns o, of an attempt that was begun and answered right now, with a rule.
func (b *bed) judged(o store.Outcome, rule *automation.DisableRule) store.Outcome {
	a := *o.Attempt
	a.At, a.Duration = b.clock.read(), 0
	o.Attempt, o.Rule = &a, rule
	return o
}

// leased publishes n runs of an automation that are leased to the caller.
func (b *bed) leased(automation string, n int) []runs.Run {
	b.Helper()
	list := entriesOf(automation, numbered(fmt.Sprint("leased_", b.serial), n)...)
	b.serial++
	for i := range list {
		list[i].Lease = lease
	}
	return b.publish(list...)
}

// ends settles, in one call, a run of an automation for each outcome, by a rule.
func (b *bed) ends(automation string, rule *automation.DisableRule, of ...func(runs.Run) store.Outcome) []store.Verdict {
	b.Helper()
	outcomes := make([]store.Outcome, len(of))
	for i, r := range b.leased(automation, len(of)) {
		outcomes[i] = b.judged(of[i](r), rule)
	}
	return b.settle(0, outcomes...)
}

// troubled is a retry an hour later, for the endpoint's sake; gone an answer of 410.

func troubled(r runs.Run) store.Outcome { return again(r, time.Hour) }

func gone(r runs.Run) store.Outcome { return outcome(r, runs.Failed, 410) }

// healthIs reports if automations are of another health than this, by id.
func (b *bed) healthIs(want map[string]automation.Health) {
	b.Helper()
	b.same("health", want, b.changes("").Health)
}

func judgeInOrder(b *bed) {
	b.put(active(lane), active("auto_2"))
	var want automation.Health
	rule := automation.DisableRule{FailedRuns: 100}
	for _, batch := range [][]func(runs.Run) store.Outcome{
		{troubled, failed}, {failed}, {troubled, succeeded, troubled, troubled}, {failed, troubled}, {troubled, troubled, failed, troubled},
	} {
		outcomes := make([]store.Outcome, len(batch))
		var told []store.Verdict
		for i, r := range b.leased(lane, len(batch)) {
			outcomes[i] = b.judged(batch[i](r), &rule)
			v := rule.Judge(want, outcomes[i].Result)
			want = v.Health
			told = append(told, store.Verdict{Automation: lane, Verdict: v})
		}
		b.same("verdicts", told, b.settle(0, outcomes...))
		b.healthIs(map[string]automation.Health{lane: want})
		b.clock.move(time.Second)
	}
}

func judgeNoRule(b *bed) {
	b.put(active(lane))
	b.settle(0, each(b.leased(lane, 9), troubled)...)
	b.settle(0, gone(b.leased(lane, 1)[0]))
	b.healthIs(nil)
	b.same("whether it is enabled", true, b.changes("").Automations[0].Enabled())
	b.publish(entry("run_a"))
	b.heldAs("", "run_a")
	b.noNotice("of outcomes without a rule")
}

func judgeStale(b *bed) {
	b.put(active(lane))
	lost := b.begun(numbered("run", 6)...)
	b.clock.move(lease)
	now := b.gets("when the leases have passed", numbered("run", 6)...)
	before := b.changes("")
	outcomes := each(lost, troubled)
	outcomes[5] = gone(lost[5])
	for i := range outcomes {
		outcomes[i] = b.judged(outcomes[i], fiveDays())
	}
	b.same("verdicts on stale outcomes", 0, len(b.settle(6, outcomes...)))
	b.same("configuration after stale outcomes", before, b.changes(""))
	b.publish(entry("run_x"))
	b.heldAs("", "run_x")
	b.noNotice("of stale outcomes")
	b.settle(0, each(now, succeeded)...)
}

func judgeVerdicts(b *bed) {
	b.put(active("auto_1"), active("auto_2"), active("auto_3"))
	one, two, three := b.leased("auto_1", 3), b.leased("auto_2", 1), b.leased("auto_3", 1)
	stale := one[2]
	stale.Fence++
	got := b.settle(1, b.judged(failed(two[0]), fiveDays()), failed(three[0]), b.judged(failed(stale), fiveDays()),
		b.judged(failed(one[0]), fiveDays()), b.judged(succeeded(one[1]), fiveDays()))
	var told []string
	for _, v := range got {
		told = append(told, v.Automation+" "+string(v.Change))
	}
	b.same("verdicts", []string{"auto_2 failing", "auto_1 failing", "auto_1 recovered"}, told)
}

func judgeWell(b *bed) {
	b.put(active(lane), active("auto_2"))
	b.ends(lane, fiveDays(), succeeded)
	b.ends("auto_2", fiveDays(), failed)
	b.same("automations whose health is told", 1, len(b.changes("").Health))
	b.ends("auto_2", fiveDays(), succeeded)
	b.healthIs(nil)
}

func judgeSaved(b *bed) {
	a := b.put(active(lane))[0]
	b.ends(lane, fiveDays(), troubled, troubled)
	ill := b.changes("").Health
	b.same("automations that are ill", 1, len(ill))
	b.conflicts("an automation that is old", active(lane))
	b.healthIs(ill)
	b.put(a)
	b.healthIs(nil)
}

func judgeTold(b *bed) {
	a := b.put(active(lane))[0]
	b.ends(lane, fiveDays(), failed, failed)
	b.put(a)
	b.healthIs(map[string]automation.Health{lane: {Told: true}})
	b.same("change by another failure", automation.NoChange, b.ends(lane, fiveDays(), failed)[0].Change)
	b.same("change by a success", automation.Recovered, b.ends(lane, fiveDays(), succeeded)[0].Change)
}

func judgeDeleted(b *bed) {
	b.put(active(lane), active("auto_2"))
	b.ends(lane, fiveDays(), failed)
	since := b.changes("").Mark
	late := b.leased(lane, 1)[0]
	b.must("Delete", b.Delete(b.Context(), account, []string{lane}))
	b.healthIs(nil)
	b.same("health of what was deleted", 0, len(b.changes(since).Health))
	b.settle(0, b.judged(gone(late), fiveDays()))
	b.same("status", runs.Failed, b.get(late.ID).Status)
	b.same("automations after an outcome of a deleted one", 1, len(b.changes("").Automations))
	b.healthIs(nil)
}

func judgeGone(b *bed) {
	b.put(active(lane))
	list := b.leased(lane, 1)
	b.must("Delete", b.Delete(b.Context(), account, []string{lane}))
	o := b.judged(outcome(list[0], runs.Scheduled, 429), fiveDays())
	b.same("verdicts", []store.Verdict{{Automation: lane}}, b.settle(0, o))
	b.publish(entriesOf(lane, "run_late")...)
	b.gets("of a lane that is gone", list[0].ID, "run_late")
}

func judgeHolds(b *bed) {
	b.put(active(lane))
	b.ends(lane, fiveDays(), troubled, troubled, troubled, troubled, troubled)
	b.publish(entries("run_a", "run_b", "run_c")...)
	failing := func(what string, wait time.Duration) {
		b.Helper()
		b.lanes(what, store.Lane{Automation: lane, Hold: runs.HoldFailing, Wait: wait})
	}
	failing("after five failures", 5*time.Second)
	b.clock.move(5 * time.Second)
	failing("after the pause", 0)
	probe := b.only("after the pause", "run_a")
	b.settle(0, b.judged(troubled(probe[0]), fiveDays()))
	failing("after a probe that failed", 10*time.Second)
	b.clock.move(10 * time.Second)
	probe = b.only("after the second pause", "run_b")
	b.settle(0, b.judged(succeeded(probe[0]), fiveDays()))
	b.lanes("after a success", store.Lane{Automation: lane, Hold: runs.HoldSlow})
	b.publish(entry("run_d"))
	b.turns("after a success", "run_c", "run_d")
	b.release(lane, 1)
	b.publish(entries("run_e", "run_f")...)
	b.gets("when none is left", "run_e", "run_f")
}

func judgeKeepsRate(b *bed) {
	b.put(rated(active(lane)))
	b.publish(entries("run_a", "run_b", "run_c", "run_d")...)
	b.flow(store.Flow{Automation: lane, Release: 2, Pause: time.Minute})
	got := b.gets("once two were let out", "run_a", "run_b")
	waits := func(what string, hold runs.Hold, wait time.Duration) {
		b.Helper()
		b.lanes(what, store.Lane{Automation: lane, Hold: hold, Wait: wait})
	}
	ends := func(o store.Outcome) {
		b.Helper()
		o = b.judged(o, fiveDays())
		o.Every = time.Minute
		b.settle(0, o)
	}
	ends(outcome(got[0], runs.Failed, 429))
	waits("after an answer that asks for less", runs.HoldSlow, 2*time.Minute)
	b.clock.move(2 * time.Minute)
	ends(outcome(got[1], runs.Failed, 429))
	waits("after another", runs.HoldSlow, time.Minute)
	b.clock.move(time.Minute)
	ends(succeeded(b.only("after its minute", "run_c")[0]))
	waits("after a success", runs.HoldSlow, time.Minute)
	b.clock.move(time.Minute)
	b.only("after another minute", "run_d")
}

func judgeKeepsHold(b *bed) {
	ordered := active("auto_ordered")
	ordered.Limits.Ordered = true
	b.put(disabled(active("auto_disabled")), ordered)
	for id, want := range map[string]runs.Hold{"auto_disabled": runs.HoldDisabled, "auto_ordered": runs.HoldOrdered} {
		b.ends(id, fiveDays(), troubled, troubled, troubled, troubled, troubled)
		b.publish(entriesOf(id, "run_"+id)...)
		b.heldAs(want, "run_"+id)
		b.clock.move(time.Minute)
		b.ends(id, fiveDays(), succeeded)
		b.heldAs(want, "run_"+id)
	}
}

func judgeDisables(b *bed) {
	a := b.put(active(lane), active("auto_2"))[0]
	since := b.changes("").Mark
	out := b.leased(lane, 1)
	b.publish(entries("run_a")...)
	b.clock.move(time.Second)
	v := b.ends(lane, fiveDays(), gone)[0]
	b.same("verdict", []any{automation.Disabling, automation.ByGone}, []any{v.Change, v.Reason})
	list := b.changes(since).Automations
	if len(list) != 1 || list[0].Version <= a.Version {
		b.Fatalf("changes after it was disabled: %+v, want the automation in a version above %d", list, a.Version)
	}
	a.Disabled = &automation.Disabled{Reason: automation.ByGone, At: b.clock.read()}
	want := a
	want.Version, want.UpdatedAt = list[0].Version, list[0].UpdatedAt
	b.same("automation", want, list[0])
	b.conflicts("the version of before", a)
	b.gets("while it is disabled")
	b.publish(entry("run_b"))
	b.heldAs(runs.HoldDisabled, "run_a", "run_b")
	b.settle(0, succeeded(out[0]))
	b.publish(entriesOf("auto_2", "run_c")...)
	b.gets("of another", "run_c")
}

// notices ends the proof if other notices are due than of these changes, with their counts. It leases them.
func (b *bed) notices(what string, want map[automation.Change]int) []store.Notice {
	b.Helper()
	due, _, err := b.ClaimNotices(b.Context(), store.Lease{Max: 100, For: lease})
	b.must("ClaimNotices", err)
	got := map[automation.Change]int{}
	for _, n := range due {
		got[n.Change] += n.Count
	}
	if b.same("notices "+what, want, got); len(due) != len(want) {
		b.Fatalf("%d notices %s, want %d: %+v", len(due), what, len(want), due)
	}
	return due
}

func (b *bed) noNotice(what string) {
	b.Helper()
	b.notices(what, nil)
}

func judgeDisablesOnce(b *bed) {
	b.put(active(lane))
	version := b.changes("").Automations[0].Version
	batches := make([][]store.Outcome, 10)
	for i := range batches {
		for _, r := range b.leased(lane, 5) {
			batches[i] = append(batches[i], b.judged(gone(r), fiveDays()))
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	disabled := 0
	for _, outcomes := range batches {
		wg.Go(func() {
			settled, err := b.Settle(b.Context(), outcomes)
			if err != nil || len(settled.Verdicts) != len(outcomes) {
				b.Errorf("Settle beside others: %d verdicts, error %v", len(settled.Verdicts), err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, v := range settled.Verdicts {
				if v.Change == automation.Disabling {
					disabled++
				}
			}
		})
	}
	wg.Wait()
	b.same("outcomes that disabled it", 1, disabled)
	once := b.changes("")
	b.same("whether versions rose", true, once.Automations[0].Version > version)
	b.ends(lane, fiveDays(), gone, gone)
	b.same("configuration after more of the same", once.Automations, b.changes("").Automations)
	b.notices("that it was disabled", map[automation.Change]int{automation.Disabling: 1})
}

func judgeAlreadyDisabled(b *bed) {
	b.put(disabled(active(lane)))
	before := b.changes("").Automations
	v := b.ends(lane, fiveDays(), gone)
	b.same("change", automation.NoChange, v[0].Change)
	b.same("automations", before, b.changes("").Automations)
	b.noNotice("of one that was disabled already")
}

func judgeEnabledAgain(b *bed) {
	b.put(active(lane))
	b.ends(lane, fiveDays(), gone)
	b.publish(entries("run_a", "run_b")...)
	a := b.changes("").Automations[0]
	a.Disabled = nil
	b.put(a)
	b.healthIs(map[string]automation.Health{lane: {Told: true}})
	b.lanes("when it was enabled", store.Lane{Automation: lane, Hold: runs.HoldSlow})
	b.turns("when it was enabled", "run_a", "run_b")
	b.ends(lane, fiveDays(), gone)
	b.same("whether it is enabled", false, b.changes("").Automations[0].Enabled())
}
