package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Changes implements [store.Registry].
func (s *Store) Changes(ctx context.Context, since int64) (store.Changes, error) {
	if err := ctx.Err(); err != nil {
		return store.Changes{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := store.Changes{Version: s.version, Health: map[string]runs.Health{}}
	for _, a := range s.autos {
		if a.version > since && (since > 0 || !a.Deleted) {
			c.Automations = append(c.Automations, a.Automation)
			if l, ok := s.lanes[a.ID]; ok && l.health != (runs.Health{}) {
				c.Health[a.ID] = l.health
			}
		}
	}
	slices.SortFunc(c.Automations, func(a, b automation.Automation) int { return cmp.Compare(a.Version, b.Version) })
	for key, l := range s.surveys {
		if l.version > since {
			c.Labels = append(c.Labels, store.SurveyLabels{Account: key.account, Survey: key.survey, Labels: maps.Clone(l.labels)})
		}
	}
	slices.SortFunc(c.Labels, func(a, b store.SurveyLabels) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Survey, b.Survey))
	})
	return c, nil
}

// Put implements [store.Registry].
func (s *Store) Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range automations {
		if old, ok := s.autos[a.ID]; a.Version != old.version || ok && (old.Deleted || old.Account != a.Account) {
			return nil, fmt.Errorf("save automation %q: %w: read it again and repeat the change", a.ID, store.ErrConflict)
		}
	}
	out := make([]automation.Automation, len(automations))
	for i, a := range automations {
		s.version++
		a.Version, a.UpdatedAt, a.CreatedAt = s.version, s.clock(), s.autos[a.ID].CreatedAt
		if a.CreatedAt.IsZero() {
			a.CreatedAt = a.UpdatedAt
		}
		s.autos[a.ID] = saved{Automation: a, version: s.version}
		s.lane(a.ID).health = runs.Health{}
		out[i] = a
	}
	return out, nil
}

// Delete implements [store.Registry].
func (s *Store) Delete(ctx context.Context, account string, ids []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if a, ok := s.autos[id]; !ok || a.Deleted || a.Account != account {
			return fmt.Errorf("delete automation %q: %w in account %q", id, store.ErrNotFound, account)
		}
	}
	for _, id := range ids {
		s.version++
		gone := automation.Automation{ID: id, Account: account, Deleted: true, Version: s.version}
		s.autos[id] = saved{Automation: gone, version: s.version}
		l := s.lane(id)
		s.release(l, l.held.Len())
		delete(s.lanes, id)
	}
	return nil
}

// Labels implements [store.Surveys].
func (s *Store) Labels(ctx context.Context, account, survey string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.surveys[surveyKey{account, survey}].labels), ctx.Err()
}

// SetLabels implements [store.Surveys].
func (s *Store) SetLabels(ctx context.Context, surveys []store.SurveyLabels) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, each := range surveys {
		s.version++
		s.surveys[surveyKey{each.Account, each.Survey}] = savedLabels{labels: maps.Clone(each.Labels), version: s.version}
	}
	return nil
}
