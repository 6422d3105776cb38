package postgres

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Settle implements [store.Queue].
func (s *Store) Settle(ctx context.Context, outcomes []store.Outcome) (done store.Settled, err error) {
	if len(outcomes) == 0 {
		return done, ctx.Err()
	}
	err = s.byIndex(ctx, "settle runs", func(ctx context.Context, tx pgx.Tx) (err error) {
		moved, err := s.settle(ctx, tx, outcomes)
		if err != nil {
			return err
		}
		done = store.Settled{Stale: len(outcomes) - len(moved)}
		done.Verdicts, err = s.judge(ctx, tx, outcomes, moved)
		return err
	})
	if err != nil {
		return store.Settled{}, err
	}
	return done, nil
}

// moved is what an outcome that was not stale found.
type moved struct {
	n    int64 // its place among the outcomes, from 1
	now  int64
	hold runs.Hold // of its lane, which was not locked
	ill  bool      // the lane has a health to bring up to date

	later bool // whether it is held was left until now
}

// settle moves runs, and returns which, in the order of outcomes.
func (s *Store) settle(ctx context.Context, tx pgx.Tx, outcomes []store.Outcome) ([]moved, error) {
	c, err := columnsOf(outcomes)
	if err != nil {
		return nil, err
	}
	return rows(ctx, s, tx, "settle", func(row pgx.Rows) (m moved, err error) {
		if err = row.Scan(&m.n, &m.now, &m.hold, &m.ill); err == nil {
			m.later = c.later[m.n-1]
		}
		return m, err
	}, s.clock(), c.seq, c.id, c.fence, c.status, c.after, c.later, c.doc)
}

// columns are outcomes by column.
type columns struct {
	seq    []int64
	id     []string
	fence  []int64
	status []int16
	after  []int64  // of one that waits
	later  []bool   // whether it is held depends on what is judged before it
	doc    []string // empty: none
}

func columnsOf(outcomes []store.Outcome) (c columns, err error) {
	judged := map[string]bool{}
	seen := map[lease]bool{}
	for _, o := range outcomes {
		var doc []byte
		if o.Attempt != nil {
			if doc, err = json.Marshal(o.Attempt); err != nil {
				return c, err
			}
		}
		id := lease{o.Seq, o.Fence, o.ID}
		if seen[id] {
			o.Seq = 0 // the same again is stale, and no run has this number
		}
		seen[id] = true
		c.seq, c.id, c.fence = append(c.seq, o.Seq), append(c.id, searchable(o.ID)), append(c.fence, o.Fence)
		c.status, c.after, c.doc = append(c.status, int16(sqlstore.StatusOf(o.Status))), append(c.after, o.After.Microseconds()), append(c.doc, string(doc))
		c.later = append(c.later, judged[o.Automation])
		judged[o.Automation] = judged[o.Automation] || o.Rule != nil
	}
	return c, nil
}

// lease names the lease of a run.
type lease struct {
	seq, fence int64
	id         string
}

// atOnce tells whether an outcome makes its run due at once.
func atOnce(o store.Outcome) bool { return !o.Status.Ended() && o.After <= 0 }

// judge writes what outcomes mean for their automations, one after the other.
func (s *Store) judge(ctx context.Context, tx pgx.Tx, outcomes []store.Outcome, all []moved) ([]store.Verdict, error) {
	j := judgement{s: s, tx: tx, notices: map[noticeKey]*notice{}}
	if err := j.lock(ctx, outcomes, all); err != nil {
		return nil, err
	}
	for _, m := range all {
		if err := j.outcome(ctx, outcomes[m.n-1], m); err != nil {
			return nil, err
		}
	}
	return j.verdicts, j.write(ctx)
}

// judgement is what outcomes of one call mean.
type judgement struct {
	s        *Store
	tx       pgx.Tx
	now      int64
	lanes    map[string]*lane
	held     []int64 // runs to hold
	notices  map[noticeKey]*notice
	verdicts []store.Verdict
}

// lock locks the lanes that may have to be written. Of one that is healthy, and whose outcomes leave it so, no row is
// locked: all processes settle for the same few automations most of the time.
func (j *judgement) lock(ctx context.Context, outcomes []store.Outcome, all []moved) (err error) {
	var ids []string
	for _, m := range all {
		o := outcomes[m.n-1]
		j.now = m.now
		if o.Rule != nil && (m.ill || o.Rule.Judge(automation.Health{}, o.Result) != automation.Verdict{}) {
			ids = append(ids, o.Automation)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := j.s.stored(ctx, j.tx, ids)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return found[id].doc == nil }) // it is gone
	j.lanes, err = j.s.lockLanes(ctx, j.tx, ids)
	return err
}

// outcome judges one, and holds its run where that was left until now.
func (j *judgement) outcome(ctx context.Context, o store.Outcome, m moved) error {
	l := j.lanes[o.Automation]
	hold := m.hold
	if l != nil {
		hold = l.Hold
	}
	if m.later && atOnce(o) && hold != "" {
		j.held = append(j.held, o.Seq)
		if l != nil {
			l.waits = true
		}
	}
	if o.Rule == nil {
		return nil
	}
	v := automation.Verdict{}
	if l != nil {
		var opens bool
		var err error
		v, opens, err = l.Judge(o, j.now, func(v automation.Verdict) (bool, error) { return j.s.disable(ctx, j.tx, o, v) })
		if err == nil && opens && !l.waits {
			err = j.s.reopen(ctx, j.tx, []*lane{l})
		}
		if err != nil {
			return err
		}
	}
	if v.Change != automation.NoChange {
		j.note(v.Transition(o.Automation, o.Result))
	}
	j.verdicts = append(j.verdicts, store.Verdict{Automation: o.Automation, Verdict: v})
	return nil
}

// write writes what became of lanes, runs and notices.
func (j *judgement) write(ctx context.Context) error {
	if len(j.held) > 0 {
		if _, err := j.s.exec(ctx, j.tx, "settle_held", j.held); err != nil {
			return err
		}
	}
	if err := j.s.putLanes(ctx, j.tx, j.lanes); err != nil {
		return err
	}
	return j.writeNotices(ctx)
}

// disable disables an automation; false when it is already, or gone, or cannot be read.
func (s *Store) disable(ctx context.Context, tx pgx.Tx, o store.Outcome, v automation.Verdict) (bool, error) {
	version, now, err := s.version(ctx, tx, 1)
	if err != nil {
		return false, err
	}
	found, err := s.stored(ctx, tx, []string{o.Automation})
	old := found[o.Automation]
	if err != nil || old.doc == nil {
		return false, err
	}
	a, ok := sqlstore.Disabled([]byte(*old.doc), o, v)
	if !ok {
		return false, nil
	}
	a.ID, a.Account, a.Version = o.Automation, old.account, version
	a.CreatedAt, a.UpdatedAt = sqlstore.Time(old.created), sqlstore.Time(now)
	return true, s.save(ctx, tx, slices.Values([]automation.Automation{a}))
}
