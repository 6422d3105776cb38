package webhook

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// O5, O10-O12, R6, D2: endpoints of all moods, limits changed and automations disabled at any moment, two dispatchers of
// which one restarts: once all are well and enabled, every run ends in time, and was sent as often as it has attempts.
func TestEveryMoodEndsOnceAllIsWell(t *testing.T) {
	seeds := uint64(4)
	if need.Quick() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { endure(t, &trouble{chance: &chance{rand: rand.New(rand.NewPCG(seed, 10))}}) })
		})
	}
}

// trouble is a world of endpoints that answer as they like.
type trouble struct {
	*chance
	net *network
	ids []string
}

func endure(t *testing.T, m *trouble) {
	m.net = newNetwork()
	st := memory.New()
	start := func() (*rig, func()) {
		r := newRig(t, st, Options{Workers: 32, Buffer: 200})
		r.net = m.net
		return r, r.start()
	}
	first, end := start()
	second, stop := start()
	for n := range 12 {
		a := anAutomation(fmt.Sprintf("%s/%d", hook, n))
		a.Trigger.Types = []string{[]string{"contact.*", "contact.tag.added", "contact.tag.removed"}[n%3]}
		a.RecordDisabled = n%2 == 0
		a.DisableRule.FailedRuns = n % 5
		m.ids = append(m.ids, first.save(a).ID)
	}
	acknowledged := map[string]bool{}
	for i := range 150 {
		m.change()
		m.meddle(first)
		r := []*rig{first, second}[m.intN(2)]
		for n := range m.intN(6) {
			for _, run := range r.publishes(tagged(10*i+n), removed(10*i+n)) {
				acknowledged[run.ID] = true
			}
		}
		first.pass(time.Duration(m.intN(8_000)) * time.Millisecond)
		if m.intN(30) == 0 {
			stop()
			second, stop = start()
		}
	}
	m.mend(first)
	first.pass(time.Hour)
	stop()
	end()
	last := newRig(t, st, longPoll) // does alone what takes days
	last.net = m.net
	last.start()
	last.pass(80 * time.Hour)
	allEnded(t, []*rig{last}, acknowledged)
	sentAsOften(last, acknowledged)
	if err := storetest.Check(context.Background(), st); err != nil {
		t.Error(err)
	}
}

// change gives an endpoint another mood.
func (m *trouble) change() {
	url := fmt.Sprintf("%s/%d", hook, m.intN(12))
	wait := fmt.Sprint(m.intN(20))
	after := func(code int) endpoint {
		return func(context.Context, int) (egress.Response, error) {
			return egress.Response{Status: code, Header: http.Header{"Retry-After": {wait}}}, nil
		}
	}
	m.net.set(url, []endpoint{
		nil, answersAfter(300*time.Millisecond, 204), answersAfter(9*time.Second, 204), hangs, answers(500), after(503), after(429),
		answers(410), breaks(egress.ErrConnect), answersAfter(2*time.Second, 502),
		func(ctx context.Context, n int) (egress.Response, error) {
			return answersAfter(time.Duration(m.intN(500))*time.Millisecond, []int{200, 500, 204}[m.intN(3)])(ctx, n)
		},
	}[m.intN(11)])
}

// meddle changes an automation: its limits, or whether it is enabled. It may have been disabled meanwhile.
func (m *trouble) meddle(r *rig) {
	a := r.current(m.ids[m.intN(len(m.ids))])
	switch m.intN(5) {
	case 0:
		a.Disabled = &automation.Disabled{}
	case 1, 2:
		a.Disabled = nil
	default:
		a.Limits = []automation.Limits{
			{}, {Ordered: true}, {PerSecond: 0.5}, {PerSecond: 20, Burst: 3}, {Concurrency: 1}, {Ordered: true, PerSecond: 2},
			{PerSecond: 200, Concurrency: 1},
		}[m.intN(7)]
	}
	if _, err := r.Save(context.Background(), a, SaveOptions{Untested: true}); err != nil && !errors.Is(err, store.ErrConflict) {
		r.Fatal(err)
	}
}

// mend makes all endpoints well and enables all automations.
func (m *trouble) mend(r *rig) {
	for n, id := range m.ids {
		m.net.set(fmt.Sprintf("%s/%d", hook, n), nil)
		r.pass(20 * time.Second) // what was asked before is answered
		r.enable(id)
	}
}

// sentAsOften reports runs that were sent more often than they have attempts, or that lost or gained tries.
func sentAsOften(r *rig, acknowledged map[string]bool) {
	r.Helper()
	sent := map[string]int{}
	for _, a := range r.net.at("") {
		sent[a.id()]++
	}
	for id := range acknowledged {
		run := r.get(id)
		if sent[id] != len(run.Attempts) || run.Tries != len(run.Attempts) {
			r.Errorf("run %s was sent %d times, has %d attempts and used %d tries", id, sent[id], len(run.Attempts), run.Tries)
		}
	}
}
