package webhook

import (
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/automation"
)

// pauses are the automations that may send nothing now, as the store said last. They are a hint, which spares it runs that
// would come back: what may go is decided where it is let out.
type pauses struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func newPauses() *pauses { return &pauses{until: map[string]time.Time{}} }

// learn takes in what the store holds of automations that were saved or deleted.
func (p *pauses) learn(automations []automation.Automation, stored map[string]automation.Health) {
	for _, a := range automations {
		p.set(a.ID, stored[a.ID])
	}
}

// set notes what the store made of an outcome.
func (p *pauses) set(id string, h automation.Health) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(h.PausedUntil) {
		p.until[id] = h.PausedUntil
		return
	}
	delete(p.until, id)
}

// now tells whether an automation pauses.
func (p *pauses) now(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	until, ok := p.until[id]
	if ok && !time.Now().Before(until) {
		delete(p.until, id)
		return false
	}
	return ok
}
