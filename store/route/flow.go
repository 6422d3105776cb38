package route

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// Flow implements [store.Queue]: all or none of each shard. It knows an automation's shard from having read or saved it, or
// having been told of its lane; of one that nobody knows, all shards are told.
func (s *Store) Flow(ctx context.Context, flows []store.Flow) error {
	if len(flows) == 0 {
		return ctx.Err()
	}
	parts := make([][]store.Flow, len(s.shards))
	for _, f := range flows {
		home, known := s.homes.of(f.Automation)
		for i, each := range s.shards {
			if !known || each == home {
				parts[i] = append(parts[i], f)
			}
		}
	}
	var errs []error
	for i, part := range parts {
		if len(part) == 0 {
			continue
		}
		if err := s.shards[i].Flow(ctx, part); err != nil {
			errs = append(errs, fmt.Errorf("shard %d: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

// homes are the shards of automations, as far as this process has heard of them.
type homes struct {
	mu     sync.RWMutex
	shards map[string]*shard
}

func (h *homes) of(automation string) (*shard, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	home, ok := h.shards[automation]
	return home, ok
}

func (h *homes) learn(automation string, home *shard) {
	if known, ok := h.of(automation); ok && known == home {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shards == nil {
		h.shards = map[string]*shard{}
	}
	h.shards[automation] = home
}

// read learns of automations, and forgets deleted ones.
func (h *homes) read(list []automation.Automation, home *shard) {
	for _, a := range list {
		if !a.Deleted {
			h.learn(a.ID, home)
			continue
		}
		h.mu.Lock()
		delete(h.shards, a.ID)
		h.mu.Unlock()
	}
}
