package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
)

// scanRun reads the columns that claim, list and get share.
func scanRun(rows *sql.Rows, now int64) (runs.Run, error) {
	var w sqlstore.Row
	var facts, hold sql.NullString
	var due, until sql.NullInt64
	err := rows.Scan(&w.Seq, &w.ID, &w.Account, &w.Automation, &w.Action, &w.Event, &w.EventType, &w.URL, &facts, &w.Created,
		&w.Status, &w.Changed, &due, &w.Leased, &w.Held, &hold, &until, &w.Fence, &w.Tries, &w.Replays, &w.Message)
	w.Facts, w.Hold, w.Due, w.Until = facts.String, runs.Hold(hold.String), due.Int64, until.Int64
	return w.At(now), err
}

// collect reads all rows of a query with one function.
func collect[T any](rows *sql.Rows, err error, read func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := read(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

func readOne[T any](rows *sql.Rows) (one T, err error) {
	err = rows.Scan(&one)
	return one, err
}

// exec runs a prepared statement in the transaction of a write.
func (s *Store) exec(ctx context.Context, name string, args ...any) (sql.Result, error) {
	res, err := s.stmts.write[name].ExecContext(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return res, nil
}
