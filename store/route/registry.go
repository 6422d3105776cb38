package route

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// Changes implements [store.Registry]. A shard that does not answer is read on from the same mark the next time; the accounts of one
// that was never read are missing.
func (s *Store) Changes(ctx context.Context, since store.Mark) (store.Changes, error) {
	marks, err := s.unpack(since)
	if err != nil {
		return store.Changes{}, fmt.Errorf("list changes: %w", err)
	}
	found := make([]*store.Changes, len(s.shards))
	err = s.ask(ctx, s.answering(), func(ctx context.Context, each *shard) error {
		c, err := each.Changes(ctx, store.Mark(strings.TrimPrefix(marks[each.place], seen)))
		if err == nil {
			found[each.place] = &c
		}
		return err
	})
	if err != nil {
		return store.Changes{}, fmt.Errorf("list changes: %w", err)
	}
	all := store.Changes{Health: map[string]automation.Health{}}
	unread := map[int]bool{}
	for i, c := range found {
		switch {
		case c != nil:
			marks[i] = read(c.Mark)
			s.homes.read(c.Automations, s.shards[i])
			all.Automations, all.Labels = append(all.Automations, c.Automations...), append(all.Labels, c.Labels...)
			maps.Copy(all.Health, c.Health)
		case marks[i] == "":
			unread[i] = true
		}
	}
	if len(unread) > 0 {
		all.Missing = func(account string) bool { return unread[s.of(account)] }
	}
	all.Mark = packMarks(marks)
	return all, nil
}

// A mark is the marks of all shards, each preceded by a sign that it was read: the beginning of a shard that is empty is no less.
const (
	seen    = "@"
	between = ","
)

// read returns the part of a mark that a shard's makes.
func read(m store.Mark) string { return seen + string(m) }

func packMarks(marks []string) store.Mark { return store.Mark(strings.Join(marks, between)) }

func (s *Store) unpack(m store.Mark) ([]string, error) {
	if m == "" {
		return make([]string, len(s.shards)), nil
	}
	marks := strings.Split(string(m), between)
	if len(marks) != len(s.shards) {
		return nil, fmt.Errorf("mark %q is of %d shards, there are %d: begin again without one", string(m), len(marks), len(s.shards))
	}
	return marks, nil
}

// Put implements [store.Registry]: all or none of each shard, one shard after the other.
func (s *Store) Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error) {
	of := func(a automation.Automation) string { return a.Account }
	return save(ctx, s, automations, of, func(own *shard, list []automation.Automation) ([]automation.Automation, error) {
		saved, err := own.Put(ctx, list)
		s.homes.read(saved, own)
		return saved, err
	})
}

// Delete implements [store.Registry].
func (s *Store) Delete(ctx context.Context, account string, ids []string) error {
	own, err := s.shardOf(account)
	if err != nil {
		return fmt.Errorf("delete automations: %w", err)
	}
	return own.Delete(ctx, account, ids)
}

// Labels implements [store.Surveys].
func (s *Store) Labels(ctx context.Context, account, survey string) (store.SurveyLabels, error) {
	own, err := s.shardOf(account)
	if err != nil {
		return store.SurveyLabels{}, fmt.Errorf("read labels: %w", err)
	}
	return own.Labels(ctx, account, survey)
}

// SetLabels implements [store.Surveys]: all or none of each shard, one shard after the other.
func (s *Store) SetLabels(ctx context.Context, surveys []store.SurveyLabels) error {
	of := func(l store.SurveyLabels) string { return l.Account }
	_, err := save(ctx, s, surveys, of, func(own *shard, list []store.SurveyLabels) ([]store.SurveyLabels, error) {
		return nil, own.SetLabels(ctx, list)
	})
	return err
}
