package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/tenterhook/tenterhook/runs"
)

//go:embed queries/*.sql
var queries embed.FS

// statements are the prepared queries, by name of their file.
type statements struct {
	write map[string]*sql.Stmt
	read  map[string]*sql.Stmt
}

var (
	writes = []string{
		"publish_run", "publish_message", "claim", "settle_attempt", "settle_health", "settle_run",
		"hold_lane", "hold_runs", "release_runs", "release_lane", "version", "automation_version", "automation_put",
		"lane_heal", "lane_delete", "labels_version", "labels_put", "replay", "prune_select", "prune_runs", "prune_messages",
	}
	reads  = []string{"next", "busy", "version_now", "automation_changes", "label_changes", "labels_get", "get", "attempts"}
	scopes = []string{"all", "account", "automation", "ids"}
)

func prepare(ctx context.Context, write *sql.Conn, read *sql.DB) (statements, error) {
	s := statements{write: map[string]*sql.Stmt{}, read: map[string]*sql.Stmt{}}
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
	for _, scope := range scopes {
		for _, name := range []string{"list", "count"} {
			if err := s.add(ctx, s.read, read, scoped(name, scope), scopedQuery(name, scope)); err != nil {
				return s, err
			}
		}
		if err := s.add(ctx, s.write, write, scoped("replay_select", scope), scopedQuery("replay_select", scope)); err != nil {
			return s, err
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
	for _, stmt := range s.write {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func query(name string) string {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(err) // embedded: a misspelt name does not survive the first test
	}
	return string(text)
}

// scopedQuery returns a query on runs whose leading condition is the one that an index serves.
func scopedQuery(name, scope string) string {
	return strings.NewReplacer("{{scope}}", strings.TrimSpace(query("scope_"+scope)), "{{filter}}", strings.TrimSpace(query("filter"))).
		Replace(query(name))
}

func scoped(name, scope string) string { return name + " by " + scope }

// scopeOf returns the narrowest scope of a filter.
func scopeOf(f runs.Filter) string {
	switch {
	case len(f.IDs) > 0:
		return "ids"
	case f.Automation != "":
		return "automation"
	case f.Account != "":
		return "account"
	}
	return "all"
}
