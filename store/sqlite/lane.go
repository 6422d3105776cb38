package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// lane is a row of tenterhook_lanes. A write reads it, changes it here and writes it back: there is one writer.
type lane = sqlstore.Lane

// changeLane changes a lane in the transaction of a write.
func (s *Store) changeLane(ctx context.Context, automation string, do func(*lane) error) error {
	l := lane{Automation: automation}
	row := s.stmts.write["lane_get"].QueryRowContext(ctx, automation)
	if err := row.Scan(&l.Gate, &l.Hold, &l.Until, &l.Head, &l.Health); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	before := l
	if err := do(&l); err != nil || l == before {
		return err
	}
	_, err := s.exec(ctx, "lane_put", l.Automation, l.Gate, l.Hold, l.Until, l.Head, l.Health)
	return err
}

// Flow implements [store.Queue].
func (s *Store) Flow(ctx context.Context, flows []store.Flow) error {
	return s.writes.tx(ctx, "change flow", func(ctx context.Context) error {
		now := s.micros()
		for _, f := range flows {
			err := s.changeLane(ctx, f.Automation, func(l *lane) error {
				if f.Hold == "" {
					return s.release(ctx, l, f, now)
				}
				l.Take(f, now)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// release lets runs out of a lane, as far as its hold allows.
func (s *Store) release(ctx context.Context, l *lane, f store.Flow, now int64) error {
	if !l.Releases(now) {
		return nil
	}
	if l.Hold == runs.HoldOrdered {
		occupied, err := s.tells(ctx, "lane_occupied", l.Head)
		if err != nil || occupied {
			return err
		}
	}
	rows, err := s.stmts.write["release_runs"].QueryContext(ctx, l.Automation, l.Share(f))
	out, err := collect(rows, err, readOne[int64])
	if err != nil {
		return err
	}
	l.Released(out, f, now)
	return s.reopen(ctx, l)
}

// reopen ends a hold that lasts as long as there is a backlog, once that is gone.
func (s *Store) reopen(ctx context.Context, l *lane) error {
	if !l.Reopens() {
		return nil
	}
	waiting, err := s.tells(ctx, "lane_waiting", l.Automation)
	if err == nil && !waiting {
		l.Open()
	}
	return err
}

// tells returns the answer of a query that has one, in the transaction of a write.
func (s *Store) tells(ctx context.Context, query string, arg any) (yes bool, err error) {
	err = s.stmts.write[query].QueryRowContext(ctx, arg).Scan(&yes)
	return yes, err
}
