package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// List implements [store.Reader].
func (s *Store) List(ctx context.Context, f runs.Filter, cursor string, max int) (page runs.Page, err error) {
	below, err := store.Resume(f, cursor)
	if err != nil {
		return page, fmt.Errorf("list runs: %w", err)
	}
	if max <= 0 {
		return page, ctx.Err()
	}
	err = s.read(ctx, "list runs", func(ctx context.Context) (err error) {
		args := append(s.filterArgs(f), below, oneMore(max)) // to know whether there is a next page
		page.Runs, err = rows(ctx, s, s.pool, scoped("list", sqlstore.Scope(f)), readRun, args...)
		return err
	})
	if err != nil {
		return runs.Page{}, err
	}
	if len(page.Runs) > max {
		page.Runs = page.Runs[:max]
		page.Next = store.Cursor(f, page.Runs[max-1].Seq)
	}
	return page, nil
}

// oneMore returns the limit for one row more than max, which may be the largest number that there is.
func oneMore(max int) int { return min(max, math.MaxInt-1) + 1 }

// Get implements [store.Reader].
func (s *Store) Get(ctx context.Context, account, id string) (runs.Run, error) {
	var found []runs.Run
	err := s.read(ctx, fmt.Sprintf("read run %q", id), func(ctx context.Context) (err error) {
		found, err = rows(ctx, s, s.pool, "get", readWhole, s.clock(), id, account)
		if err == nil && len(found) == 0 || unstorable(err) {
			err = fmt.Errorf("%w in account %q", store.ErrNotFound, account)
		}
		return err
	})
	if err != nil {
		return runs.Run{}, err
	}
	return found[0], nil
}

// unstorable tells whether an argument holds what no text of the database can hold, so that nothing is there by it.
func unstorable(err error) bool {
	var failed *pgconn.PgError
	return errors.As(err, &failed) && failed.Code == notInRepertoire
}

// readWhole reads a run with its attempts.
func readWhole(row pgx.Rows) (runs.Run, error) {
	var docs []string
	r, err := scanRun(row, &docs)
	for i, doc := range docs {
		a := runs.Attempt{}
		if err := json.Unmarshal([]byte(doc), &a); err != nil {
			return r, fmt.Errorf("read attempt %d: %w", i+1, err)
		}
		a.N = i + 1
		r.Attempts = append(r.Attempts, a)
	}
	return r, err
}

// Count implements [store.Reader].
func (s *Store) Count(ctx context.Context, f runs.Filter) (counts runs.Counts, err error) {
	err = s.read(ctx, "count runs", func(ctx context.Context) error {
		counts = runs.Counts{}
		_, err := rows(ctx, s, s.pool, scoped("count", sqlstore.Scope(f)), func(row pgx.Rows) (struct{}, error) {
			var status, n int
			var running bool
			err := row.Scan(&status, &running, &n)
			sqlstore.Counted(counts, status, running, n)
			return struct{}{}, err
		}, s.filterArgs(f)...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// filterArgs returns the parameters 1 to 10 of a scoped query.
func (s *Store) filterArgs(f runs.Filter) []any {
	from, to := sqlstore.Frame(f)
	return []any{
		searchable(f.Account), searchable(f.Automation), searchable(f.Action), searchable(f.EventType), searchable(strings.ToLower(f.Person)),
		from, to, texts(f.Statuses), texts(f.IDs), s.clock(),
	}
}

// texts returns a list that is not NULL, searchable.
func texts[T ~string](list []T) []string {
	plain := make([]string, len(list))
	for i, each := range list {
		plain[i] = searchable(string(each))
	}
	return plain
}
