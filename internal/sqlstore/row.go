package sqlstore

import (
	"cmp"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// The statuses of a run as its row keeps them.
const (
	Waiting = iota
	Succeeded
	Failed
)

// StatusOf returns how a row keeps the status of a result.
func StatusOf(s runs.Status) int {
	switch s {
	case runs.Succeeded:
		return Succeeded
	case runs.Failed:
		return Failed
	}
	return Waiting
}

// Outside is the state of a run that is out of the queue, because its lane is held.
const Outside = 1

// Row is a run as it is stored, beside what the run itself has: times are microseconds, zero and empty is NULL.
type Row struct {
	runs.Run
	Facts            string
	Created, Changed int64
	Status, Held     int
	Due, Until       int64
	Leased           bool
	Hold             runs.Hold
}

// At returns the run as it is at a time.
func (w Row) At(now int64) runs.Run {
	r := w.Run
	r.CreatedAt, r.StatusAt = Time(w.Created), Time(w.Changed)
	if w.Due != 0 {
		r.Due = Time(w.Due)
	}
	switch {
	case w.Status == Succeeded:
		r.Status = runs.Succeeded
	case w.Status == Failed:
		r.Status = runs.Failed
	case w.Leased && w.Due > now:
		r.Status = runs.Running
	default:
		r.Status = runs.Scheduled
		if w.Held == Outside || w.Hold == runs.HoldDisabled {
			r.Held = cmp.Or(w.Hold, runs.HoldBusy)
		}
		if r.Held != "" && r.Held != runs.HoldDisabled && w.Until > now {
			r.HeldUntil = Time(w.Until)
		}
	}
	r.Respondent, r.Warnings = readFacts(w.Facts)
	return r
}

// Published returns r as it was just created, due at a time: the end of its lease if it has one. Whether its automation
// holds it is known to the store alone.
func Published(r runs.Run, now, due int64, leased bool) runs.Run {
	r.Warnings, r.Attempts, r.Held, r.Replays = slices.Clone(r.Warnings), nil, "", 0
	r.CreatedAt, r.StatusAt, r.Due = Time(now), Time(now), Time(due)
	r.Status, r.Fence, r.Tries = runs.Scheduled, 0, 0
	if leased {
		r.Status, r.Fence, r.Tries = runs.Running, 1, 1
	}
	return r
}

// After returns how long after its creation the run of an entry is due, and whether it is leased.
func After(e store.Entry) (after int64, leased bool) {
	if e.Lease > 0 {
		return e.Lease.Microseconds(), true
	}
	return e.Delay.Microseconds(), false
}

// Bytes tells messages apart by where they are, not by what they say.
type Bytes struct {
	first *byte
	n     int
}

// BytesOf returns where a message is; false for an empty one, which is nowhere.
func BytesOf(message []byte) (Bytes, bool) {
	if len(message) == 0 {
		return Bytes{}, false
	}
	return Bytes{&message[0], len(message)}, true
}

// Time returns the time that a row keeps as microseconds.
func Time(us int64) time.Time { return time.UnixMicro(us).UTC() }

// timeOr returns the time that a row keeps as microseconds, the zero time for NULL.
func timeOr(us *int64) time.Time {
	if us == nil {
		return time.Time{}
	}
	return Time(*us)
}
