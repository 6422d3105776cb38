package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// Changes implements [store.Registry].
func (s *Store) Changes(ctx context.Context, mark store.Mark) (store.Changes, error) {
	if err := ctx.Err(); err != nil {
		return store.Changes{}, err
	}
	since, err := mark.Version()
	if err != nil {
		return store.Changes{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := store.Changes{Mark: store.MarkAt(s.version), Health: map[string]automation.Health{}}
	for id, old := range s.autos {
		if old.version <= since || since == 0 && old.doc == nil {
			continue
		}
		c.Automations = append(c.Automations, old.read(id))
		if h := s.lane(id).health; h != (automation.Health{}) {
			c.Health[id] = h
		}
	}
	slices.SortFunc(c.Automations, func(a, b automation.Automation) int { return cmp.Compare(a.Version, b.Version) })
	c.Labels = s.labelsSince(since)
	return c, nil
}

func (s saved) read(id string) automation.Automation {
	a := automation.Automation{Deleted: s.doc == nil}
	if s.doc != nil {
		a = automation.Read(s.doc)
	}
	a.ID, a.Account, a.Version, a.CreatedAt, a.UpdatedAt = id, s.account, s.version, s.created, s.updated
	return a
}

// labelsSince returns the labels saved after a version, oldest first.
func (s *Store) labelsSince(version int64) (list []store.SurveyLabels) {
	keys := slices.SortedFunc(maps.Keys(s.surveys), func(a, b surveyKey) int {
		return cmp.Compare(s.surveys[a].version, s.surveys[b].version)
	})
	for _, key := range keys {
		if l := s.surveys[key]; l.version > version {
			list = append(list, l.read(key))
		}
	}
	return list
}

func (l savedLabels) read(key surveyKey) store.SurveyLabels {
	return store.SurveyLabels{Account: key.account, Survey: key.survey, Labels: maps.Clone(l.labels), Version: l.version}
}

// Put implements [store.Registry].
func (s *Store) Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]automation.Automation, len(automations))
	next := make(map[string]saved, len(automations))
	for i, a := range automations {
		old, known := s.autos[a.ID]
		if _, twice := next[a.ID]; twice || a.Version != old.version || known && (old.doc == nil || old.account != a.Account) {
			return nil, fmt.Errorf("save automation %q: %w: read it again and repeat the change", a.ID, store.ErrConflict)
		}
		a.Version, a.CreatedAt, a.UpdatedAt = s.version+int64(i)+1, old.created, s.clock()
		if !known {
			a.CreatedAt = a.UpdatedAt
		}
		doc, err := automation.Marshal(a)
		if err != nil {
			return nil, fmt.Errorf("save automation %q: %w", a.ID, err)
		}
		next[a.ID] = saved{account: a.Account, version: a.Version, created: a.CreatedAt, updated: a.UpdatedAt, doc: doc}
		out[i] = a
	}
	for _, a := range out {
		s.autos[a.ID] = next[a.ID]
		l := s.lane(a.ID)
		l.health, l.gate = automation.Health{Told: l.health.Told}, a.Limits.Gate()
		l.hold, l.until = a.Hold(l.hold), earlier(l.until, a.UpdatedAt.Add(a.Limits.Debt()))
	}
	s.version += int64(len(automations))
	return out, nil
}

// Delete implements [store.Registry].
func (s *Store) Delete(ctx context.Context, account string, ids []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, id := range ids {
		if a := s.autos[id]; a.doc == nil || a.account != account || slices.Contains(ids[:i], id) {
			return fmt.Errorf("delete automation %q: %w in account %q", id, store.ErrNotFound, account)
		}
	}
	for _, id := range ids {
		s.version++
		s.autos[id] = saved{account: account, version: s.version, created: s.autos[id].created, updated: s.clock()}
		for l := s.lane(id); l.held.Len() > 0; {
			s.due.add(l.held.first())
		}
		delete(s.lanes, id)
		maps.DeleteFunc(s.keys, func(_ string, k store.Key) bool { return k.Automation == id })
	}
	return nil
}

// Labels implements [store.Surveys].
func (s *Store) Labels(ctx context.Context, account, survey string) (store.SurveyLabels, error) {
	if err := ctx.Err(); err != nil {
		return store.SurveyLabels{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := surveyKey{account, survey}
	return s.surveys[key].read(key), nil
}

// SetLabels implements [store.Surveys].
func (s *Store) SetLabels(ctx context.Context, surveys []store.SurveyLabels) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := make(map[surveyKey]savedLabels, len(surveys))
	for i, each := range surveys {
		key := surveyKey{each.Account, each.Survey}
		if _, twice := next[key]; twice || each.Version != s.surveys[key].version {
			return fmt.Errorf("save labels of survey %q: %w: read them again and repeat the change", each.Survey, store.ErrConflict)
		}
		next[key] = savedLabels{labels: maps.Clone(each.Labels), version: s.version + int64(i) + 1}
	}
	maps.Copy(s.surveys, next)
	s.version += int64(len(surveys))
	return nil
}
