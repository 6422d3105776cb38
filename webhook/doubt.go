package webhook

import "time"

// doubt is the place that an attempt of a suspect lane takes among the workers.
type doubt struct {
	timer   *time.Timer // until it lingers
	lingers bool        // its worker was replaced
}

const (
	patience  = 100 * time.Millisecond
	lingerers = 8 // for each worker
)

// doubt takes a place for an attempt of a suspect lane, and gives it free for another when it is not over soon.
func (l *lanes) doubt() *doubt {
	l.doubtful++
	d := &doubt{}
	d.timer = time.AfterFunc(patience, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if d.timer == nil || l.closed || l.lingers >= lingerers*l.workers {
			return
		}
		d.lingers = true
		l.doubtful--
		l.lingers++
		l.replace()
	})
	return d
}

// over gives the place of an attempt of a suspect lane free.
func (l *lanes) over(d *doubt) {
	d.timer.Stop()
	d.timer = nil
	if d.lingers {
		l.lingers--
		return
	}
	l.doubtful--
	l.more.Signal() // another suspect may go on
}
