package storetest

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

func healthClaims() []claim {
	return []claim{
		{"what a result leaves behind is read with the automation", healthKept},
		{"a result without it changes nothing", healthUnchanged},
		{"the last in a call counts", healthLast},
		{"a zero one clears it", healthCleared},
		{"a result of a lost lease writes none", healthStale},
		{"it lives beside a hold", healthHeld},
		{"saving the automation begins it anew, a conflict does not", healthSaved},
		{"deleting the automation forgets it", healthDeleted},
	}
}

func sick(failedRuns int) *runs.Health {
	return &runs.Health{FailingSince: begin.Add(-36 * time.Hour), FailedRuns: failedRuns}
}

// healthIs reports if automations are of another health than this, by id.
func (b *bed) healthIs(want map[string]runs.Health) {
	b.Helper()
	b.same("health", want, b.changes(0).Health)
}

// ill saves two automations and settles one run of each, which leaves this health behind.
func (b *bed) ill(first, second *runs.Health) {
	b.Helper()
	b.put(sample(lane), sample("auto_2"))
	b.publish(append(entries("run_a"), entriesOf("auto_2", "run_b")...)...)
	got := b.claim(2)
	one, two := failed(got[0]), failed(got[1])
	one.Health, two.Health = first, second
	b.settle(0, one, two)
}

func healthKept(b *bed) {
	b.ill(sick(3), &runs.Health{FailingSince: begin})
	b.healthIs(map[string]runs.Health{lane: *sick(3), "auto_2": {FailingSince: begin}})
}

func healthUnchanged(b *bed) {
	b.ill(sick(3), nil)
	b.settle(0, failed(b.begun("run_c")[0]))
	b.healthIs(map[string]runs.Health{lane: *sick(3)})
}

func healthLast(b *bed) {
	b.put(sample(lane))
	results := each(b.begun("run_a", "run_b", "run_c"), failed)
	results[0].Health, results[1].Health = sick(1), sick(2)
	b.settle(0, results...)
	b.healthIs(map[string]runs.Health{lane: *sick(2)})
}

func healthCleared(b *bed) {
	b.ill(sick(3), sick(1))
	res := succeeded(b.begun("run_c")[0])
	res.Health = &runs.Health{}
	b.settle(0, res)
	b.healthIs(map[string]runs.Health{"auto_2": *sick(1)})
}

func healthStale(b *bed) {
	b.ill(sick(3), nil)
	lost := b.begun("run_c")[0]
	b.clock.move(lease)
	b.gets("when the lease has passed", "run_c")
	res := succeeded(lost)
	res.Health = &runs.Health{}
	b.settle(1, res)
	b.healthIs(map[string]runs.Health{lane: *sick(3)})
}

func healthHeld(b *bed) {
	b.hold(lane, runs.HoldBusy)
	b.put(sample(lane))
	e := entry("run_a")
	e.Lease = lease
	res := again(b.publish(e)[0], 0)
	res.Health = sick(0)
	b.settle(0, res)
	b.same("hold", runs.HoldBusy, b.get("run_a").Held)
	b.release(lane, 10)
	b.healthIs(map[string]runs.Health{lane: *sick(0)})
	b.hold(lane, runs.HoldDisabled)
	b.healthIs(map[string]runs.Health{lane: *sick(0)})
}

func healthSaved(b *bed) {
	b.ill(sick(3), sick(1))
	b.conflicts("two automations that are old", sample(lane), sample("auto_2"))
	b.healthIs(map[string]runs.Health{lane: *sick(3), "auto_2": *sick(1)})
	b.hold(lane, runs.HoldBusy)
	b.put(b.changes(0).Automations[0])
	b.healthIs(map[string]runs.Health{"auto_2": *sick(1)})
	b.same("automations held as busy", []string{lane}, b.claimed(0).Held)
}

func healthDeleted(b *bed) {
	b.ill(sick(3), sick(1))
	since := b.changes(0).Version
	b.must("Delete", b.Delete(b.Context(), account, []string{lane}))
	b.healthIs(map[string]runs.Health{"auto_2": *sick(1)})
	b.same("health of what was deleted", 0, len(b.changes(since).Health))
}
