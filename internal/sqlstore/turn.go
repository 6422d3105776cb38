package sqlstore

import (
	"cmp"
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

// Next returns up to [store.MaxLanes] lanes that may let runs out. After lists up to max lanes that have held runs, by
// automation, after one. It goes once round at most.
func (t *Turn) Next(after func(last string, max int) ([]HeldLane, error)) (list []store.Lane, err error) {
	start := ""
	if turn := t.last.Load(); turn != nil {
		start = *turn
	}
	for last, again := start, start == ""; ; {
		found, err := after(last, store.MaxLanes)
		if err != nil {
			return nil, err
		}
		for _, l := range found {
			last = l.Automation
			if l.may() {
				list = append(list, l.Lane)
			}
			if len(list) == store.MaxLanes {
				t.last.Store(&last)
				return list, nil
			}
			if again && start != "" && last >= start {
				t.last.Store(nil)
				return list, nil
			}
		}
		switch {
		case len(found) == store.MaxLanes:
		case again:
			t.last.Store(nil)
			return list, nil
		default:
			last, again = "", true
		}
	}
}

// may tells whether the lane may let runs out, now or later.
func (l HeldLane) may() bool {
	return l.Hold != runs.HoldDisabled && !(l.Hold == runs.HoldOrdered && l.Occupied)
}
