package webhook

import "time"

// place is that of a worker's attempt among the others. One that lingers gives it free: its worker is replaced, so that what
// waits for a slow endpoint keeps nobody else waiting, and ends with the attempt.
type place struct {
	timer   *time.Timer // of the worker's attempts, until one lingers
	since   time.Time   // when the attempt took it; zero: it is over
	suspect bool        // it was taken by a suspect lane
	lingers bool
}

const (
	patience  = 100 * time.Millisecond
	lingerers = 8 // for each worker
)

// take gives p to an attempt.
func (l *lanes) take(p *place, suspect bool) {
	p.since, p.suspect = time.Now(), suspect
	if suspect {
		l.doubtful++
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(patience, func() { l.linger(p) })
		return
	}
	p.timer.Reset(patience)
}

// linger has the worker of an attempt replaced. It may come late, from an attempt that is over, while the next is young.
func (l *lanes) linger(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.since.IsZero() || time.Since(p.since) < patience || l.closed || l.lingers >= lingerers*l.workers {
		return
	}
	l.vacate(p)
	p.lingers = true
	l.lingers++
	l.replace()
}

// leave ends an attempt's stay.
func (l *lanes) leave(p *place) {
	p.timer.Stop()
	p.since = time.Time{}
	if p.lingers {
		l.lingers--
		return
	}
	l.vacate(p)
}

func (l *lanes) vacate(p *place) {
	if p.suspect {
		l.doubtful--
		l.more.Signal() // another suspect may go on
	}
}
