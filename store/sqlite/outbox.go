package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// note keeps what people are to be told.
func (s *Store) note(ctx context.Context, t automation.Transition, now int64) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, "notice_add", t.Automation, t.Change, now, string(doc))
	return err
}

// ClaimNotices implements [store.Outbox]. It takes the write lock only when something is due.
func (s *Store) ClaimNotices(ctx context.Context, l store.Lease) (due []store.Notice, next time.Duration, err error) {
	if next, err = s.next(ctx, "notice_next"); err != nil {
		return nil, 0, fmt.Errorf("claim notices: %w", err)
	}
	if next > 0 || l.Max <= 0 {
		return nil, next, nil
	}
	err = s.writes.tx(ctx, "claim notices", func(ctx context.Context) error {
		now := s.micros()
		rows, err := s.stmts.write["notice_claim"].QueryContext(ctx, now, l.For.Microseconds(), l.Max)
		if due, err = collect(rows, err, readNotice); err != nil {
			return err
		}
		_, err = s.exec(ctx, "notice_forget", now, l.Max)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	sqlstore.SortNotices(due)
	if next, err = s.next(ctx, "notice_next"); err != nil { // what was claimed is the caller's: it asks again at once
		next = 0
	}
	return due, next, nil
}

func readNotice(rows *sql.Rows) (store.Notice, error) {
	var id string
	var change automation.Change
	var doc []byte
	var count int
	var fence int64
	err := rows.Scan(&id, &change, &doc, &count, &fence)
	n := sqlstore.Notice(id, change, doc)
	n.Count, n.Fence = count, fence
	return n, err
}

// SettleNotices implements [store.Outbox].
func (s *Store) SettleNotices(ctx context.Context, told []store.Notice, quiet time.Duration) error {
	return s.writes.tx(ctx, "settle notices", func(ctx context.Context) error {
		due := s.micros() + quiet.Microseconds()
		for _, n := range told {
			if _, err := s.exec(ctx, "notice_settle", n.Automation, n.Change, n.Fence, n.Count, due); err != nil {
				return err
			}
		}
		return nil
	})
}
