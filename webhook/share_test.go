package webhook

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
)

func splitSignatures(a arrival) []string { return strings.Fields(a.Header.Get("Webhook-Signature")) }

// wants returns an automation for one type of event.
func (r *rig) wants(eventType, url string) {
	r.Helper()
	a := anAutomation(url)
	a.Trigger.Types = []string{eventType}
	r.save(a)
}

// removed returns the n-th event of another kind than tagged does.
func removed(n int) events.Event {
	ev := events.New(account, events.TagRemoved{Tag: events.Tag{ID: "7", Name: "VIP"}})
	ev.ID = fmt.Sprintf("removed_%05d", n)
	return ev
}

// latest returns the longest time from publish to arrival of the runs that arrived at a URL, of those that were published
// so long after the rig's beginning.
func (r *rig) latest(url string, after time.Duration) time.Duration {
	r.Helper()
	var most time.Duration
	for _, a := range r.net.at(url) {
		if created := r.get(a.id()).CreatedAt; created.Sub(r.begun) >= after {
			most = max(most, a.At.Sub(created))
		}
	}
	return most
}

// O10: one endpoint that hangs, with thousands of runs waiting, delays nobody else's by a moment.
func TestHangingEndpointDelaysNobodyElse(t *testing.T) {
	const well = hook + "/well"
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, hangs)
		r.net.set(well, answersAfter(50*time.Millisecond, 200))
		r.wants("contact.tag.added", hook)
		r.wants("contact.tag.removed", well)
		r.publishesMany(0, 5000)
		const paced = 600
		for i := range paced {
			r.publishes(removed(i))
			r.pass(100 * time.Millisecond)
		}
		r.pass(time.Second)
		r.arrivedOnce(well, paced)
		if most := r.latest(well, 0); most > 100*time.Millisecond {
			r.Errorf("a run of the endpoint that is well waited %v", most)
		}
		if most := r.net.mostAt(hook); most > firstShare {
			r.Errorf("%d requests hung at once, want at most the share of %d", most, firstShare)
		}
	})
}

// O10: many hanging endpoints do not take all workers before the first of them has timed out.
func TestHangingEndpointsLeaveWorkersToOthers(t *testing.T) {
	const well = hook + "/well"
	inBubble(t, Options{}, func(r *rig) {
		for i := range 25 {
			url := fmt.Sprintf("%s/%d", hook, i)
			r.net.set(url, hangs)
			r.wants("contact.tag.added", url)
		}
		r.wants("contact.tag.removed", well)
		r.publishesMany(0, 100)
		for i := range 300 {
			r.publishes(removed(i))
			r.pass(100 * time.Millisecond)
		}
		r.arrivedOnce(well, 300)
		if most := r.latest(well, 0); most > 100*time.Millisecond {
			r.Errorf("a run of the endpoint that is well waited %v", most)
		}
	})
}

// O10: even more hanging endpoints than there are workers leave others alone, once each was found out.
func TestMoreHangingEndpointsThanWorkersLeaveOthersAlone(t *testing.T) {
	const well, found = hook + "/well", 90 * time.Second
	inBubble(t, Options{}, func(r *rig) {
		for i := range 200 {
			url := fmt.Sprintf("%s/%d", hook, i)
			r.net.set(url, hangs)
			r.wants("contact.tag.added", url)
		}
		r.wants("contact.tag.removed", well)
		for i := range 1200 {
			if i%10 == 0 {
				r.publishes(tagged(i))
			}
			r.publishes(removed(i))
			r.pass(100 * time.Millisecond)
		}
		r.pass(time.Second)
		r.arrivedOnce(well, 1200)
		if most := r.latest(well, found); most > 0 {
			r.Errorf("a run of the endpoint that is well waited %v", most)
		}
		if most := r.latest(well, 0); most > time.Minute {
			r.Errorf("before they were found out, a run of the endpoint that is well waited %v", most)
		}
	})
}

// O10: an endpoint that recovers has all workers again.
func TestRecoveredEndpointHasAllWorkersAgain(t *testing.T) {
	inBubble(t, Options{Workers: 8}, func(r *rig) {
		r.net.set(hook, hangs)
		r.save(anAutomation(hook))
		r.publishesMany(0, 100)
		r.pass(30 * time.Second)
		r.net.set(hook, answersAfter(100*time.Millisecond, 200))
		r.pass(10 * time.Minute)
		r.publishesMany(1000, 300)
		r.pass(time.Minute)
		r.countsAre(runs.Counts{runs.Succeeded: 400})
		if most := r.net.mostAt(hook); most != 8 {
			r.Errorf("%d requests under way at once, want all 8 workers", most)
		}
	})
}

// O10: the bound of the automation holds from its very first run on.
func TestConcurrencyBoundIsKept(t *testing.T) {
	for _, bound := range []int{1, 3} {
		t.Run(fmt.Sprint(bound), func(t *testing.T) {
			inBubble(t, Options{}, func(r *rig) {
				r.net.set(hook, answersAfter(100*time.Millisecond, 200))
				a := anAutomation(hook)
				a.Limits.Concurrency = bound
				r.save(a)
				r.publishesMany(0, 300)
				r.pass(time.Minute)
				r.arrivedOnce(hook, 300)
				if most := r.net.mostAt(hook); most != bound {
					r.Errorf("%d requests under way at once, want %d", most, bound)
				}
			})
		})
	}
}

// O10: a share grows while it is used up and goes well, never beyond the workers.
func TestShareGrowsToAllWorkersWhenItGoesWell(t *testing.T) {
	inBubble(t, Options{Workers: 8}, func(r *rig) {
		r.net.set(hook, answersAfter(100*time.Millisecond, 200))
		r.save(anAutomation(hook))
		r.publishesMany(0, 300)
		r.pass(time.Minute)
		r.arrivedOnce(hook, 300)
		if most := r.net.mostAt(hook); most != 8 {
			r.Errorf("%d requests under way at once, want all 8 workers", most)
		}
	})
}

// O10: a failing endpoint's share shrinks until it has one request under way.
func TestShareShrinksWhenItGoesBadly(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answersAfter(100*time.Millisecond, 200))
		r.save(anAutomation(hook))
		r.publishesMany(0, 300)
		r.pass(time.Minute)
		grown := r.net.mostAt(hook)
		r.net.set(hook, answersAfter(100*time.Millisecond, 500))
		r.publishesMany(1000, 60)
		r.pass(time.Second)
		r.net.mu.Lock()
		clear(r.net.most)
		r.net.mu.Unlock()
		r.pass(3 * time.Second)
		if most := r.net.mostAt(hook); grown < 8 || most > 1 {
			r.Errorf("%d requests under way at once when well and %d when failing, want many and at most one", grown, most)
		}
	})
}

// O10: automations take turns, however many runs one of them has waiting.
func TestAutomationsTakeTurns(t *testing.T) {
	const few = hook + "/few"
	inBubble(t, Options{Workers: 2}, func(r *rig) {
		r.net.set(hook, answersAfter(100*time.Millisecond, 200))
		r.net.set(few, answersAfter(100*time.Millisecond, 200))
		r.wants("contact.tag.added", hook)
		r.wants("contact.tag.removed", few)
		r.publishesMany(0, 1000)
		r.pass(time.Second)
		for i := range 20 {
			r.publishes(removed(i))
		}
		r.pass(2500 * time.Millisecond)
		r.arrivedOnce(few, 20)
		r.pass(time.Minute)
		r.arrivedOnce(hook, 1000)
	})
}

// O10: however fast its answers come, a lane with a bound takes in no more than it can do under one lease.
func TestBoundedLaneTakesInNoMoreThanItCanDo(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		r.net.set(hook, answersAfter(10*time.Millisecond, 200))
		a := anAutomation(hook)
		a.Limits.Concurrency = 1
		r.save(a)
		for i := range 100 {
			r.publishesMany(i*10, 10)
			r.pass(10 * time.Millisecond)
			if leased := r.counts()[runs.Running]; leased > minLimit+1 {
				r.Fatalf("%d runs are leased, want at most %d that wait and one under way", leased, minLimit)
			}
		}
		r.pass(time.Minute)
		r.arrivedOnce(hook, 1000)
	})
}
