package webhook

import (
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/automation"
)

// trusted is how long a success is not judged after one that was: what another process saw fail is noticed that late.
const trusted = 10 * time.Second

// healths are how the automations' deliveries have been going, as the store said last. They only spare it questions: what
// follows from an outcome is decided where it is written.
type healths struct {
	mu   sync.Mutex
	byID map[string]known
}

type known struct {
	automation.Health
	at time.Time // when a success was judged last
}

func newHealths() *healths { return &healths{byID: map[string]known{}} }

// learn takes in what the store holds of automations that were saved, and forgets those that are gone.
func (h *healths) learn(automations []automation.Automation, stored map[string]automation.Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range automations {
		delete(h.byID, a.ID)
		if health, ok := stored[a.ID]; ok {
			h.byID[a.ID] = known{Health: health}
		}
	}
}

// set notes what the store made of an outcome.
func (h *healths) set(id string, health automation.Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.byID[id] = known{Health: health, at: time.Now()}
}

// well tells whether a success now would be no news.
func (h *healths) well(id string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.byID[id]
	return k.Health == (automation.Health{}) && now.Sub(k.at) < trusted
}

// paused tells whether nothing may be sent now.
func (h *healths) paused(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	k, ok := h.byID[id]
	return ok && !k.PausedUntil.IsZero() && time.Now().Before(k.PausedUntil)
}
