package webhook

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// openLanes returns open lanes; those of the automations named are proven.
func openLanes(workers int, proven ...string) *lanes {
	l := newLanes(workers, 10_000)
	l.bound = func(string) int { return 0 }
	l.gated = func(string) bool { return false }
	l.paused = l.gated
	l.open(func() {})
	for _, id := range proven {
		l.lane(id).proven = true
	}
	return l
}

// jobsOf returns n jobs of an automation that are at this try.
func jobsOf(automation string, n, try int) []job {
	list := make([]job, n)
	for i := range list {
		list[i].run = runs.Run{ID: fmt.Sprintf("%s/%d/%d", automation, try, i), Automation: automation, Tries: try}
	}
	return list
}

var wentWell = &runs.Attempt{StatusCode: 200}

// order does n jobs one after the other, and returns what key says of each.
func order[T any](t *testing.T, l *lanes, n int, key func(runs.Run) T) []T {
	t.Helper()
	var got []T
	for range n {
		var p place
		j, ok := l.next(&p)
		if !ok {
			t.Fatal("lanes are closed")
		}
		got = append(got, key(j.run))
		l.done(j, &p, wentWell)
	}
	return got
}

// O10: of what waits, seven first attempts go ahead of each retry, each kind in its order.
func TestFirstAttemptsGoAheadOfRetries(t *testing.T) {
	l := openLanes(1)
	l.add(jobsOf("a", 20, 2), true)
	l.add(jobsOf("a", 20, 1), true)
	want := []string{
		"a/1/0", "a/1/1", "a/1/2", "a/1/3", "a/1/4", "a/1/5", "a/1/6", "a/2/0",
		"a/1/7", "a/1/8", "a/1/9", "a/1/10", "a/1/11", "a/1/12", "a/1/13", "a/2/1",
	}
	if diff := cmp.Diff(want, order(t, l, 16, func(r runs.Run) string { return r.ID })); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// O10: lanes take turns, whatever waits in each.
func TestLanesTakeTurns(t *testing.T) {
	l := openLanes(1, "a", "b", "c")
	l.add(jobsOf("a", 50, 1), true)
	l.add(jobsOf("b", 2, 1), true)
	l.add(jobsOf("c", 3, 2), true)
	want := []string{"a", "b", "c", "a", "b", "c", "a", "c", "a", "a"}
	if diff := cmp.Diff(want, order(t, l, 10, func(r runs.Run) string { return r.Automation })); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// O10: suspect lanes together have at most half of the workers, the others all that are left; with one worker they take
// turns.
func TestSuspectLanesHaveHalfOfTheWorkers(t *testing.T) {
	l := openLanes(8, "well")
	for i := range 20 {
		l.add(jobsOf(fmt.Sprintf("suspect_%d", i), 2, 1), true)
	}
	var under []job
	places := make([]place, 20)
	for l.suspectsMayGo() {
		j, _ := l.next(&places[len(under)])
		under = append(under, j)
	}
	if len(under) != 4 {
		t.Errorf("%d attempts of suspect lanes under way, want 4 of 8 workers", len(under))
	}
	l.add(jobsOf("well", 2, 1), true)
	if got := order(t, l, 2, func(r runs.Run) string { return r.Automation }); got[0] != "well" || got[1] != "well" {
		t.Errorf("next are %q, want the lane that is well", got)
	}
	l.done(under[0], &places[0], wentWell)
	if !l.suspectsMayGo() {
		t.Error("no suspect lane may go on after one was done")
	}
	one := openLanes(1, "well")
	one.add(jobsOf("suspect", 5, 1), true)
	one.add(jobsOf("well", 5, 1), true)
	got := order(t, one, 4, func(r runs.Run) string { return r.Automation })
	if diff := cmp.Diff(map[string]int{"suspect": 2, "well": 2}, tally(got)); diff != "" {
		t.Errorf("with one worker, turns (-want +got):\n%s", diff)
	}
}

func tally(list []string) map[string]int {
	n := map[string]int{}
	for _, each := range list {
		n[each]++
	}
	return n
}

// While the store holds runs of an automation, younger ones do not pass them by: they have no place here.
func TestNoPlaceForRunsOfAHeldLane(t *testing.T) {
	l := openLanes(1)
	l.hold([]store.Lane{{Automation: "a", Hold: runs.HoldBusy}})
	if l.reserve("a") || !l.reserve("b") {
		t.Error("a held lane has a place, or another has none")
	}
	l.hold(nil)
	if !l.reserve("a") {
		t.Error("a lane that is no longer held has no place")
	}
}

// A lane has as many places as its limit, given back ones included; so have all lanes together.
func TestPlacesAreBounded(t *testing.T) {
	l := openLanes(1)
	l.buffer = minLimit + 10
	for range minLimit {
		if !l.reserve("a") {
			t.Fatal("no place below the limit")
		}
	}
	if l.reserve("a") {
		t.Error("a place beyond the lane's limit")
	}
	l.unreserve("a")
	if !l.reserve("a") {
		t.Error("no place after one was given back")
	}
	if over := l.add(jobsOf("b", 100, 1), false); len(over) != 100-minLimit {
		t.Errorf("%d jobs had no room, want %d", len(over), 100-minLimit)
	}
	if l.reserve("c") || l.claim(10) != 0 {
		t.Error("a place beyond the buffer")
	}
}

// A lane that has nothing to do is forgotten after a while, others are not.
func TestIdleLanesAreForgotten(t *testing.T) {
	l := openLanes(2)
	l.add(jobsOf("a", 1, 1), true)
	l.add(jobsOf("b", 1, 1), true)
	order(t, l, 1, func(r runs.Run) string { return r.ID })
	l.lanes["a"].idle = time.Now().Add(-maxQuiet - time.Second)
	l.trim()
	if l.lanes["a"] != nil || l.lanes["b"] == nil {
		t.Errorf("lanes are %v, want b alone", l.lanes)
	}
}
