package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
)

//go:embed queries/*.sql
var queries embed.FS

// statements are the prepared queries, by name of their file.
type statements struct {
	direct map[string]*direct // of writes, those that each run takes
	write  map[string]*sql.Stmt
	read   map[string]*sql.Stmt
}

var (
	directs = []string{"publish_run", "publish_message", "settle_run", "settle_attempt"}
	writes  = []string{
		"claim", "lease_runs", "hold_runs",
		"lane_get", "lane_put", "lane_waiting", "lane_occupied", "lane_delete", "release_runs", "requeue_runs",
		"notice_add", "notice_claim", "notice_settle", "notice_forget",
		"version", "automation_get", "automation_put", "labels_version", "labels_put", "replay_check", "replay",
		"prune_runs", "remove_attempts", "remove_runs", "remove_messages", "key_put", "key_mark", "keys_delete",
		"keys_prune", "keys_forget",
	}
	reads = []string{
		"look", "lanes_held", "notice_next", "version_now", "automation_changes", "label_changes", "labels_get", "get", "attempts",
		"erase_read", "erase_attempts", "accounts", "prune_select", "keys", "keys_old",
	}
	scopedReads = []string{"list", "count", "oldest"}
)

func prepare(ctx context.Context, write *sql.Conn, read *sql.DB) (statements, error) {
	s := statements{direct: map[string]*direct{}, write: map[string]*sql.Stmt{}, read: map[string]*sql.Stmt{}}
	for _, name := range directs {
		d, err := prepareDirect(ctx, write, name)
		if err != nil {
			return s, err
		}
		s.direct[name] = d
	}
	for _, name := range writes {
		if err := s.add(ctx, s.write, write, name, query(name)); err != nil {
			return s, err
		}
	}
	for _, name := range reads {
		if err := s.add(ctx, s.read, read, name, query(name)); err != nil {
			return s, err
		}
	}
	for _, scope := range sqlstore.Scopes() {
		for _, name := range scopedReads {
			if err := s.add(ctx, s.read, read, scoped(name, scope), scopedQuery(name, scope)); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

func (statements) add(ctx context.Context, to map[string]*sql.Stmt, db preparer, name, text string) error {
	stmt, err := db.PrepareContext(ctx, text)
	if err != nil {
		return fmt.Errorf("prepare %s: %w", name, err)
	}
	to[name] = stmt
	return nil
}

// close ends those of the writer's connection, which would keep the file open; database/sql ends the readers' itself.
func (s statements) close() error {
	var errs []error
	for _, stmt := range s.direct {
		errs = append(errs, stmt.close())
	}
	for _, stmt := range s.write {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// query returns a statement as it is prepared, but for its scope.
func query(name string) string { return strings.ReplaceAll(file(name), "{{filter}}", file("filter")) }

// scopedQuery returns a query on runs whose leading condition is the one that an index serves.
func scopedQuery(name, scope string) string {
	return strings.ReplaceAll(query(name), "{{scope}}", file("scope_"+scope))
}

func file(name string) string {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(err) // embedded: a misspelt name does not survive the first test
	}
	return strings.TrimSpace(string(text))
}

func scoped(name, scope string) string { return name + " by " + scope }
