package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

type noticeKey struct {
	automation string
	change     automation.Change
}

// notice is what outcomes of one call add to a notice.
type notice struct {
	latest automation.Transition
	count  int64
}

func (j *judgement) note(t automation.Transition) {
	key := noticeKey{t.Automation, t.Change}
	if j.notices[key] == nil {
		j.notices[key] = &notice{}
	}
	j.notices[key].latest = t
	j.notices[key].count++
}

func (j *judgement) writeNotices(ctx context.Context) error {
	if len(j.notices) == 0 {
		return nil
	}
	var ids, changes, docs []string
	var counts []int64
	for key, n := range j.notices {
		doc, err := json.Marshal(n.latest)
		if err != nil {
			return err
		}
		ids, changes = append(ids, key.automation), append(changes, string(key.change))
		counts, docs = append(counts, n.count), append(docs, string(doc))
	}
	_, err := j.s.exec(ctx, j.tx, "notices_add", j.now, ids, changes, counts, docs)
	return err
}

// ClaimNotices implements [store.Outbox].
func (s *Store) ClaimNotices(ctx context.Context, l store.Lease) (due []store.Notice, next time.Duration, err error) {
	err = s.call(ctx, "claim notices", func(ctx context.Context) (err error) {
		if next, err = s.next(ctx, "notices_next"); err != nil || next > 0 || l.Max <= 0 {
			return err
		}
		if due, err = s.leaseNotices(ctx, l); err != nil {
			return err
		}
		sqlstore.SortNotices(due)
		if _, err = s.exec(ctx, s.pool, "notices_forget", s.clock(), l.Max); err == nil {
			next, err = s.next(ctx, "notices_next")
		}
		if err != nil && len(due) > 0 { // they are the caller's, who asks again at once
			next, err = 0, nil
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return due, next, nil
}

func (s *Store) leaseNotices(ctx context.Context, l store.Lease) ([]store.Notice, error) {
	return rows(ctx, s, s.pool, "notices_claim", func(row pgx.Rows) (store.Notice, error) {
		var id string
		var change automation.Change
		var doc []byte
		var count int
		var fence int64
		err := row.Scan(&id, &change, &doc, &count, &fence)
		n := sqlstore.Notice(id, change, doc)
		n.Count, n.Fence = count, fence
		return n, err
	}, s.clock(), l.For.Microseconds(), l.Max)
}

// SettleNotices implements [store.Outbox].
func (s *Store) SettleNotices(ctx context.Context, told []store.Notice, quiet time.Duration) error {
	var ids, changes []string
	var fences, counts []int64
	for _, n := range told {
		ids, changes = append(ids, n.Automation), append(changes, string(n.Change))
		fences, counts = append(fences, n.Fence), append(counts, int64(n.Count))
	}
	return s.call(ctx, "settle notices", func(ctx context.Context) error {
		_, err := s.exec(ctx, s.pool, "notices_settle", s.clock(), quiet.Microseconds(), ids, changes, fences, counts)
		return err
	})
}
