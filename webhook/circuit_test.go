package webhook

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
)

// O10: an endpoint that fails is left alone but for one probe at a time, at growing intervals, and its runs say so.
func TestFailingEndpointGetsSingleProbes(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, breaks(egress.ErrConnect))
		r.save(anAutomation(hook))
		r.publishesMany(0, 2000)
		r.pass(2 * time.Second)
		shock := len(r.net.at(hook))
		if shock > 2*tripped {
			r.Errorf("%d requests before the circuit opened, want about %d", shock, tripped)
		}
		r.pass(time.Hour)
		probes := r.net.at(hook)[shock:]
		if n := len(probes); n < 12 || n > 20 { // 5, 10, 20, 40, 80, 160 s, then every 5 min
			r.Errorf("%d probes in an hour, want about 17", n)
		}
		for i := 1; i < len(probes); i++ {
			if gap := probes[i].At.Sub(probes[i-1].At); gap < 5*time.Second || gap > 5*time.Minute+time.Second {
				r.Errorf("%v between two probes", gap)
			}
		}
		page, err := r.store.List(context.Background(), runs.Filter{}, "", 1)
		if err != nil {
			r.Fatal(err)
		}
		run := page.Runs[0]
		if wait := time.Until(run.HeldUntil); run.Held != runs.HoldFailing || wait <= 0 || wait > 5*time.Minute || run.Tries != 0 {
			r.Errorf("the youngest run is held as %q for %v after %d tries", run.Held, wait, run.Tries)
		}
		if want := "held: endpoint failing, next try " + run.HeldUntil.Format(time.TimeOnly); run.Waiting() != want {
			r.Errorf("it says %q, want %q", run.Waiting(), want)
		}
	})
}

// tripped is the weight of trouble at which a circuit opens.
const tripped = 5

// O10: an endpoint that answers each request, if with a refusal of it, is not failing.
func TestRefusalsOpenNoCircuit(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answers(422))
		r.save(anAutomation(hook))
		r.publishesMany(0, 50)
		r.pass(time.Second)
		r.arrivedOnce(hook, 50)
	})
}

// O10: while one automation's circuit is open, the others' runs are sent at once.
func TestOpenCircuitIsNobodyElsesConcern(t *testing.T) {
	const well = hook + "/well"
	inBubble(t, Options{Workers: 2}, func(r *rig) {
		r.net.set(hook, hangs)
		r.wants("contact.tag.added", hook)
		r.wants("contact.tag.removed", well)
		r.publishesMany(0, 10_000)
		for i := range 100 {
			r.publishes(removed(i))
			r.pass(time.Second)
		}
		r.arrivedOnce(well, 100)
		if first, later := r.latest(well, 0), r.latest(well, 2*time.Second); first > firstShare*patience || later > 0 {
			r.Errorf("a run of the endpoint that is well waited %v at first and %v later", first, later)
		}
	})
}

// capacity answers n requests in any second and the others with 429, and notes when each came.
type capacity struct {
	n int

	mu    sync.Mutex
	times []time.Time
}

func (c *capacity) answer(context.Context, int) (egress.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	recent := 0
	for _, at := range slices.Backward(c.times) {
		if now.Sub(at) >= time.Second {
			break
		}
		recent++
	}
	c.times = append(c.times, now)
	if recent >= c.n {
		return egress.Response{Status: 429}, nil
	}
	return egress.Response{Status: 204}, nil
}

// most returns the most requests in any second.
func (c *capacity) most() (most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	from := 0
	for i, at := range c.times {
		for at.Sub(c.times[from]) >= time.Second {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// O10: an endpoint that was down with 5,000 runs queued and comes back with a capacity of 20 requests a second never gets
// more than 30 in any second, and gets all of them.
func TestEndpointThatComesBackMeetsNoStorm(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, breaks(egress.ErrConnect))
		r.save(anAutomation(hook))
		r.publishesMany(0, 5000)
		r.pass(30 * time.Minute)
		back := &capacity{n: 20}
		r.net.set(hook, back.answer)
		r.pass(30 * time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 5000})
		if most := back.most(); most > 30 {
			r.Errorf("%d requests in one second, want at most 30", most)
		}
		if rate := 5000 / back.times[4999].Sub(back.times[0]).Seconds(); rate < 10 {
			r.Errorf("%.1f requests a second of the 20 that it can bear", rate)
		}
	})
}

// O10: an endpoint whose answers take as long as its load makes them gets no more than it has answered, either.
func TestSlowEndpointThatComesBackMeetsNoStorm(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, breaks(egress.ErrConnect))
		a := anAutomation(hook)
		a.Actions[0].Push.Timeout = 30 * time.Second
		r.save(a)
		r.publishesMany(0, 3000)
		r.pass(30 * time.Minute)
		all := &capacity{n: 1 << 30}
		turn := make(chan struct{}, 1)
		r.net.set(hook, func(ctx context.Context, n int) (egress.Response, error) { // one at a time, 50 ms each
			resp, err := all.answer(ctx, n)
			turn <- struct{}{}
			<-time.After(50 * time.Millisecond)
			<-turn
			return resp, err
		})
		r.pass(time.Hour)
		r.countsAre(runs.Counts{runs.Succeeded: 3000})
		if most := all.most(); most > 30 {
			r.Errorf("%d requests in one second, want at most 30", most)
		}
	})
}

// O10: 429, 502, 504 and Retry-After concern the endpoint: all runs of its automation wait, not only the one so answered.
func TestAskingForLessSlowsTheWholeLane(t *testing.T) {
	for name, tt := range map[string]struct {
		answer egress.Response
		quiet  time.Duration
	}{
		"429":                {egress.Response{Status: 429}, time.Second},
		"502":                {egress.Response{Status: 502}, time.Second},
		"504":                {egress.Response{Status: 504}, time.Second},
		"429 with a wait":    {egress.Response{Status: 429, Header: map[string][]string{"Retry-After": {"120"}}}, 2 * time.Minute},
		"503 with a wait":    {egress.Response{Status: 503, Header: map[string][]string{"Retry-After": {"120"}}}, 2 * time.Minute},
		"500 without a wait": {egress.Response{Status: 500}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				r.net.set(hook, func(_ context.Context, n int) (egress.Response, error) {
					if n == 1 {
						return tt.answer, nil
					}
					return egress.Response{Status: 204}, nil
				})
				r.save(anAutomation(hook))
				r.publishesOne(tagged(1))
				r.pass(time.Millisecond)
				r.publishesMany(2, 3)
				r.pass(10 * time.Minute)
				got := r.net.at(hook)[1].At.Sub(r.net.at(hook)[0].At)
				if got < tt.quiet || got > tt.quiet+10*time.Millisecond {
					r.Errorf("the next request came after %v, want %v", got, tt.quiet)
				}
				r.countsAre(runs.Counts{runs.Succeeded: 4})
			})
		})
	}
}

// O10: a circuit that one process opened holds for all, and whoever lives closes it.
func TestCircuitOutlivesWhoOpenedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newRig(t, memory.New(), Options{})
		stop := first.start()
		first.net.set(hook, breaks(egress.ErrConnect))
		first.save(anAutomation(hook))
		first.publishesMany(0, 500)
		first.pass(time.Minute)
		stop()
		second := newRig(t, first.store, Options{})
		second.net.set(hook, breaks(egress.ErrConnect))
		second.start()
		second.pass(10 * time.Minute)
		if n := len(second.net.at(hook)); n == 0 || n > 4 {
			t.Errorf("the second process sent %d requests in ten minutes, want a few probes", n)
		}
		second.net.set(hook, answers(204))
		second.pass(2 * time.Hour)
		second.countsAre(runs.Counts{runs.Succeeded: 500})
	})
}
