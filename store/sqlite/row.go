package sqlite

import (
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

// scanRun reads the columns that claim, list and get share.
func scanRun(rows *sql.Rows, now int64) (runs.Run, error) {
	var (
		r                                runs.Run
		doc, held                        sql.NullString
		created, changed, status, leased int64
		due                              sql.NullInt64
	)
	err := rows.Scan(&r.Seq, &r.ID, &r.Account, &r.Automation, &r.Action, &r.Event, &r.EventType, &r.URL, &doc, &created,
		&status, &changed, &due, &leased, &held, &r.Fence, &r.Tries, &r.Replays, &r.Message)
	if err != nil {
		return r, err
	}
	r.CreatedAt, r.StatusAt, r.Held = fromMicros(created), fromMicros(changed), runs.Hold(held.String)
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

func readText(rows *sql.Rows) (text string, err error) {
	err = rows.Scan(&text)
	return text, err
}

// exec runs a prepared statement in the transaction of a write.
func (s *Store) exec(ctx context.Context, name string, args ...any) (sql.Result, error) {
	res, err := s.stmts.write[name].ExecContext(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return res, nil
}
