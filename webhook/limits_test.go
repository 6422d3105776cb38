package webhook

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// O10: an automation's limit on requests a second holds in any second, over all processes, and what waits for it says so.
func TestRateLimitHoldsForAllProcesses(t *testing.T) {
	for _, tt := range []automation.Limits{{PerSecond: 10}, {PerSecond: 10, Burst: 5}, {PerSecond: 0.5}, {PerSecond: 200}} {
		t.Run(fmt.Sprintf("%v a second, %d together", tt.PerSecond, tt.Burst), func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				second := newRig(r.T, r.store, Options{})
				second.start()
				all := &capacity{n: 1 << 30}
				r.net.set(hook, all.answer)
				second.net.set(hook, all.answer)
				a := anAutomation(hook)
				a.Limits = tt
				r.save(a)
				total := int(60 * tt.PerSecond)
				r.publishesMany(0, total)
				r.pass(time.Second / 2)
				if n := r.held(runs.HoldRate); n < total/2 {
					r.Errorf("%d of %d runs are held for the rate", n, total)
				}
				r.pass(2 * time.Minute)
				r.countsAre(runs.Counts{runs.Succeeded: total})
				if most, allowed := all.most(), int(tt.PerSecond)+tt.Together(); most > allowed {
					r.Errorf("%d requests in one second, want at most %d", most, allowed)
				}
				took := all.times[total-1].Sub(all.times[0]).Seconds()
				if rate := float64(total) / took; rate < 0.8*tt.PerSecond {
					r.Errorf("%.1f requests a second, want %v", rate, tt.PerSecond)
				}
			})
		})
	}
}

// O10: what an endpoint answers takes nothing from its limit, whether it asks for less, fails or comes back.
func TestRateLimitHoldsWhateverIsAnswered(t *testing.T) {
	for name, answer := range map[string]endpoint{
		"it asks for less": answers(429), "it fails": answers(500), "it comes back": answers(500, 500, 500, 500, 500, 500, 204, 429, 204),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				r.net.set(hook, answer)
				a := anAutomation(hook)
				a.Limits.PerSecond = 1.0 / 600
				r.save(a)
				r.publishesMany(0, 50)
				r.pass(3 * time.Hour)
				arrived := r.net.at(hook)
				for i := 1; i < len(arrived); i++ {
					if gap := arrived[i].At.Sub(arrived[i-1].At); gap < a.Limits.Every() {
						r.Errorf("request %d came %v after the one before", i+1, gap)
					}
				}
				if n := len(arrived); n < 17 {
					r.Errorf("%d requests in three hours, want one each ten minutes", n)
				}
			})
		})
	}
}

// O10: what could not go while an endpoint was slow does not go together when that is quick again: its limit holds then too, over
// all processes, and it is used up.
func TestRateLimitHoldsWhenASlowEndpointIsQuickAgain(t *testing.T) {
	for name, limits := range map[string]automation.Limits{
		"a share": {PerSecond: 8}, "one at once": {PerSecond: 8, Concurrency: 1}, "five together": {PerSecond: 20, Burst: 5},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				second := newRig(r.T, r.store, Options{})
				second.start()
				all := &capacity{n: 1 << 30}
				slow := func(ctx context.Context, n int) (egress.Response, error) {
					_, _ = all.answer(ctx, n)
					return answersAfter(3*time.Second, 204)(ctx, n)
				}
				endpoints := func(answer endpoint) { r.net.set(hook, answer); second.net.set(hook, answer) }
				endpoints(slow)
				a := anAutomation(hook)
				a.Limits = limits
				r.save(a)
				r.publishesMany(0, 1000)
				r.pass(20 * time.Second)
				endpoints(all.answer)
				r.pass(5 * time.Second) // and what was asked before is answered
				before := r.counts()[runs.Succeeded]
				r.pass(10 * time.Second)
				if most, allowed := all.most(), int(limits.PerSecond)+limits.Together(); most > allowed {
					r.Errorf("%d requests in one second, want at most %d", most, allowed)
				}
				if n, want := r.counts()[runs.Succeeded]-before, int(8*limits.PerSecond); n < want {
					r.Errorf("%d runs succeeded in ten seconds, want at least %d", n, want)
				}
			})
		})
	}
}

// O10: saving an automation, or disabling and enabling it, gives nothing of its rate back.
func TestRateLimitHoldsHoweverOftenItIsSaved(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		a.Limits = automation.Limits{PerSecond: 1, Burst: 20}
		id := r.save(a).ID
		r.publishesMany(0, 400)
		r.pass(time.Second / 2)
		r.arrivedOnce(hook, 20) // those that may go together
		for range 5 {
			r.pass(time.Second)
			r.save(r.current(id))
			r.pass(time.Second)
			r.disableByUser(id)
			r.pass(time.Second)
			r.enable(id)
		}
		r.pass(5 * time.Second)
		if n := len(r.net.at(hook)); n < 20 || n > 20+20 {
			r.Errorf("%d requests in 20 seconds, want at most 20 together and one a second", n)
		}
	})
}

// O10: runs that come one by one within the limit are sent at once.
func TestRateLimitDelaysNobodyBelowIt(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := anAutomation(hook)
		a.Limits.PerSecond = 10
		r.save(a)
		for i := range 50 {
			r.publishesOne(tagged(i))
			r.pass(110 * time.Millisecond)
		}
		r.arrivedOnce(hook, 50)
		if most := r.latest(hook, 0); most > 0 {
			r.Errorf("a run waited %v", most)
		}
	})
}

// inOrder reports runs that first arrived before one that was created earlier had ended, and returns how many arrived.
func inOrder(t *testing.T, r *rig, arrived []arrival) int {
	t.Helper()
	last, lastID, seen := int64(0), "", map[string]bool{}
	for _, a := range arrived {
		if seen[a.id()] && a.id() != lastID {
			t.Errorf("run %s arrived again after a younger one", a.id())
		}
		if seen[a.id()] {
			continue
		}
		seen[a.id()] = true
		run := r.get(a.id())
		if run.Seq < last {
			t.Errorf("run %d arrived after run %d", run.Seq, last)
		}
		last, lastID = run.Seq, a.id()
	}
	return len(seen)
}

func ordered() automation.Automation {
	a := anAutomation(hook)
	a.Limits.Ordered = true
	return a
}

// O11: one run at a time, in order of creation, a failing one holding the rest, which say so.
func TestOrderedRunsWaitForTheOneBefore(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(500, 500, 500, 204))
		r.save(ordered())
		r.publishesMany(0, 100)
		r.pass(time.Minute)
		if n := len(r.net.at(hook)); n != 2 {
			r.Errorf("%d requests in the first minute, want two of the first run", n)
		}
		if n := r.held(runs.HoldOrdered); n != 99 {
			r.Errorf("%d runs are held for their order, want 99", n)
		}
		r.pass(time.Hour)
		r.countsAre(runs.Counts{runs.Succeeded: 100})
		inOrder(r.T, r, r.net.at(hook))
		if most := r.net.mostAt(hook); most != 1 {
			r.Errorf("%d requests under way at once", most)
		}
	})
}

// O11: the next run goes when the outcome of the one before is written, not when somebody next looks.
func TestOrderedRunsFollowEachOtherAtOnce(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.save(ordered())
		r.publishesMany(0, 50)
		r.pass(time.Second)
		r.countsAre(runs.Counts{runs.Succeeded: 50})
	})
}

// O11: an ordered automation opens no circuit: the run in front is its probe, at the times of its own schedule.
func TestOrderedRunsFollowTheirScheduleWhileAllFails(t *testing.T) {
	inBubble(t, longPoll, func(r *rig) {
		r.net.set(hook, breaks(egress.ErrTimeout))
		r.save(ordered())
		r.publishesMany(0, 10)
		r.pass(76 * time.Hour)
		if n := len(r.net.at(hook)); n != 10+3 {
			r.Fatalf("%d requests in 76 hours, want ten of the first run and three of the second", n)
		}
		first := r.net.at(hook)[0].id()
		for i, a := range r.net.at(hook)[:10] {
			if a.id() != first {
				r.Errorf("request %d is of another run", i+1)
			}
		}
	})
}

// O11: a run that is given up lets the next one go, and a replayed one takes its place again.
func TestOrderGoesOnAfterARunIsGivenUp(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(500, 204))
		a := ordered()
		a.Actions[0].Push.Retry = onceOnly
		r.save(a)
		r.publishesMany(0, 10)
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 9, runs.Failed: 1})
		if _, err := r.Replay(context.Background(), runs.Filter{Statuses: []runs.Status{runs.Failed}}, ReplayOptions{}); err != nil {
			r.Fatal(err)
		}
		r.publishesMany(10, 5)
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 15})
	})
}

// O11: random failures, lost outcomes, deaths and two dispatchers: each prefix is complete.
func TestOrderSurvivesFailuresAndDeaths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const total = 2000
		chance := rand.New(rand.NewPCG(11, 4))
		st := &storetest.Faulty{Store: memory.New(), Fail: func(verb string, n int) storetest.Fault {
			if verb == "Settle" && n%37 == 0 {
				return storetest.After
			}
			return storetest.NoFault
		}}
		net := newNetwork()
		net.set(hook, func(context.Context, int) (egress.Response, error) {
			if chance.IntN(10) == 0 {
				return egress.Response{Status: 500}, nil
			}
			return egress.Response{Status: 204}, nil
		})
		start := func() (*rig, func()) {
			r := newRig(t, st, Options{})
			r.net = net
			return r, r.start()
		}
		first, stop := start()
		second, end := start()
		first.save(ordered())
		for i := range total / 100 {
			first.publishesMany(i*100, 50)
			second.publishesMany(i*100+50, 50)
			first.pass(time.Minute)
			if i%5 == 4 {
				stop()
				first, stop = start()
			}
		}
		first.pass(time.Hour)
		stop()
		end()
		last := newRig(t, st, longPoll) // does alone what takes days
		last.net = net
		last.start()
		last.pass(240 * time.Hour)
		last.countsAre(runs.Counts{runs.Succeeded: total})
		if n := inOrder(t, last, net.at(hook)); n != total {
			t.Errorf("%d runs arrived, want %d", n, total)
		}
	})
}
