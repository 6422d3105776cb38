package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/tenterhook/tenterhook/runs"
)

// The statuses of a run as its row keeps them.
const (
	waiting = iota
	succeeded
	failed
)

// outside is the state of a run that is out of the queue, because its lane is held.
const outside = 1

// scanRun reads the columns that claim, list and get share.
func scanRun(rows *sql.Rows, now int64) (runs.Run, error) {
	var (
		r                                      runs.Run
		doc, hold                              sql.NullString
		created, changed, status, leased, held int64
		due, until                             sql.NullInt64
	)
	err := rows.Scan(&r.Seq, &r.ID, &r.Account, &r.Automation, &r.Action, &r.Event, &r.EventType, &r.URL, &doc, &created,
		&status, &changed, &due, &leased, &held, &hold, &until, &r.Fence, &r.Tries, &r.Replays, &r.Message)
	if err != nil {
		return r, err
	}
	r.CreatedAt, r.StatusAt = fromMicros(created), fromMicros(changed)
	if due.Valid {
		r.Due = fromMicros(due.Int64)
	}
	switch {
	case status == succeeded:
		r.Status = runs.Succeeded
	case status == failed:
		r.Status = runs.Failed
	case leased == 1 && due.Int64 > now:
		r.Status = runs.Running
	default:
		r.Status = runs.Scheduled
		if held == outside || hold.String == string(runs.HoldDisabled) {
			r.Held = cmp.Or(runs.Hold(hold.String), runs.HoldBusy)
		}
		if r.Held != "" && until.Int64 > now {
			r.HeldUntil = fromMicros(until.Int64)
		}
	}
	if doc.Valid {
		var f runFacts
		if err := json.Unmarshal([]byte(doc.String), &f); err != nil {
			return r, fmt.Errorf("read run %q: %w", r.ID, err)
		}
		r.Respondent = runs.Respondent{ID: f.ID, FirstName: f.FirstName, LastName: f.LastName, Email: f.Email, Anonymous: f.Anonymous}
		r.Warnings = f.Warnings
	}
	return r, nil
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
