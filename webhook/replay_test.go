package webhook

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// replays replays what f selects and reports an error or another number than want.
func (r *rig) replays(want int, f runs.Filter) Replayed {
	r.Helper()
	got, err := r.Replay(context.Background(), f, ReplayOptions{})
	if err != nil {
		r.Errorf("Replay: %v", err)
	}
	if got.Runs != want {
		r.Errorf("%d runs replayed, want %d", got.Runs, want)
	}
	return got
}

// R5: a failed run is sent again under the same webhook-id and with the same bytes, with a new budget of tries.
func TestReplayedRunKeepsItsIdentity(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.net.set(hook, answers(500))
		a := anAutomation(hook)
		a.DisableRule.After = 1000 * time.Hour
		r.save(a)
		run := r.publishesOne(tagged(1))
		r.pass(80 * time.Hour)
		if got := r.get(run.ID); got.Status != runs.Failed {
			r.Fatalf("run is %s, want failed", got.Status)
		}
		r.replays(1, runs.Filter{Account: account, IDs: []string{run.ID}})
		r.pass(80 * time.Hour)
		got := r.get(run.ID)
		if got.Status != runs.Failed || got.Tries != 10 || got.Replays != 1 || len(got.Attempts) != 20 {
			r.Errorf("replayed run is %s after %d tries, %d replays and %d attempts, want failed after 10, 1 and 20",
				got.Status, got.Tries, got.Replays, len(got.Attempts))
		}
		for i, a := range got.Attempts {
			if a.N != i+1 || a.Replay != i/10 {
				r.Errorf("attempt %d is numbered %d of replay %d", i+1, a.N, a.Replay)
			}
		}
		for _, a := range r.net.at(hook) {
			if a.id() != run.ID || a.Body != string(run.Message) {
				r.Fatal("an attempt has another webhook-id or body")
			}
		}
	})
}

// R5: succeeded ones are sent again, scheduled ones now.
func TestReplayTakesEveryStatus(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		const failing = hook + "/failing"
		r.net.set(failing, answers(500, 200))
		well := r.save(anAutomation(hook))
		ill := r.save(anAutomation(failing))
		r.publishes(tagged(1))
		r.pass(time.Second)
		r.countsAre(runs.Counts{runs.Succeeded: 1, runs.Scheduled: 1})
		r.replays(1, runs.Filter{Automation: well.ID})
		r.replays(1, runs.Filter{Automation: ill.ID})
		r.pass(0)
		r.arrivedAfter(hook, 0, time.Second)
		r.arrivedAfter(failing, 0, time.Second)
		r.countsAre(runs.Counts{runs.Succeeded: 2})
	})
}

// R5: running ones are refused by their ids.
func TestReplayRefusesRunningRuns(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answersAfter(5*time.Second, 200))
		r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))
		r.pass(time.Second)
		got := r.replays(0, runs.Filter{})
		if diff := cmp.Diff([]string{run.ID}, got.Running); diff != "" {
			r.Errorf("refused (-want +got):\n%s", diff)
		}
		r.pass(time.Minute)
		r.arrivedOnce(hook, 1)
	})
}

// R5: a replay takes what there was when it was asked for, so that it sends nothing twice that came meanwhile, and ends.
func TestReplayLeavesWhatComesMeanwhile(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.save(anAutomation(hook))
		r.publishesMany(0, 300)
		r.pass(time.Minute)
		next := 1000
		got, err := r.Replay(context.Background(), runs.Filter{Account: account}, ReplayOptions{
			PerSecond: 100, Progress: func(p Replayed) {
				if p.Runs < 1000 {
					r.publishesMany(next, 100)
					next += 100
				}
			},
		})
		if err != nil || got.Runs != 300 {
			r.Errorf("Replay: %d runs, %v; want the 300 that there were", got.Runs, err)
		}
		r.pass(time.Minute)
		if n, want := len(r.net.at(hook)), 2*300+next-1000; n != want {
			r.Errorf("%d requests, want %d: two of each run that was replayed, one of each other", n, want)
		}
	})
}

// R5: a large replay is paced and tells how far it is.
func TestLargeReplayIsPacedAndReportsProgress(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.save(anAutomation(hook))
		r.publishesMany(0, 1000)
		r.pass(time.Minute)
		var steps []int
		began := time.Now()
		got, err := r.Replay(context.Background(), runs.Filter{}, ReplayOptions{
			PerSecond: 200, Progress: func(p Replayed) { steps = append(steps, p.Runs) },
		})
		if err != nil || got.Runs != 1000 {
			r.Errorf("Replay: %d runs, %v", got.Runs, err)
		}
		if took := time.Since(began); took < 4*time.Second || took > 6*time.Second {
			r.Errorf("replaying 1000 runs at 200 a second took %v", took)
		}
		if len(steps) < 10 || steps[0] != 100 || steps[len(steps)-1] != 1000 {
			r.Errorf("progress was %v", steps)
		}
		r.pass(time.Minute)
		if n := len(r.net.at(hook)); n != 2000 {
			r.Errorf("%d requests, want each run twice", n)
		}
	})
}

// R5: a replay that is cancelled has replayed what it says, and no more.
func TestReplayCanBeCancelled(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.save(anAutomation(hook))
		r.publishesMany(0, 1000)
		r.pass(time.Minute)
		ctx, cancel := context.WithCancel(context.Background())
		got, err := r.Replay(ctx, runs.Filter{}, ReplayOptions{Progress: func(p Replayed) {
			if p.Runs >= 300 {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) || got.Runs != 300 {
			r.Errorf("Replay: %d runs, %v; want 300 and context.Canceled", got.Runs, err)
		}
		r.pass(time.Minute)
		if n := len(r.net.at(hook)); n != 1300 {
			r.Errorf("%d requests, want 1000 and 300 again", n)
		}
	})
}

// R5: any pace is a pace.
func TestReplayTakesAnyPace(t *testing.T) {
	for _, perSecond := range []int{-1, 1, 1 << 62} {
		inBubble(t, Options{}, func(r *rig) {
			r.save(anAutomation(hook))
			r.publishesMany(0, 3)
			r.pass(time.Second)
			got, err := r.Replay(context.Background(), runs.Filter{}, ReplayOptions{PerSecond: perSecond})
			if err != nil || got.Runs != 3 {
				r.Errorf("at %d a second: %d runs, %v", perSecond, got.Runs, err)
			}
		})
	}
}

// R5: ids that are not the account's, and filters without sense, are refused and change nothing.
func TestReplayRefusesWhatItCannotFind(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.save(anAutomation(hook))
		run := r.publishesOne(tagged(1))
		r.pass(time.Second)
		for _, f := range []runs.Filter{
			{Account: "acct_2", IDs: []string{run.ID}},
			{Account: account, IDs: []string{run.ID, "run_none"}},
			{Account: account, Statuses: []runs.Status{"sent"}},
		} {
			if got, err := r.Replay(context.Background(), f, ReplayOptions{}); err == nil || got.Runs != 0 {
				r.Errorf("Replay of %+v: %d runs, %v", f, got.Runs, err)
			}
		}
		_, err := r.Replay(context.Background(), runs.Filter{Account: account, IDs: []string{"run_none"}}, ReplayOptions{})
		if !errors.Is(err, store.ErrNotFound) {
			r.Errorf("Replay of an unknown run: %v, want ErrNotFound", err)
		}
		r.pass(time.Second)
		r.arrivedOnce(hook, 1)
	})
}

// R5: replayed runs of a disabled automation wait for it.
func TestReplayOfADisabledAutomationWaits(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := r.save(anAutomation(hook))
		r.publishesOne(tagged(1))
		r.pass(time.Second)
		r.disableByUser(a.ID)
		r.replays(1, runs.Filter{})
		r.pass(time.Hour)
		r.arrivedOnce(hook, 1)
		r.enable(a.ID)
		r.pass(time.Minute)
		if n := len(r.net.at(hook)); n != 2 {
			r.Errorf("%d requests, want the replay after it was enabled", n)
		}
	})
}
