package storetest

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC R4.
func pruneClaims() []claim {
	return []claim{
		{"runs that ended are removed once they are older than the age", pruneOld},
		{"a run exactly as old as the age stays", pruneExact},
		{"waiting runs stay, however old", pruneWaiting},
		{"it goes in steps over an account's old runs, oldest first, and says how far it came", pruneSteps},
		{"a step of none does nothing", pruneNone},
		{"of one account alone", pruneAccount},
		{"accounts that have runs are listed, in order and in pages", accountsListed},
		{"keys that ended are removed once that is longer ago than the age, and older tests forgotten", pruneKeys},
		{"keys of the account's automations that are named alone", pruneKeysOwn},
		{"a removed run leaves nothing to one that is made with its id", pruneLeavesNothing},
	}
}

func pruneOld(b *bed) {
	got := b.begun("run_a", "run_b")
	b.settle(0, succeeded(got[0]), failed(got[1]))
	b.clock.move(time.Hour)
	b.settle(0, succeeded(b.begun("run_c")[0]))
	b.prune(0, 2*time.Hour, 10)
	b.clock.move(time.Minute)
	b.prune(2, time.Hour, 10)
	b.holds("run_c")
	b.prune(0, time.Hour, 10)
	b.clock.move(14 * 24 * time.Hour)
	b.prune(1, 14*24*time.Hour, 10)
	b.holds()
}

func pruneExact(b *bed) {
	b.settle(0, succeeded(b.begun("run_a")[0]))
	b.clock.move(time.Hour)
	b.prune(0, time.Hour, 10)
	b.clock.move(time.Microsecond)
	b.prune(1, time.Hour, 10)
}

func pruneWaiting(b *bed) {
	got := b.begun("run_lost", "run_retry", "run_done")
	b.settle(0, again(got[1], 1000*time.Hour), succeeded(got[2]))
	b.hold("auto_2", runs.HoldDisabled)
	b.publish(entriesOf("auto_2", "run_held")...)
	late, leased := entry("run_late"), entry("run_leased")
	late.Delay, leased.Lease = 1000*time.Hour, 1000*time.Hour
	b.publish(late, leased)
	b.clock.move(500 * time.Hour)
	b.prune(1, time.Hour, 10)
	b.holds("run_leased", "run_late", "run_held", "run_retry", "run_lost")
}

func pruneSteps(b *bed) {
	ids := numbered("run", 10)
	var seqs []int64
	for i, id := range ids {
		r := b.begun(id)[0]
		seqs = append(seqs, r.Seq)
		if i != 3 {
			b.settle(0, succeeded(r))
		}
		b.clock.move(time.Second)
	}
	var after int64
	for _, want := range []store.Pruned{
		{Runs: 4, Last: seqs[4]},
		{Runs: 4, Last: seqs[8], Done: true}, // the last one is too young
		{Last: seqs[8], Done: true},
	} {
		step := b.pruned(account, time.Second, after, 5)
		b.same("step", want, step)
		after = step.Last
	}
	b.holds(ids[9], ids[3])
	b.same("step that is exactly full and the last", store.Pruned{Runs: 1, Last: seqs[9], Done: true}, b.pruned(account, 0, seqs[3], 1))
	b.holds(ids[3])
}

func pruneNone(b *bed) {
	b.same("pruned of an empty store", store.Pruned{Last: 7, Done: true}, b.pruned(account, 0, 7, 10))
	b.settle(0, succeeded(b.begun("run_a")[0]))
	b.same("step that finds none old enough", store.Pruned{Done: true}, b.pruned(account, time.Hour, 0, 0))
	b.clock.move(time.Second)
	for _, max := range []int{0, -1, -2} {
		b.same("step", store.Pruned{}, b.pruned(account, 0, 0, max))
	}
	b.holds("run_a")
}

func pruneAccount(b *bed) {
	for _, own := range []string{"acct_1", "acct_2", "acct_12"} {
		e := entry("run_" + own)
		e.Run.Account = own
		b.publish(e)
	}
	b.settle(0, each(b.claim(3), succeeded)...)
	b.clock.move(time.Hour)
	b.same("runs pruned of an account without any", 0, b.pruned("acct", 0, 0, 10).Runs)
	b.same("runs pruned", 1, b.pruned("acct_1", 0, 0, 10).Runs)
	b.holds("run_acct_12", "run_acct_2")
}

func accountsListed(b *bed) {
	listed := func(after string, max int) []string {
		list, err := b.Accounts(b.Context(), after, max)
		b.must("Accounts", err)
		return list
	}
	b.same("accounts of an empty store", []string(nil), listed("", 10))
	all := []string{"B", "a", "aa", "b", "\u00e9", "\U0001F600"}
	for i, own := range []string{"b", "a", "\U0001F600", "b", "aa", "B", "\u00e9", "a"} {
		e := entry(string(rune('0' + i)))
		e.Run.Account = own
		b.publish(e)
	}
	b.same("all accounts", all, listed("", 10))
	b.same("first page", all[:4], listed("", 4))
	b.same("second page", all[4:], listed(all[3], 4))
	b.same("page after a name that is none", all[3:4], listed("ab", 1))
	b.same("page after the last", []string(nil), listed(all[5], 4))
	b.same("page of none", []string(nil), append(listed("", 0), listed("", -1)...))
	b.erase(runs.Erasure{Account: "aa"}, 0, 10)
	b.same("accounts once one has no runs", []string{"B", "a", "b"}, listed("", 3))
}

func pruneLeavesNothing(b *bed) {
	old := b.begun("run_a")[0]
	b.settle(0, failed(old))
	b.clock.move(time.Hour)
	b.prune(1, time.Minute, 1)
	e := entry("run_a")
	e.Run.Message = []byte("new")
	b.same("ids created", []string{"run_a"}, idsOf(b.publish(e)))
	want := born(e, b.clock.read())
	got := b.get("run_a")
	want.Seq = got.Seq
	b.same("run made anew", want, got)
	if got.Seq <= old.Seq {
		b.Errorf("a new run has sequence number %d, want one above %d, which a removed one had", got.Seq, old.Seq)
	}
}

func (b *bed) pruneKeys(want int, age time.Duration, automations ...string) {
	b.Helper()
	n, err := b.PruneKeys(b.Context(), account, automations, age)
	b.must("PruneKeys", err)
	b.same("keys pruned", want, n)
}

// SPEC I6, R4.
func pruneKeys(b *bed) {
	b.put(sample(lane))
	keys := b.putKeys(key("key_both"), key("key_ended"), key("key_good"), key("key_later"))
	soon, late := time.Minute, 3*time.Hour
	b.mark(
		store.KeyMark{Account: account, ID: "key_good", Used: true, Test: []byte("canary")},
		store.KeyMark{Account: account, ID: "key_both", End: &soon, Test: []byte("canary")},
		store.KeyMark{Account: account, ID: "key_ended", End: &soon},
		store.KeyMark{Account: account, ID: "key_later", End: &late},
	)
	both, ended, good, later := keys[0], keys[1], keys[2], keys[3]
	both.EndsAt, ended.EndsAt = both.CreatedAt.Add(soon), ended.CreatedAt.Add(soon)
	good.UsedAt, later.EndsAt = b.clock.read(), b.clock.read().Add(late)
	b.clock.move(time.Hour)
	b.pruneKeys(0, time.Hour, lane)
	b.clock.move(time.Microsecond)
	b.pruneKeys(2, time.Hour, lane) // one of them has ended, not as long ago
	b.keysAre("after tests were forgotten", both, ended, good, later)
	b.clock.move(soon)
	b.pruneKeys(2, time.Hour, lane)
	b.keysAre("after two had ended long ago", good, later)
	b.clock.move(1000 * time.Hour)
	b.pruneKeys(1, 0, lane)
	b.keysAre("one that has no end", good)
	b.putKeys(key("key_ended"))
}

func pruneKeysOwn(b *bed) {
	b.put(sample(lane), sample("auto_2"))
	keys := b.putKeys(key("key_a"), keyOf(account, "auto_2", "key_b"))
	at := b.clock.read()
	for _, k := range keys {
		b.mark(store.KeyMark{Account: account, ID: k.ID, Test: []byte("kept")})
	}
	b.clock.move(time.Hour)
	b.pruneKeys(0, 0)
	b.pruneKeys(0, 0, "auto_3", "")
	n, err := b.PruneKeys(b.Context(), "acct_2", []string{lane, "auto_2"}, 0)
	b.must("PruneKeys", err)
	b.same("keys pruned of another account", 0, n)
	keys[0].Test, keys[0].TestedAt = []byte("kept"), at
	b.keysAre("that nobody named", keys[0])
	b.pruneKeys(1, 0, "auto_2", "auto_3")
	b.keysAre("when others were named", keys[0])
	b.same("keys of the other", keys[1:], b.keysOf(account, "auto_2"))
}
