package webhook

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// R4: ended runs are removed 14 days after they were created, others stay.
func TestEndedRunsAreSweptAfterTheirRetention(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.wants("contact.tag.added", hook)
		old := r.publishesOne(tagged(1))
		later := anAutomation(hook + "/later")
		later.Trigger = automation.Trigger{Types: []string{"contact.tag.removed"}}
		later.Actions[0].Delay = 30 * 24 * time.Hour
		r.save(later)
		waits := r.publishesOne(removed(1))
		r.pass(7 * 24 * time.Hour)
		young := r.publishesOne(tagged(2))
		r.pass(7*24*time.Hour - time.Minute)
		if r.get(old.ID).Status != runs.Succeeded {
			r.Error("a run was removed before its time")
		}
		r.pass(13 * time.Minute)
		if _, err := r.store.Get(context.Background(), account, old.ID); !errors.Is(err, store.ErrNotFound) {
			r.Errorf("a run of 14 days is still there: %v", err)
		}
		r.get(young.ID)
		if got := r.get(waits.ID).Status; got != runs.Scheduled {
			r.Errorf("a run that waits is %s", got)
		}
	})
}

// R4: each account's ended runs are kept for as long as the host says, the others for Retention.
func TestRetentionIsPerAccount(t *testing.T) {
	day := 24 * time.Hour
	keeps := map[string]time.Duration{"acct_1": 2 * day, "acct_2": 0, "acct_3": -1, "acct_4": 30 * day}
	o := longPoll
	o.Retention, o.RetentionOf = 7*day, func(account string) time.Duration { return keeps[account] }
	inBubble(t, o, func(r *rig) {
		for own := range keeps {
			a := anAutomation(hook)
			a.Account = own
			r.save(a)
			for n := range 450 {
				ev := tagged(n)
				ev.Account.ID = own
				r.publishes(ev)
			}
		}
		left := func() map[string]int {
			all := map[string]int{}
			for own := range keeps {
				counts, err := r.store.Count(context.Background(), runs.Filter{Account: own})
				if err != nil {
					r.Fatal(err)
				}
				if n := counts[runs.Succeeded]; n > 0 {
					all[own] = n
				}
			}
			return all
		}
		want := map[string]int{"acct_1": 450, "acct_2": 450, "acct_3": 450, "acct_4": 450}
		for _, phase := range []struct {
			after time.Duration
			gone  []string
		}{
			{2*day - time.Minute, nil},
			{13 * time.Minute, []string{"acct_1"}},
			{5*day - 14*time.Minute, nil},
			{15 * time.Minute, []string{"acct_2", "acct_3"}},
			{23*day - 15*time.Minute, nil},
			{15 * time.Minute, []string{"acct_4"}},
		} {
			r.pass(phase.after)
			for _, own := range phase.gone {
				delete(want, own)
			}
			if diff := cmp.Diff(want, left()); diff != "" {
				r.Errorf("runs left after %v (-want +got):\n%s", time.Since(r.begun), diff)
			}
		}
	})
}

// R4, I6: a key is kept for 14 days after its end, and remembers a test request for 14 days, also where there are no runs.
func TestKeysAreSweptAfterTheirRetention(t *testing.T) {
	inLobby(t, 0, func(l *lobby) {
		ctx := context.Background()
		issued := func() store.Key {
			keys, err := l.Keys(ctx, account, l.a.ID)
			if err != nil || len(keys) == 0 {
				l.Fatalf("keys %v, error %v", keys, err)
			}
			return keys[len(keys)-1]
		}
		old := issued()
		if _, _, err := l.RotateKey(ctx, account, l.a.ID, old.ID, 0); err != nil {
			l.Fatal(err)
		}
		mark := store.KeyMark{Account: account, ID: issued().ID, Test: []byte("ann@example.com")}
		if err := l.store.MarkKeys(ctx, []store.KeyMark{mark}); err != nil {
			l.Fatal(err)
		}
		for _, phase := range []struct {
			after           time.Duration
			kept, remembers int
		}{{14*24*time.Hour - time.Minute, 2, 1}, {12 * time.Minute, 1, 0}} {
			l.pass(phase.after)
			keys, err := l.Keys(ctx, account, l.a.ID)
			if err != nil {
				l.Fatal(err)
			}
			remembers := 0
			for _, k := range keys {
				remembers += len(k.Test) / len("ann@example.com")
			}
			if len(keys) != phase.kept || remembers != phase.remembers {
				l.Errorf("after %v there are %d keys, and %d tests: want %d and %d", time.Since(l.begun), len(keys), remembers, phase.kept, phase.remembers)
			}
		}
	})
}

// R4: one account's trouble does not keep the others' runs, and the store is asked again.
func TestSweepGoesOnAfterAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var well atomic.Bool
		st := &storetest.Faulty{Store: memory.New(), Fail: func(verb string, n int) storetest.Fault {
			if !well.Load() && (verb == "Prune" && n%2 == 1 || verb == "Accounts" && n == 1) {
				return storetest.Before
			}
			return storetest.NoFault
		}}
		o := longPoll
		o.Retention = time.Hour
		r := newRig(t, st, o)
		for n := range 250 { // of accounts: more than a page
			a := anAutomation(hook)
			a.Account = tagged(n).ID
			r.save(a)
			ev := tagged(n)
			ev.Account.ID = a.Account
			r.publishes(ev)
		}
		r.start()
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 250})
		r.pass(time.Hour - 30*time.Second)
		r.countsAre(runs.Counts{runs.Succeeded: 250})
		r.pass(10 * time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 125})
		well.Store(true)
		r.pass(10 * time.Minute)
		r.countsAre(runs.Counts{})
	})
}
