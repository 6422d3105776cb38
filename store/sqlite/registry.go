package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// Changes implements [store.Registry].
func (s *Store) Changes(ctx context.Context, mark store.Mark) (store.Changes, error) {
	since, err := mark.Version()
	if err != nil {
		return store.Changes{}, fmt.Errorf("list changes: %w", err)
	}
	c, err := s.changes(ctx, since)
	if err != nil {
		return store.Changes{}, fmt.Errorf("list changes: %w", err)
	}
	return c, nil
}

func (s *Store) changes(ctx context.Context, since int64) (store.Changes, error) {
	c := store.Changes{Health: map[string]automation.Health{}}
	tx, err := s.read.BeginTx(ctx, nil) // one snapshot: no change may fall between the version and the lists
	if err != nil {
		return c, err
	}
	defer tx.Rollback()
	var version int64
	err = tx.StmtContext(ctx, s.stmts.read["version_now"]).QueryRowContext(ctx).Scan(&version)
	if c.Mark = store.MarkAt(version); err != nil || version == since {
		return c, err
	}
	rows, err := tx.StmtContext(ctx, s.stmts.read["automation_changes"]).QueryContext(ctx, since)
	c.Automations, err = collect(rows, err, func(rows *sql.Rows) (automation.Automation, error) { return readAutomation(rows, c) })
	if err != nil {
		return c, err
	}
	rows, err = tx.StmtContext(ctx, s.stmts.read["label_changes"]).QueryContext(ctx, since)
	c.Labels, err = collect(rows, err, readLabels)
	return c, err
}

func readAutomation(rows *sql.Rows, c store.Changes) (automation.Automation, error) {
	var (
		id, account               string
		version, created, updated int64
		doc                       sql.NullString
		health                    string
	)
	if err := rows.Scan(&id, &account, &version, &created, &updated, &doc, &health); err != nil {
		return automation.Automation{}, err
	}
	a := automation.Automation{Deleted: !doc.Valid}
	if doc.Valid {
		a = automation.Read([]byte(doc.String))
	}
	if health != "" {
		c.Health[id] = sqlstore.ReadHealth(health)
	}
	a.ID, a.Account, a.Version, a.CreatedAt, a.UpdatedAt = id, account, version, sqlstore.Time(created), sqlstore.Time(updated)
	return a, nil
}

func readLabels(rows *sql.Rows) (l store.SurveyLabels, err error) {
	var doc []byte
	if err := rows.Scan(&l.Account, &l.Survey, &l.Version, &doc); err != nil {
		return l, err
	}
	return l, json.Unmarshal(doc, &l.Labels)
}

// Put implements [store.Registry].
func (s *Store) Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error) {
	out := make([]automation.Automation, len(automations))
	err := s.writes.tx(ctx, "save automations", func(ctx context.Context) (err error) {
		for i, a := range automations {
			if out[i], err = s.put(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) put(ctx context.Context, a automation.Automation) (automation.Automation, error) {
	old, err := s.stored(ctx, a.ID)
	if err != nil {
		return a, err
	}
	if a.Version != old.version || old.gone() || old.version > 0 && a.Account != old.account {
		return a, fmt.Errorf("automation %q: %w: read it again and repeat the change", a.ID, store.ErrConflict)
	}
	if a, err = s.save(ctx, a, old); err != nil {
		return a, err
	}
	return a, s.changeLane(ctx, a.ID, func(l *lane) error { return l.Save(a) })
}

// save writes an automation over the stored one, and returns it with its new version and times.
func (s *Store) save(ctx context.Context, a automation.Automation, old storedAutomation) (automation.Automation, error) {
	now := s.micros()
	created := now
	if old.version > 0 {
		created = old.created
	}
	a.CreatedAt, a.UpdatedAt = sqlstore.Time(created), sqlstore.Time(now)
	doc, err := automation.Marshal(a)
	if err != nil {
		return a, err
	}
	if a.Version, err = s.version(ctx); err != nil {
		return a, err
	}
	_, err = s.exec(ctx, "automation_put", a.ID, a.Account, a.Version, created, now, string(doc))
	return a, err
}

// storedAutomation is a row of tenterhook_automations.
type storedAutomation struct {
	account          string
	version, created int64 // 0: there is none
	doc              sql.NullString
}

// gone tells whether there was one that was deleted.
func (a storedAutomation) gone() bool { return a.version > 0 && !a.doc.Valid }

func (s *Store) stored(ctx context.Context, id string) (a storedAutomation, err error) {
	row := s.stmts.write["automation_get"].QueryRowContext(ctx, id)
	if err = row.Scan(&a.account, &a.version, &a.created, &a.doc); errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	return a, err
}

func (s *Store) version(ctx context.Context) (v int64, err error) {
	err = s.stmts.write["version"].QueryRowContext(ctx).Scan(&v)
	return v, err
}

// Delete implements [store.Registry].
func (s *Store) Delete(ctx context.Context, account string, ids []string) error {
	return s.writes.tx(ctx, "delete automations", func(ctx context.Context) error {
		for _, id := range ids {
			old, err := s.stored(ctx, id)
			if err != nil {
				return err
			}
			if !old.doc.Valid || old.account != account {
				return fmt.Errorf("automation %q: %w in account %q", id, store.ErrNotFound, account)
			}
			if err := s.delete(ctx, id, old); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) delete(ctx context.Context, id string, old storedAutomation) error {
	version, err := s.version(ctx)
	if err != nil {
		return err
	}
	if _, err := s.exec(ctx, "automation_put", id, old.account, version, old.created, s.micros(), nil); err != nil {
		return err
	}
	if _, err := s.exec(ctx, "requeue_runs", id); err != nil { // whoever claims them finds it gone
		return err
	}
	if _, err := s.exec(ctx, "keys_delete", id); err != nil {
		return err
	}
	_, err = s.exec(ctx, "lane_delete", id)
	return err
}

// Labels implements [store.Surveys].
func (s *Store) Labels(ctx context.Context, account, survey string) (store.SurveyLabels, error) {
	rows, err := s.stmts.read["labels_get"].QueryContext(ctx, account, survey)
	found, err := collect(rows, err, readLabels)
	if err != nil {
		return store.SurveyLabels{}, fmt.Errorf("read labels of survey %q: %w", survey, err)
	}
	if len(found) == 0 {
		return store.SurveyLabels{Account: account, Survey: survey}, nil
	}
	return found[0], nil
}

// SetLabels implements [store.Surveys].
func (s *Store) SetLabels(ctx context.Context, surveys []store.SurveyLabels) error {
	return s.writes.tx(ctx, "save labels", func(ctx context.Context) error {
		for _, each := range surveys {
			if err := s.setLabels(ctx, each); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) setLabels(ctx context.Context, l store.SurveyLabels) error {
	var old int64 // 0: there are none
	row := s.stmts.write["labels_version"].QueryRowContext(ctx, l.Account, l.Survey)
	if err := row.Scan(&old); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if l.Version != old {
		return fmt.Errorf("labels of survey %q: %w: read them again and repeat the change", l.Survey, store.ErrConflict)
	}
	version, err := s.version(ctx)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(l.Labels)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, "labels_put", l.Account, l.Survey, version, string(doc))
	return err
}
