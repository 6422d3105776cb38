package webhook

import (
	"maps"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// job is a run that this process holds the lease of.
type job struct {
	run   runs.Run
	until time.Time // when the lease ends, by this process's clock
	sick  bool      // it was taken from a sick lane
}

// lanes are the runs in memory, by automation. Workers take them in turns between automations, first attempts ahead of
// retries, and no automation has more attempts under way than its share.
//
// A share begins at two, so that many hanging endpoints cannot take all workers before the first of them has timed out,
// grows by one with each success while it is used up, and halves with each failure. A lane is sick from a failure to the
// next success; all sick lanes together have at most half of the workers, so that however many endpoints hang, they leave
// the other half to those that answer.
type lanes struct {
	workers int
	buffer  int
	bound   func(automation string) int  // on attempts under way, of the automation's own; 0: none
	failing func(automation string) bool // as far as is known when a lane begins

	mu      sync.Mutex
	more    sync.Cond // a lane may go on, or lanes were closed
	lanes   map[string]*lane
	busy    map[string]bool // automations whose runs the store holds as busy
	turns   []*lane         // those with a job and room in their share, in order of their turn
	sick    []*lane         // likewise the sick ones
	ailing  int             // attempts under way that were taken from sick lanes
	rounds  int             // turns taken
	waiting int             // jobs in all lanes, and places reserved
	full    bool            // somebody found no room
	closed  bool
}

type lane struct {
	automation string
	firsts     []job
	retries    []job
	reserved   int // places given to runs that are being published
	underway   int
	share      int
	picks      int  // turns taken
	turn       bool // in turns, or in sick
	sick       bool
	idle       time.Time // since when it has nothing to do; zero: it has
}

const (
	firstShare = 2
	minLimit   = 64               // jobs that may wait in a lane
	oneLimit   = 8                // or in one whose share is one: more would not be done within their lease if it hangs
	retryTurn  = 8                // every eighth pick of a lane prefers a retry, so that they are not starved
	maxIdle    = 10 * time.Second // after that, what its share had become says little about how the endpoint answers now
)

func newLanes(workers, buffer int, bound func(automation string) int, failing func(automation string) bool) *lanes {
	l := &lanes{workers: workers, buffer: buffer, bound: bound, failing: failing, closed: true}
	l.lanes, l.busy = map[string]*lane{}, map[string]bool{}
	l.more.L = &l.mu
	return l
}

func (l *lanes) open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = false
}

// close lets every worker return and gives back the jobs that none of them took.
func (l *lanes) close() []job {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	var left []job
	for _, each := range l.lanes {
		left = append(append(left, each.firsts...), each.retries...)
	}
	clear(l.lanes)
	l.turns, l.sick, l.waiting = nil, nil, 0
	l.more.Broadcast()
	return left
}

// reserve takes a place for a run about to be published as leased to this process, if its lane has one.
func (l *lanes) reserve(automation string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.waiting >= l.buffer {
		l.full = true
		return false
	}
	each := l.lane(automation)
	if l.busy[automation] || each.length() >= each.limit() {
		return false
	}
	each.reserved++
	l.waiting++
	return true
}

// unreserve returns a place that was not needed.
func (l *lanes) unreserve(automation string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if each, ok := l.lanes[automation]; ok && each.reserved > 0 {
		each.reserved--
		l.waiting--
	}
}

// add queues jobs in their lanes, those with a reserved place whatever the lane's limit, and returns those for which
// their lane has no room.
func (l *lanes) add(jobs []job, reserved bool) (over []job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, j := range jobs {
		each := l.lane(j.run.Automation)
		switch {
		case l.closed || !reserved && each.length() >= each.limit():
			l.busy[j.run.Automation] = !l.closed
			over = append(over, j)
			continue
		case reserved && each.reserved > 0:
			each.reserved--
		default:
			l.waiting++
		}
		if j.run.Tries > 1 {
			each.retries = append(each.retries, j)
		} else {
			each.firsts = append(each.firsts, j)
		}
		l.schedule(each)
	}
	return over
}

// next waits for a job that may be done now; false when lanes were closed.
func (l *lanes) next() (job, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed && len(l.turns) == 0 && !l.sickMayGo() {
		l.more.Wait()
	}
	if l.closed {
		return job{}, false
	}
	l.rounds++
	from, sick := &l.turns, false
	if l.sickMayGo() && (len(l.turns) == 0 || l.rounds%2 == 0) {
		from, sick = &l.sick, true
		l.ailing++
	}
	each := (*from)[0]
	*from, each.turn = (*from)[1:], false
	j := each.pick()
	j.sick = sick
	each.underway++
	l.waiting--
	l.schedule(each)
	return j, true
}

func (l *lanes) sickMayGo() bool { return len(l.sick) > 0 && l.ailing < max(1, l.workers/2) }

// done tells how the attempt of a job went, nil when none was made, and returns whether there is room now for runs that
// found none before.
func (l *lanes) done(j job, a *runs.Attempt) (room bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j.sick {
		l.ailing--
		l.more.Signal() // another sick lane may go on
	}
	each, known := l.lanes[j.run.Automation]
	if !known {
		return false
	}
	full := each.underway >= l.allowed(each)
	each.underway--
	switch {
	case a == nil: // says nothing of the endpoint
	case !a.OK():
		each.share, each.sick = max(1, each.share/2), true
	default:
		each.sick = false
		if full {
			each.share = max(each.share, min(each.share+1, l.most(each)))
		}
	}
	l.schedule(each)
	room = l.busy[j.run.Automation] && each.length() <= each.limit()/2
	if l.full && l.waiting <= l.buffer/2 {
		l.full, room = false, true
	}
	if each.length()+each.underway == 0 {
		each.idle = time.Now()
	}
	return room
}

// room returns how many more runs can be taken in.
func (l *lanes) room() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.waiting >= l.buffer {
		l.full = true
		return 0
	}
	return l.buffer - l.waiting
}

// hold tells which automations the store holds as busy. Runs published for them go the way of the store, so that those
// held before them come first.
func (l *lanes) hold(busy []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.busy)
	for _, id := range busy {
		l.busy[id] = true
	}
}

// release returns how many held runs of an automation can be taken in now: 0 while it is more than half full.
func (l *lanes) release(automation string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	each := l.lane(automation)
	if l.closed || each.length() > each.limit()/2 {
		return 0
	}
	return each.limit() - each.length()
}

func (l *lanes) lane(automation string) *lane {
	each, ok := l.lanes[automation]
	if !ok || !each.idle.IsZero() && time.Since(each.idle) > maxIdle {
		each = &lane{automation: automation, share: firstShare, sick: l.failing(automation)}
		l.lanes[automation] = each
	}
	each.idle = time.Time{}
	return each
}

// trim forgets lanes that have long been idle.
func (l *lanes) trim() {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.lanes, func(_ string, each *lane) bool {
		return each.length()+each.underway == 0 && time.Since(each.idle) > maxIdle
	})
}

// schedule gives a lane a turn if it can use one.
func (l *lanes) schedule(each *lane) {
	if each.turn || len(each.firsts)+len(each.retries) == 0 || each.underway >= l.allowed(each) {
		return
	}
	each.turn = true
	if each.sick {
		l.sick = append(l.sick, each)
	} else {
		l.turns = append(l.turns, each)
	}
	l.more.Signal()
}

// allowed returns how many attempts of a lane may be under way.
func (l *lanes) allowed(each *lane) int { return min(each.share, l.most(each)) }

// most returns the largest share that a lane can use.
func (l *lanes) most(each *lane) int {
	if bound := l.bound(each.automation); bound > 0 {
		return min(bound, l.workers)
	}
	return l.workers
}

func (e *lane) length() int { return len(e.firsts) + len(e.retries) + e.reserved }

// limit is how many jobs may wait: as many as the lane, at its share, can be expected to do well within their lease.
func (e *lane) limit() int {
	if e.share == 1 {
		return oneLimit
	}
	return max(minLimit, e.share*e.share)
}

func (e *lane) pick() (j job) {
	e.picks++
	from := &e.firsts
	if len(e.firsts) == 0 || len(e.retries) > 0 && e.picks%retryTurn == 0 {
		from = &e.retries
	}
	j, (*from)[0] = (*from)[0], job{} // the queue's array must not keep the message
	*from = (*from)[1:]
	return j
}
