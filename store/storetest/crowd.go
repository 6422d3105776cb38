package storetest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// tally is what a crowd was told by the store.
type tally struct {
	created, attempts, replayed atomic.Int64
}

// crowdedWalk lets several do everything at once, some of which is refused: what each was told must add up in the end.
func crowdedWalk(b *bed) {
	b.put(active(lane))
	var told tally
	var wg sync.WaitGroup
	for who := range uint64(6) {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(who, 7))
			for n := range 60 {
				if err := b.act(random, fmt.Sprintf("%d_%d", who, n), &told); err != nil {
					b.Errorf("beside others: %v", err)
				}
			}
		})
	}
	wg.Wait()
	var attempts, replayed int64
	all := b.list(runs.Filter{}, 1000)
	for _, r := range all {
		attempts += int64(len(b.get(r.ID).Attempts))
		replayed += int64(r.Replays)
	}
	b.same("runs", told.created.Load(), int64(len(all)))
	b.same("attempts", told.attempts.Load(), attempts)
	b.same("replays", told.replayed.Load(), replayed)
}

// act does one thing by chance, and tallies what came of it.
func (b *bed) act(random *rand.Rand, name string, told *tally) error {
	ctx := b.Context()
	switch random.IntN(8) {
	case 0, 1:
		list := append(entries(numbered(name, 5)...), entries(numbered("common", 3)...)...)
		list[1].Lease = lease
		created, err := b.Publish(ctx, list)
		told.created.Add(int64(len(created)))
		return err
	case 2, 3:
		c, err := b.Claim(ctx, store.Lease{Max: 7, For: lease})
		if err != nil || len(c.Runs) == 0 {
			return err
		}
		outcomes := each(c.Runs, pick(random, succeeded, failed, func(r runs.Run) store.Outcome { return again(r, 0) }))
		for i := range outcomes {
			outcomes[i] = b.judged(outcomes[i], pick(random, nil, fiveDays()))
		}
		settled, err := b.Settle(ctx, outcomes)
		told.attempts.Add(int64(len(outcomes) - settled.Stale))
		return err
	case 4:
		due, _, err := b.ClaimNotices(ctx, store.Lease{Max: 2, For: lease})
		if err == nil {
			err = b.SettleNotices(ctx, due, time.Minute)
		}
		return err
	case 5:
		done, err := b.Replay(ctx, runs.Filter{Statuses: []runs.Status{runs.Failed}}, 0, 3)
		told.replayed.Add(int64(done.Runs))
		return err
	}
	b.clock.move(time.Duration(random.IntN(30)) * time.Second)
	_, conflict := b.Put(ctx, []automation.Automation{active(lane)})
	if conflict == nil {
		return fmt.Errorf("Put of an old version gave no error")
	}
	return b.Flow(ctx, []store.Flow{pick(random, store.Flow{Automation: lane, Hold: runs.HoldBusy}, store.Flow{Automation: lane, Release: 20, Pause: time.Millisecond})})
}
