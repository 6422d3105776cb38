package webhook

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// lane is the runs of one automation in memory, and what its endpoint was found to bear.
//
// Its share bounds the attempts under way. It begins at two, so that one that hangs does not keep all others waiting. It
// doubles while it is used up and all goes well, halves with each failure, and after the first of them grows by one each
// time as many attempts as it allows have succeeded. Its pace bounds the held runs that are let out in a second while the
// endpoint is slow: it rises with each success, by a fifth a second at most, so that an endpoint that comes back meets no
// storm and is never sent much more than it has just borne.
type lane struct {
	automation string
	firsts     fifo[job]
	retries    fifo[job]
	reserved   int // places given to runs that are being published
	underway   int
	picks      int       // turns taken
	turn       bool      // it waits for one
	verdicts   int       // on failures, that it waits for
	idle       time.Time // since when it has nothing to do; zero: it has

	proven  bool // its latest attempt succeeded
	careful bool // one failed since the lane began
	share   float64
	pace    float64   // runs a second; 0: it was never slow
	slowed  time.Time // when its pace was last cut: what was begun before says nothing new
	rate    successes
}

const (
	firstShare = 2
	minLimit   = 64               // jobs that may wait in a lane
	oneLimit   = 8                // or in one that failed and whose share is one: more would not be done within their lease if it hangs
	retryTurn  = 8                // every eighth pick of a lane prefers a retry, so that they are not starved
	maxIdle    = 10 * time.Second // after that, what its share had become says little about how the endpoint answers now
	maxQuiet   = 10 * time.Minute // after that, nor does its last answer

	minPace  = 2.0 // runs a second
	paceStep = 0.2 // that each success adds to the pace
	paceCut  = 0.7 // share of it that is left when the endpoint asks for less
)

func newLane(automation string) *lane { return &lane{automation: automation, share: firstShare} }

// renewed returns the lane as it begins again after idling.
func (e *lane) renewed() *lane {
	next := newLane(e.automation)
	next.proven = e.proven && time.Since(e.idle) <= maxQuiet
	return next
}

// rest has the lane idle from now on.
func (e *lane) rest() {
	e.idle = time.Now()
	e.firsts.shrink()
	e.retries.shrink()
}

func (e *lane) length() int { return e.waiting() + e.reserved }

// waiting is how many jobs wait.
func (e *lane) waiting() int { return e.firsts.len() + e.retries.len() }

// limit is how many jobs may wait: as many as the lane, at its share, can be expected to do well within their lease.
func (e *lane) limit() int {
	if e.careful && e.share < 2 {
		return oneLimit
	}
	return max(minLimit, int(e.share*e.share))
}

// room is how many more jobs the lane takes; 0 while it is more than half full, so that they come many at a time.
func (e *lane) room() int {
	if e.length() > e.limit()/2 {
		return 0
	}
	return e.limit() - e.length()
}

func (e *lane) put(j job) {
	if j.run.Tries > 1 {
		e.retries.push(j)
	} else {
		e.firsts.push(j)
	}
}

func (e *lane) pick() job {
	e.picks++
	if e.firsts.len() == 0 || e.retries.len() > 0 && e.picks%retryTurn == 0 {
		return e.retries.pop()
	}
	return e.firsts.pop()
}

// empty returns the jobs that wait, and leaves none.
func (e *lane) empty() []job {
	return append(e.firsts.empty(), e.retries.empty()...)
}

// learn takes in how an attempt went that was made while full of the share was used up, at most most.
func (e *lane) learn(a *runs.Attempt, full bool, most int) {
	now := a.At.Add(a.Duration)
	if !a.OK() {
		e.share, e.proven, e.careful = max(1, e.share/2), false, true
		e.slow(a, now)
		return
	}
	e.proven = true
	e.rate.add(now)
	if e.pace > 0 {
		e.pace += paceStep
	}
	if !full {
		return
	}
	step := 1.0
	if e.careful {
		step = 1 / e.share
	}
	e.share = max(e.share, min(e.share+step, float64(most)))
}

// slow cuts the pace when the endpoint asks for less.
func (e *lane) slow(a *runs.Attempt, now time.Time) {
	if !a.Throttled() && a.RetryAfter() <= 0 || a.At.Before(e.slowed) {
		return
	}
	if e.pace == 0 {
		e.pace = e.rate.perSecond(now)
	}
	e.pace, e.slowed = max(minPace, e.pace*paceCut), now
}

// successes counts what went well in this second and the one before.
type successes struct {
	second    int64
	now, last int
}

func (s *successes) add(at time.Time) {
	s.turn(at)
	s.now++
}

func (s *successes) perSecond(at time.Time) float64 {
	s.turn(at)
	return float64(max(s.now, s.last))
}

func (s *successes) turn(at time.Time) {
	switch second := at.Unix(); {
	case second == s.second+1:
		s.second, s.last, s.now = second, s.now, 0
	case second > s.second:
		*s = successes{second: second}
	}
}
