package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// List implements [store.Reader].
func (s *Store) List(ctx context.Context, f runs.Filter, cursor string, max int) (runs.Page, error) {
	below, err := store.Resume(f, cursor)
	if err != nil {
		return runs.Page{}, fmt.Errorf("list runs: %w", err)
	}
	if max <= 0 {
		return runs.Page{}, ctx.Err()
	}
	now := s.micros()
	args := append(filterArgs(f, now), below, max+1) // one more, to know whether there is a next page
	rows, err := s.stmts.read[scoped("list", sqlstore.Scope(f))].QueryContext(ctx, args...)
	found, err := collect(rows, err, func(rows *sql.Rows) (runs.Run, error) { return scanRun(rows, now) })
	if err != nil {
		return runs.Page{}, fmt.Errorf("list runs: %w", err)
	}
	page := runs.Page{Runs: found}
	if len(found) > max {
		page.Runs = found[:max]
		page.Next = store.Cursor(f, found[max-1].Seq)
	}
	return page, nil
}

// Get implements [store.Reader].
func (s *Store) Get(ctx context.Context, account, id string) (runs.Run, error) {
	tx, err := s.read.BeginTx(ctx, nil) // one snapshot: no attempt may come between the run and its attempts
	if err != nil {
		return runs.Run{}, fmt.Errorf("read run %q: %w", id, err)
	}
	defer tx.Rollback()
	now := s.micros()
	rows, err := tx.StmtContext(ctx, s.stmts.read["get"]).QueryContext(ctx, id, account)
	found, err := collect(rows, err, func(rows *sql.Rows) (runs.Run, error) { return scanRun(rows, now) })
	switch {
	case err != nil:
		return runs.Run{}, fmt.Errorf("read run %q: %w", id, err)
	case len(found) == 0:
		return runs.Run{}, fmt.Errorf("read run %q: %w in account %q", id, store.ErrNotFound, account)
	}
	r := found[0]
	rows, err = tx.StmtContext(ctx, s.stmts.read["attempts"]).QueryContext(ctx, r.Seq)
	if r.Attempts, err = collect(rows, err, readAttempt); err != nil {
		return runs.Run{}, fmt.Errorf("read attempts of run %q: %w", id, err)
	}
	for i := range r.Attempts {
		r.Attempts[i].N = i + 1
	}
	return r, nil
}

func readAttempt(rows *sql.Rows) (a runs.Attempt, err error) {
	var doc []byte
	if err := rows.Scan(&doc); err != nil {
		return a, err
	}
	return a, json.Unmarshal(doc, &a)
}

// Count implements [store.Reader].
func (s *Store) Count(ctx context.Context, f runs.Filter) (runs.Counts, error) {
	rows, err := s.stmts.read[scoped("count", sqlstore.Scope(f))].QueryContext(ctx, filterArgs(f, s.micros())...)
	counts := runs.Counts{}
	_, err = collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var status, n int
		var running sql.NullBool
		err := rows.Scan(&status, &running, &n)
		sqlstore.Counted(counts, status, running.Bool, n)
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("count runs: %w", err)
	}
	return counts, nil
}

// filterArgs returns the parameters 1 to 10 of a scoped query.
func filterArgs(f runs.Filter, now int64) []any {
	from, to := sqlstore.Frame(f)
	return []any{
		f.Account, f.Automation, f.Action, f.EventType, strings.ToLower(f.Person), from, to,
		jsonList(f.Statuses), jsonList(f.IDs), now,
	}
}

func jsonList[T ~string](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	doc, _ := json.Marshal(list) // strings cannot fail
	return string(doc)
}
