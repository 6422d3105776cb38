package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// List implements [store.Reader].
func (s *Store) List(ctx context.Context, f runs.Filter, cursor string, max int) (runs.Page, error) {
	below, err := store.Resume(f, cursor)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil || max <= 0 {
		return runs.Page{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	var page runs.Page
	for _, r := range slices.Backward(s.order) {
		run := s.shown(r, now)
		if run.Seq >= below || !selects(f, run) {
			continue
		}
		if len(page.Runs) == max {
			page.Next = store.Cursor(f, page.Runs[max-1].Seq)
			break
		}
		run.Message = nil
		page.Runs = append(page.Runs, run)
	}
	return page, nil
}

// Get implements [store.Reader].
func (s *Store) Get(ctx context.Context, account, id string) (runs.Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.byID[id]
	if !ok || r.run.Account != account {
		return runs.Run{}, fmt.Errorf("read run %q: %w in account %q", id, store.ErrNotFound, account)
	}
	run := s.shown(r, s.clock())
	for _, a := range r.run.Attempts {
		run.Attempts = append(run.Attempts, copied(a))
	}
	return run, ctx.Err()
}

// Count implements [store.Reader].
func (s *Store) Count(ctx context.Context, f runs.Filter) (runs.Counts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	counts := runs.Counts{}
	for _, r := range s.order {
		if run := s.shown(r, now); selects(f, run) {
			counts[run.Status]++
		}
	}
	return counts, ctx.Err()
}

func selects(f runs.Filter, r runs.Run) bool {
	return (f.Account == "" || f.Account == r.Account) &&
		(f.Automation == "" || f.Automation == r.Automation) &&
		(f.Action == "" || f.Action == r.Action) &&
		(f.EventType == "" || f.EventType == r.EventType) &&
		f.Has(r.Status) &&
		(f.Person == "" || names(r.Respondent, f.Person)) &&
		within(r.CreatedAt, f.From, f.To) &&
		(len(f.IDs) == 0 || slices.Contains(f.IDs, r.ID))
}

func names(who runs.Respondent, part string) bool {
	part = strings.ToLower(part)
	return strings.Contains(strings.ToLower(who.Name()), part) || strings.Contains(strings.ToLower(who.Email), part)
}

func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || t.Before(to))
}
