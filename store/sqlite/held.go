package sqlite

import (
	"context"
	"database/sql"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// heldLanes lists lanes that may let runs out, in turns when there are many.
func (s *Store) heldLanes(ctx context.Context) ([]store.Lane, error) {
	now := s.micros()
	return s.turn.Next(func(last string, max int) ([]sqlstore.HeldLane, error) {
		rows, err := s.stmts.read["lanes_held"].QueryContext(ctx, last, max)
		return collect(rows, err, func(rows *sql.Rows) (sqlstore.HeldLane, error) {
			var automation string
			var hold runs.Hold
			var until int64
			var occupied bool
			err := rows.Scan(&automation, &hold, &until, &occupied)
			return sqlstore.Held(automation, hold, until-now, occupied), err
		})
	})
}
