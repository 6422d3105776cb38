package webhook

import (
	"sync"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// healths are how the automations' deliveries have been going, as this process knows it.
type healths struct {
	mu   sync.Mutex
	byID map[string]runs.Health // healthy ones left out
}

func newHealths() *healths { return &healths{byID: map[string]runs.Health{}} }

// learn takes in what the store knows of automations that were saved, and forgets those that are gone or were enabled.
func (h *healths) learn(automations []automation.Automation, stored map[string]runs.Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range automations {
		h.set(a.ID, stored[a.ID])
	}
}

// judge brings an automation's health up to date with a result, notes in the result what the store has to keep, and
// returns what it means.
func (h *healths) judge(a automation.Automation, res *runs.Result) (automation.Change, automation.Reason) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.byID[a.ID]
	after, change, reason := a.DisableRule.Judge(before, *res)
	if after != before {
		h.set(a.ID, after)
		res.Health = &after
	}
	return change, reason
}

func (h *healths) of(automation string) runs.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.byID[automation]
}

// failing tells whether every attempt since the last success failed, and there was one.
func (h *healths) failing(automation string) bool { return !h.of(automation).FailingSince.IsZero() }

func (h *healths) reset(automation string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.byID, automation)
}

func (h *healths) set(id string, health runs.Health) {
	if health == (runs.Health{}) {
		delete(h.byID, id)
		return
	}
	h.byID[id] = health
}
