package webhook

import "time"

// place is that of an attempt among the workers. One that lingers gives it free: its worker is replaced, so that what waits
// for a slow endpoint keeps nobody else waiting, and ends with the attempt.
type place struct {
	timer   *time.Timer // until it lingers; nil: it is over
	suspect bool        // it was taken by a suspect lane
	lingers bool
}

const (
	patience  = 100 * time.Millisecond
	lingerers = 8 // for each worker
)

// take gives p to an attempt.
func (l *lanes) take(p *place) {
	if p.suspect {
		l.doubtful++
	}
	p.timer = time.AfterFunc(patience, func() { l.linger(p) })
}

func (l *lanes) linger(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.timer == nil || l.closed || l.lingers >= lingerers*l.workers {
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
	p.timer = nil
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
