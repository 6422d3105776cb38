package webhook

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// chance is a source of chance that may be used by many at once.
type chance struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (c *chance) intN(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rand.IntN(n)
}

// R6: whatever the store, the endpoints and the operators do for an hour, every run whose creation was acknowledged ends,
// was sent as often as it has attempts or more, and the store does not contradict itself.
func TestNothingIsLostWhateverHappens(t *testing.T) {
	seeds := uint64(6)
	if need.Quick() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { survives(t, &chance{rand: rand.New(rand.NewPCG(seed, 1))}) })
		})
	}
}

func survives(t *testing.T, c *chance) {
	st := memory.New()
	calm := time.Now().Add(time.Hour)
	faulty := &storetest.Faulty{Store: st, Fail: func(string, int) storetest.Fault {
		if time.Now().After(calm) || c.intN(5) > 0 {
			return storetest.NoFault
		}
		return storetest.Fault(1 + c.intN(2))
	}}
	o := Options{Workers: 4, Buffer: 50, Poll: 10 * time.Minute, Drain: 10 * time.Second}
	rigs := []*rig{newRig(t, faulty, o), newRig(t, faulty, o)}
	ids := chaoticEndpoints(rigs, st, c)
	acknowledged := map[string]bool{}
	for i := 0; time.Now().Before(calm); i++ {
		r := rigs[c.intN(len(rigs))]
		stop := r.start()
		for range c.intN(20) {
			i++
			created, err := r.Publish(context.Background(), tagged(i), removed(i))
			if err != nil && !errors.Is(err, storetest.ErrFault) {
				t.Fatal(err)
			}
			for _, run := range created {
				acknowledged[run.ID] = true
			}
			r.pass(time.Duration(c.intN(10_000)) * time.Millisecond)
		}
		meddle(r, ids[c.intN(len(ids))], c)
		stop()
	}
	r := rigs[0]
	r.start()
	for _, id := range ids {
		r.pass(time.Minute)
		r.enable(id)
	}
	r.pass(100 * time.Hour)
	if len(acknowledged) < 100 {
		t.Fatalf("%d runs acknowledged: nothing is shown", len(acknowledged))
	}
	allEnded(t, rigs, acknowledged)
	if err := storetest.Check(context.Background(), st); err != nil {
		t.Error(err)
	}
}

// chaoticEndpoints saves automations whose endpoints do anything, and returns their ids.
func chaoticEndpoints(rigs []*rig, st *memory.Store, c *chance) (ids []string) {
	saver := newRig(rigs[0].T, st, Options{})
	for n := range 3 {
		url := fmt.Sprintf("%s/%d", hook, n)
		for _, r := range rigs {
			r.net.set(url, func(ctx context.Context, _ int) (egress.Response, error) {
				switch c.intN(6) {
				case 0:
					return hangs(ctx, 0)
				case 1:
					panic("chaos")
				case 2:
					return egress.Response{Status: 503}, nil
				}
				return answersAfter(time.Duration(c.intN(3000))*time.Millisecond, 200)(ctx, 0)
			})
		}
		a := anAutomation(url)
		a.RecordDisabled = n == 1
		a.Limits.Concurrency = n
		ids = append(ids, saver.save(a).ID)
	}
	return ids
}

// meddle disables, enables or replays; the store may fail at it.
func meddle(r *rig, id string, c *chance) {
	ctx := context.Background()
	a, err := r.Automation(ctx, account, id)
	switch what := c.intN(3); {
	case err != nil:
	case what == 0:
		_, _ = r.Replay(ctx, runs.Filter{Automation: id, Statuses: []runs.Status{runs.Failed, runs.Scheduled}}, ReplayOptions{})
	default:
		a.Disabled = []*automation.Disabled{nil, nil, {}}[what]
		_, _ = r.Save(ctx, a, SaveOptions{})
	}
}

// allEnded reports acknowledged runs that have not ended or that were sent less often than they have attempts.
func allEnded(t *testing.T, rigs []*rig, acknowledged map[string]bool) {
	t.Helper()
	sent := map[string]int{}
	for _, r := range rigs {
		for _, a := range r.net.at("") {
			sent[a.id()]++
		}
	}
	for id := range acknowledged {
		run := rigs[0].get(id)
		if !run.Status.Ended() {
			t.Errorf("run %s is %s, held as %q, due %v", id, run.Status, run.Held, run.Due)
		}
		if len(run.Attempts) == 0 || sent[id] < len(run.Attempts) {
			t.Errorf("run %s was sent %d times and has %d attempts", id, sent[id], len(run.Attempts))
		}
	}
}
