package webhook

import (
	"strconv"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// I1: the use of a key is noted once a minute, and what is remembered of that is bounded however many keys are used.
func TestUsesOfManyKeysAreNotedInBoundedMemory(t *testing.T) {
	k := newKeyring(nil, time.Second)
	for i := range 3 * maxRings {
		key := store.Key{ID: strconv.Itoa(i)}
		if !k.notable(key) || k.notable(key) {
			t.Fatalf("use of key %d is not noted once", i)
		}
	}
	if n := len(k.recent) + len(k.older); n > 2*maxRings {
		t.Errorf("%d uses are remembered", n)
	}
	if k.notable(store.Key{ID: strconv.Itoa(2*maxRings - 1)}) {
		t.Error("a use before many others is noted again")
	}
	if k.notable(store.Key{ID: "other", UsedAt: time.Now()}) {
		t.Error("a use that another process has noted is noted again")
	}
}
