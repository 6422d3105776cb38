package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

type noticeKey struct {
	automation string
	change     automation.Change
}

// notice is what people are to be told, and afterwards, until due, that they were told.
type notice struct {
	latest  automation.Transition
	pending int
	due     time.Time
	fence   int64
}

// judge draws the consequences of an outcome for its automation.
func (s *Store) judge(o store.Outcome, now time.Time) store.Verdict {
	if s.autos[o.Automation].doc == nil {
		return store.Verdict{Automation: o.Automation} // it is gone
	}
	l := s.lane(o.Automation)
	v := o.Rule.Judge(l.health, o.Result)
	if v.Change == automation.Disabling && !s.disable(o, v) {
		v.Change, v.Health.Told = automation.NoChange, l.health.Told
	}
	l.health = v.Health
	if v.Hold != "" {
		l.holdFor(v.Hold, now.Add(max(v.Pause, o.Every)))
	}
	if v.Hold != "" && v.Pause == 0 {
		l.open()
	}
	if v.Change != automation.NoChange {
		s.note(v.Transition(o.Automation, o.Result), now)
	}
	return store.Verdict{Automation: o.Automation, Verdict: v}
}

// disable disables an automation; false when it is already, or gone.
func (s *Store) disable(o store.Outcome, v automation.Verdict) bool {
	old := s.autos[o.Automation]
	if old.doc == nil {
		return false
	}
	a, err := automation.Unmarshal(old.doc)
	if err != nil || !a.Enabled() {
		return false
	}
	a.Disabled = &automation.Disabled{Reason: v.Reason, At: o.Attempt.At.Add(o.Attempt.Duration).UTC()}
	doc, err := automation.Marshal(a)
	if err != nil {
		return false
	}
	s.version++
	s.autos[o.Automation] = saved{account: old.account, version: s.version, created: old.created, updated: s.clock(), doc: doc}
	s.lane(o.Automation).hold = runs.HoldDisabled
	return true
}

// note keeps what people are to be told, folded into what they are to be told of the same already.
func (s *Store) note(t automation.Transition, now time.Time) {
	key := noticeKey{t.Automation, t.Change}
	n, ok := s.notices[key]
	if !ok {
		n = &notice{due: now}
		s.notices[key] = n
	}
	n.latest = t
	n.pending++
}

// nextNotice returns the time until the next notice is due, at most an hour.
func (s *Store) nextNotice(now time.Time) time.Duration {
	next := time.Hour
	for _, n := range s.notices {
		if n.pending > 0 {
			next = min(next, max(0, n.due.Sub(now)))
		}
	}
	return next
}

// ClaimNotices implements [store.Outbox].
func (s *Store) ClaimNotices(ctx context.Context, l store.Lease) ([]store.Notice, time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	var list []store.Notice
	keys := slices.SortedFunc(maps.Keys(s.notices), func(a, b noticeKey) int {
		return cmp.Or(s.notices[a].due.Compare(s.notices[b].due), cmp.Compare(a.automation, b.automation), cmp.Compare(a.change, b.change))
	})
	next := time.Hour
	for _, key := range keys {
		n := s.notices[key]
		switch {
		case n.pending == 0 && !n.due.After(now):
			delete(s.notices, key)
			continue
		case n.pending == 0:
			continue
		case len(list) < l.Max && !n.due.After(now):
			n.due, n.fence = now.Add(l.For), n.fence+1
			list = append(list, store.Notice{Transition: n.latest, Count: n.pending, Fence: n.fence})
		}
		next = min(next, max(0, n.due.Sub(now)))
	}
	return list, next, nil
}

// SettleNotices implements [store.Outbox].
func (s *Store) SettleNotices(ctx context.Context, told []store.Notice, quiet time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, each := range told {
		if n, ok := s.notices[noticeKey{each.Automation, each.Change}]; ok && n.fence == each.Fence {
			n.pending -= each.Count
			n.fence++ // settling it again takes nothing
			n.due = s.clock().Add(quiet)
		}
	}
	return nil
}
