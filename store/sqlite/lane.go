package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// lane is a row of tenterhook_lanes; zero values are NULL. A write reads it, changes it here and writes it back: there is
// one writer.
type lane struct {
	automation string
	gate, hold runs.Hold
	until      int64
	head       int64
	health     string // as JSON
}

// changeLane changes a lane in the transaction of a write.
func (s *Store) changeLane(ctx context.Context, automation string, do func(*lane) error) error {
	l := lane{automation: automation}
	row := s.stmts.write["lane_get"].QueryRowContext(ctx, automation)
	if err := row.Scan(&l.gate, &l.hold, &l.until, &l.head, &l.health); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	before := l
	if err := do(&l); err != nil || l == before {
		return err
	}
	_, err := s.exec(ctx, "lane_put", l.automation, l.gate, l.hold, l.until, l.head, l.health)
	return err
}

// readHealth reads a lane's health; what cannot be read begins anew.
func readHealth(doc string) (h automation.Health) {
	if doc == "" || json.Unmarshal([]byte(doc), &h) != nil {
		return automation.Health{}
	}
	return h
}

func (l *lane) setHealth(h automation.Health) error {
	if h == (automation.Health{}) {
		l.health = ""
		return nil
	}
	doc, err := json.Marshal(h)
	l.health = string(doc)
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
				if f.Hold != runs.HoldBusy || l.hold == "" {
					l.holdFor(f.Hold, now+f.Pause.Microseconds())
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// holdFor holds a lane until a time at least, unless it is held for something that only a save ends.
func (l *lane) holdFor(why runs.Hold, until int64) {
	if l.hold != runs.HoldDisabled && l.gate != runs.HoldOrdered {
		l.hold, l.until = why, until
	}
}

// release lets runs out of a lane, as far as its hold allows.
func (s *Store) release(ctx context.Context, l *lane, f store.Flow, now int64) error {
	if l.hold == runs.HoldDisabled || l.until > now {
		return nil
	}
	n := most(f.Release)
	if l.hold == runs.HoldOrdered {
		occupied, err := s.tells(ctx, "lane_occupied", l.head)
		if err != nil || occupied {
			return err
		}
		n = min(n, 1)
	}
	rows, err := s.stmts.write["release_runs"].QueryContext(ctx, l.automation, n)
	out, err := collect(rows, err, readOne[int64])
	if err != nil {
		return err
	}
	if len(out) > 0 {
		l.head = slices.Max(out)
		l.until = now + int64(len(out))*f.Pause.Microseconds()
	}
	return s.reopen(ctx, l)
}

// reopen ends a hold that lasts as long as there is a backlog, once that is gone.
func (s *Store) reopen(ctx context.Context, l *lane) error {
	if l.hold == l.gate || l.hold == runs.HoldDisabled || l.hold == runs.HoldFailing {
		return nil
	}
	waiting, err := s.tells(ctx, "lane_waiting", l.automation)
	if err == nil && !waiting {
		l.hold = l.gate
	}
	return err
}

// tells returns the answer of a query that has one, in the transaction of a write.
func (s *Store) tells(ctx context.Context, query string, arg any) (yes bool, err error) {
	err = s.stmts.write[query].QueryRowContext(ctx, arg).Scan(&yes)
	return yes, err
}
