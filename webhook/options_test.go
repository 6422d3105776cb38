package webhook

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
)

func TestUnusableOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"negative workers":            {Workers: -1},
		"buffer below the workers":    {Workers: 10, Buffer: 9},
		"lease shorter than attempts": {Lease: 30 * time.Second},
		"negative poll":               {Poll: -1},
		"negative refresh":            {Refresh: -1},
		"negative retention":          {Retention: -1},
		"negative drain":              {Drain: -1},
	} {
		if _, err := NewDispatcher(memory.New(), o); err == nil || !strings.Contains(err.Error(), "use") {
			t.Errorf("%s: %v, want an error that says what to use", name, err)
		}
	}
	if _, err := NewDispatcher(nil, Options{}); err == nil || !strings.Contains(err.Error(), "no store") {
		t.Errorf("no store: %v, want an error that says so", err)
	}
}

// O2: with the least lease, a run of the longest timeout is still sent after a wait for its worker.
func TestLeastLeaseServesTheLongestTimeout(t *testing.T) {
	inBubble(t, Options{Lease: minLease, Workers: 1}, func(r *rig) {
		r.net.set(hook, answersAfter(time.Second, 200))
		a := anAutomation(hook)
		a.Actions[0].Push.Timeout = 30 * time.Second
		r.save(a)
		r.publishesMany(0, 3)
		r.pass(time.Minute)
		r.arrivedOnce(hook, 3)
	})
}

// X1: NewDispatcher starts nothing, and a dispatcher that never ran leaves nothing behind (TestMain looks).
func TestNewDispatcherStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, memory.New(), Options{})
		r.save(anAutomation(hook))
		r.publishesOne(tagged(1))
		r.pass(time.Hour)
		r.arrivedOnce("", 0)
		if _, err := r.Replay(context.Background(), runs.Filter{}, ReplayOptions{}); err != nil {
			t.Error(err)
		}
	})
}
