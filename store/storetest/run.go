package storetest

import (
	"runtime/debug"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// Run checks that a store keeps the promises of package store. Open returns a new, empty store that reads the time from
// now and nowhere else; it closes the store, and fails, by means of t. Run moves that time by hand, whole microseconds
// at a step.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) store.Store) {
	for _, topic := range []struct {
		name   string
		claims []claim
	}{
		{"publish", publishClaims()},
		{"message", messageClaims()},
		{"claim", queueClaims()},
		{"settle", settleClaims()},
		{"attempt", attemptClaims()},
		{"lane", laneClaims()},
		{"release", releaseClaims()},
		{"ordered", orderedClaims()},
		{"judge", judgeClaims()},
		{"gate", gateClaims()},
		{"outbox", outboxClaims()},
		{"automation", registryClaims()},
		{"labels", surveyClaims()},
		{"key", keyClaims()},
		{"list", readerClaims()},
		{"filter", filterClaims()},
		{"replay", replayClaims()},
		{"erase", eraseClaims()},
		{"prune", pruneClaims()},
		{"cancel", cancelClaims()},
		{"wait", waitClaims()},
		{"all at random", walkClaims()},
	} {
		t.Run(topic.name, func(t *testing.T) {
			for _, c := range topic.claims {
				t.Run(c.name, func(t *testing.T) { c.proveOn(t, open) })
			}
		})
	}
}

// claim is one promise and its proof.
type claim struct {
	name  string
	prove func(b *bed)
}

func (c claim) proveOn(t *testing.T, open func(t *testing.T, now func() time.Time) store.Store) {
	t.Parallel()
	clk := &clock{now: begin}
	b := &bed{T: t, clock: clk, Store: open(t, clk.read)}
	defer func() {
		if p := recover(); p != nil { // a third party's store may answer anything
			t.Errorf("an answer was so different that the proof could not go on: %v\n%s", p, debug.Stack())
		}
	}()
	c.prove(b)
	if err := Check(t.Context(), b.Store); err != nil && !t.Failed() {
		t.Errorf("what the store holds in the end contradicts itself:\n%v", err)
	}
}
