package sqlstore

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// HeldLane is a lane that has held runs, as it is stored.
type HeldLane struct {
	store.Lane
	Occupied bool // the run that it let out last is still under way
}

// Held returns a held lane whose pause lasts that many microseconds more. One without a hold was forgotten: its runs are not.
func Held(automation string, hold runs.Hold, pause int64, occupied bool) HeldLane {
	wait := time.Duration(max(0, pause)) * time.Microsecond
	return HeldLane{store.Lane{Automation: automation, Hold: cmp.Or(hold, runs.HoldBusy), Wait: wait}, occupied}
}

// Turn lists held lanes, a part at a time when there are many. It may be used by many at once.
type Turn struct {
	last atomic.Pointer[string] // the lane after which the next ones are listed; nil: from the first
}

// Next returns lanes that may let runs out. After lists up to max lanes that have held runs, by automation, after one.
func (t *Turn) Next(after func(last string, max int) ([]HeldLane, error)) (list []store.Lane, err error) {
	last := ""
	if turn := t.last.Load(); turn != nil {
		last = *turn
	}
	found, err := after(last, store.MaxLanes)
	if err == nil && last != "" && len(found) < store.MaxLanes { // round again
		var first []HeldLane
		first, err = after("", store.MaxLanes-len(found))
		found = append(found, slices.DeleteFunc(first, func(l HeldLane) bool { return l.Automation > last })...)
	}
	if err != nil {
		return nil, err
	}
	t.last.Store(nil)
	if len(found) == store.MaxLanes {
		t.last.Store(&found[store.MaxLanes-1].Automation)
	}
	for _, l := range found {
		if l.Hold != runs.HoldDisabled && !(l.Hold == runs.HoldOrdered && l.Occupied) {
			list = append(list, l.Lane)
		}
	}
	return list, nil
}
