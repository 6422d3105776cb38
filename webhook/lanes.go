package webhook

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// lanes are the runs in memory, by automation. Workers take them in turns between automations, first attempts ahead of
// retries, and no automation has more attempts under way than its share.
//
// A lane is suspect until its first success, and from a failure to the next success. All suspect lanes together have at
// most half of the workers: however many endpoints hang, they leave the other half to those that answer. And a worker
// whose attempt lingers is replaced, so that nobody waits for somebody else's slow answers or timeouts.
type lanes struct {
	workers  int
	buffer   int
	bound    func(automation string) int  // on attempts under way, of the automation's own; 0: none
	gated    func(automation string) bool // its runs go the way of the store, as far as this process knows
	paused   func(automation string) bool // nothing of it may be sent now, likewise
	together func(automation string) int  // how many runs may go together of one whose runs go the way of the store
	replace  func()                       // starts one worker more

	mu       sync.Mutex
	more     sync.Cond // a lane may go on, or lanes were closed
	lanes    map[string]*lane
	held     map[string]bool // automations of which the store holds runs
	proven   fifo[*lane]     // those with a job and room in their share, in order of their turn
	suspects fifo[*lane]     // likewise
	doubtful int             // attempts of suspects under way, without those that linger
	lingers  int             // those that do
	rounds   int             // turns taken
	waiting  int             // jobs in all lanes, and places reserved
	claiming int             // places for runs that are being claimed
	looked   time.Time       // for late jobs
	recalled time.Time       // when all were
	full     bool            // somebody found no room
	closed   bool
}

func newLanes(workers, buffer int) *lanes {
	l := &lanes{workers: workers, buffer: buffer, closed: true}
	l.lanes, l.held = map[string]*lane{}, map[string]bool{}
	l.more.L = &l.mu
	return l
}

// open lets jobs in; replace starts one worker more, for one whose attempt lingers.
func (l *lanes) open(replace func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed, l.replace = false, replace
}

// close lets every worker return and gives back the jobs that none of them took.
func (l *lanes) close() []job {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	var left []job
	for _, each := range l.lanes {
		left = append(left, each.empty()...)
	}
	clear(l.lanes)
	l.proven, l.suspects, l.waiting = fifo[*lane]{}, fifo[*lane]{}, 0
	l.more.Broadcast()
	return left
}

// reserve takes a place for a run about to be published as leased to this process, if its lane has one.
func (l *lanes) reserve(automation string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.waiting+l.claiming >= l.buffer {
		l.full = true
		return false
	}
	if l.gated(automation) || l.paused(automation) {
		return false
	}
	each := l.lane(automation)
	if l.held[automation] || each.length() >= each.limit() {
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
	if l.closed {
		return slices.Clone(jobs)
	}
	for _, j := range jobs {
		each := l.lane(j.run.Automation)
		if reserved && each.reserved > 0 {
			each.reserved--
			l.waiting--
		}
		if reserved && l.paused(j.run.Automation) || !reserved && each.length() >= l.limit(each) {
			l.held[j.run.Automation] = true
			over = append(over, j)
			continue
		}
		l.waiting++
		each.put(j)
		l.schedule(each)
	}
	return over
}

// next waits for a job that may be done now, and gives it the worker's place; false when lanes were closed.
func (l *lanes) next(p *place) (job, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed && l.proven.len() == 0 && !l.suspectsMayGo() {
		l.more.Wait()
	}
	if l.closed {
		return job{}, false
	}
	l.rounds++
	from, suspect := &l.proven, false
	if l.suspectsMayGo() && (l.proven.len() == 0 || l.rounds%2 == 0) {
		from, suspect = &l.suspects, true
	}
	each := from.pop()
	each.turn = false
	j := each.pick()
	l.take(p, suspect)
	each.underway++
	l.waiting--
	l.schedule(each)
	return j, true
}

func (l *lanes) suspectsMayGo() bool { return l.suspects.len() > 0 && l.doubtful < max(1, l.workers/2) }

// done tells how the attempt of a job went, nil when none was made, and returns whether there is room now for runs that
// found none before. After a failure its lane waits for the verdict: see judged.
func (l *lanes) done(j job, p *place, a *runs.Attempt) (room bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leave(p)
	each, known := l.lanes[j.run.Automation]
	if !known {
		return false
	}
	full := each.underway >= l.allowed(each)
	each.underway--
	if a != nil {
		each.learn(a, full, l.most(each))
	}
	if failed(a) {
		each.verdicts++
		l.unschedule(each)
	}
	l.schedule(each)
	room = l.held[j.run.Automation] && l.room(each) > 0
	if l.full && l.waiting <= l.buffer/2 {
		l.full, room = false, true
	}
	if each.length()+each.underway == 0 {
		each.rest()
	}
	return room
}

func failed(a *runs.Attempt) bool { return a != nil && !a.OK() }

// judged tells that the outcomes of failures of these automations, as often as each is listed, were written: their lanes
// may go on, with what was not drained.
func (l *lanes) judged(automations []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range automations {
		if each, ok := l.lanes[id]; ok && each.verdicts > 0 {
			each.verdicts--
			l.schedule(each)
		}
	}
}

// claim takes places for runs about to be claimed, at most max, until claimed is called.
func (l *lanes) claim(max int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.waiting >= l.buffer {
		l.full = true
		return 0
	}
	l.claiming = min(max, l.buffer-l.waiting)
	return l.claiming
}

func (l *lanes) claimed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claiming = 0
}

// hold tells of which automations the store holds runs. Runs published for them go the way of the store, so that those
// held before them come first.
func (l *lanes) hold(held []store.Lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(held) < store.MaxLanes { // else it is a part of them
		clear(l.held)
	}
	for _, each := range held {
		l.held[each.Automation] = true
	}
}

// drain takes back the jobs of automations that may not go on.
func (l *lanes) drain(automations []string) (left []job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range automations {
		if each, ok := l.lanes[id]; ok {
			left = append(left, l.takeBack(each)...)
		}
	}
	return left
}

// late takes back the jobs whose lease ends within a time, that nobody will do under it: else they would lose a try.
func (l *lanes) late(within time.Duration) (left []job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Sub(l.looked) < time.Second {
		return nil
	}
	l.looked = now
	for _, each := range l.lanes {
		for _, from := range []*fifo[job]{&each.firsts, &each.retries} {
			for from.len() > 0 && from.first().until.Sub(now) < within {
				left = append(left, from.pop())
			}
		}
		if each.waiting() == 0 {
			l.unschedule(each)
		}
	}
	l.waiting -= len(left)
	return left
}

// recall takes back all jobs, at most once a second: a lease was lost, and others may have been with it.
func (l *lanes) recall() (left []job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Sub(l.recalled) < time.Second {
		return nil
	}
	l.recalled = now
	for _, each := range l.lanes {
		left = append(left, l.takeBack(each)...)
	}
	return left
}

// takeBack empties a lane.
func (l *lanes) takeBack(each *lane) []job {
	jobs := each.empty()
	l.waiting -= len(jobs)
	l.unschedule(each)
	return jobs
}

// release returns how many held runs of a lane may be let out now, 0 for none, and how long each of them keeps the lane
// from letting out more.
func (l *lanes) release(held store.Lane, limits automation.Limits, lease time.Duration) (n int, pause time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, 0
	}
	each := l.lane(held.Automation)
	room := l.room(each)
	switch held.Hold {
	case runs.HoldFailing: // a probe: while it is under way there is no other, unless who made it died
		each.pace, each.careful = minPace, true
		return min(room, 1), lease
	case runs.HoldOrdered:
		return min(room, 1), limits.Every()
	case runs.HoldRate:
		return min(room, limits.Together()), limits.Every()
	case runs.HoldSlow:
		each.pace, each.careful = max(minPace, each.pace), true
		pause := max(limits.Every(), time.Duration(float64(time.Second)/each.pace))
		return min(room, max(1, int(slowStep/pause))), pause
	}
	return room, 0
}

// slowStep is how much of its pace a slow lane lets out at a time.
const slowStep = time.Second / 10

func (l *lanes) lane(automation string) *lane {
	each, ok := l.lanes[automation]
	switch {
	case !ok:
		each = newLane(automation)
	case !each.idle.IsZero() && time.Since(each.idle) > maxIdle:
		each = each.renewed()
	}
	l.lanes[automation] = each
	each.idle = time.Time{}
	return each
}

// trim forgets lanes that have long been idle.
func (l *lanes) trim() {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.lanes, func(_ string, each *lane) bool {
		return each.length()+each.underway == 0 && time.Since(each.idle) > maxQuiet
	})
}

// schedule gives a lane a turn if it can use one.
func (l *lanes) schedule(each *lane) {
	if each.turn || each.waiting() == 0 || each.verdicts > 0 || each.underway >= l.allowed(each) {
		return
	}
	each.turn = true
	if each.proven {
		l.proven.push(each)
	} else {
		l.suspects.push(each)
	}
	l.more.Signal()
}

// unschedule takes a lane's turn.
func (l *lanes) unschedule(each *lane) {
	if !each.turn {
		return
	}
	each.turn = false
	same := func(e *lane) bool { return e == each }
	l.proven.remove(same)
	l.suspects.remove(same)
}

// limit returns how many claimed jobs may wait in a lane. Of one that the store lets out in their time, those wait there that
// cannot begin now, but for as many as may go together: here they all would, once they can.
func (l *lanes) limit(each *lane) int {
	if l.gated(each.automation) {
		return max(0, max(l.allowed(each), l.together(each.automation))-each.underway)
	}
	return each.limit()
}

// room returns how many more claimed jobs a lane takes.
func (l *lanes) room(each *lane) int {
	if l.gated(each.automation) {
		return max(0, l.limit(each)-each.length())
	}
	return each.room()
}

// allowed returns how many attempts of a lane may be under way.
func (l *lanes) allowed(each *lane) int { return min(int(each.share), l.most(each)) }

// most returns the largest share that a lane can use.
func (l *lanes) most(each *lane) int {
	if bound := l.bound(each.automation); bound > 0 {
		return min(bound, l.workers)
	}
	return l.workers
}
