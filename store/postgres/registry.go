package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// Changes implements [store.Registry]. The version is read before the lists: what is saved in between is listed again the
// next time.
func (s *Store) Changes(ctx context.Context, mark store.Mark) (c store.Changes, err error) {
	since, err := mark.Version()
	if err != nil {
		return c, fmt.Errorf("list changes: %w", err)
	}
	err = s.read(ctx, "list changes", func(ctx context.Context) (err error) {
		c, err = s.changes(ctx, since)
		return err
	})
	if err != nil {
		return store.Changes{}, err
	}
	return c, nil
}

func (s *Store) changes(ctx context.Context, since int64) (c store.Changes, err error) {
	c.Health = map[string]automation.Health{}
	version, err := row(ctx, s, s.pool, "version_now", readOne[int64])
	if c.Mark = store.MarkAt(version); err != nil || version == since {
		return c, err
	}
	c.Automations, err = rows(ctx, s, s.pool, "automation_changes", func(row pgx.Rows) (automation.Automation, error) {
		return readAutomation(row, c)
	}, since)
	if err != nil {
		return c, err
	}
	c.Labels, err = rows(ctx, s, s.pool, "label_changes", readLabels, since)
	return c, err
}

func readAutomation(row pgx.Rows, c store.Changes) (automation.Automation, error) {
	var (
		id, account, health       string
		version, created, updated int64
		doc                       *string
	)
	if err := row.Scan(&id, &account, &version, &created, &updated, &doc, &health); err != nil {
		return automation.Automation{}, err
	}
	a := automation.Automation{Deleted: doc == nil}
	if doc != nil {
		a = automation.Read([]byte(*doc))
	}
	if health != "" {
		c.Health[id] = sqlstore.ReadHealth(health)
	}
	a.ID, a.Account, a.Version, a.CreatedAt, a.UpdatedAt = id, account, version, sqlstore.Time(created), sqlstore.Time(updated)
	return a, nil
}

// Put implements [store.Registry].
func (s *Store) Put(ctx context.Context, automations []automation.Automation) ([]automation.Automation, error) {
	out := make([]automation.Automation, len(automations))
	var ids []string
	for _, a := range automations {
		ids = append(ids, a.ID)
	}
	err := s.tx(ctx, "save automations", func(ctx context.Context, tx pgx.Tx) error {
		lanes, err := s.lockLanes(ctx, tx, ids)
		if err != nil {
			return err
		}
		last, now, err := s.version(ctx, tx, len(automations))
		if err != nil {
			return err
		}
		found, err := s.stored(ctx, tx, ids)
		if err != nil {
			return err
		}
		for i, a := range automations {
			old := found[a.ID]
			if a.Version != old.version || old.gone() || old.version > 0 && a.Account != old.account {
				return fmt.Errorf("automation %q: %w: read it again and repeat the change", a.ID, store.ErrConflict)
			}
			a.Version = last - int64(len(automations)-1-i)
			a.CreatedAt, a.UpdatedAt = sqlstore.Time(now), sqlstore.Time(now)
			if old.version > 0 {
				a.CreatedAt = sqlstore.Time(old.created)
			}
			if err := lanes[a.ID].Save(a); err != nil {
				return err
			}
			found[a.ID] = stored{account: a.Account, version: a.Version}
			out[i] = a
		}
		if err := s.save(ctx, tx, slices.Values(out)); err != nil {
			return err
		}
		return s.putLanes(ctx, tx, lanes)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// save writes automations, deleted ones without a document.
func (s *Store) save(ctx context.Context, tx pgx.Tx, automations iter.Seq[automation.Automation]) error {
	var ids, accounts []string
	var versions, created, updated []int64
	var docs []*string
	for a := range automations {
		var doc *string
		if !a.Deleted {
			text, err := automation.Marshal(a)
			if err != nil {
				return err
			}
			plain := string(text)
			doc = &plain
		}
		ids, accounts, versions = append(ids, a.ID), append(accounts, a.Account), append(versions, a.Version)
		created, updated = append(created, a.CreatedAt.UnixMicro()), append(updated, a.UpdatedAt.UnixMicro())
		docs = append(docs, doc)
	}
	_, err := s.exec(ctx, tx, "automations_put", ids, accounts, versions, created, updated, docs)
	return err
}

// stored is a row of automations.
type stored struct {
	account          string
	version, created int64 // 0: there is none
	doc              *string
	deleted          bool
}

// gone tells whether there was one that was deleted.
func (a stored) gone() bool { return a.deleted }

// stored returns automations as they are stored, for a transaction that has drawn a version: nobody else changes them.
func (s *Store) stored(ctx context.Context, tx pgx.Tx, ids []string) (map[string]stored, error) {
	found := map[string]stored{}
	_, err := rows(ctx, s, tx, "automations_get", func(row pgx.Rows) (struct{}, error) {
		var id string
		var a stored
		err := row.Scan(&id, &a.account, &a.version, &a.created, &a.doc)
		a.deleted = a.doc == nil
		found[id] = a
		return struct{}{}, err
	}, ids)
	return found, err
}

// version draws n versions of the configuration and returns the last, and what time it is. Until the transaction ends, no
// other changes the configuration: a version that is read has all before it.
func (s *Store) version(ctx context.Context, tx pgx.Tx, n int) (last, now int64, err error) {
	drawn, err := row(ctx, s, tx, "version", func(row pgx.Rows) (d [2]int64, err error) {
		err = row.Scan(&d[0], &d[1])
		return d, err
	}, s.clock(), n)
	return drawn[0], drawn[1], err
}

// Delete implements [store.Registry].
func (s *Store) Delete(ctx context.Context, account string, ids []string) error {
	return s.tx(ctx, "delete automations", func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.lockLanes(ctx, tx, texts(ids)); err != nil {
			return err
		}
		last, now, err := s.version(ctx, tx, len(ids))
		if err != nil {
			return err
		}
		found, err := s.stored(ctx, tx, texts(ids))
		if err != nil {
			return err
		}
		var deleted []automation.Automation
		for i, id := range ids {
			old := found[id]
			if old.doc == nil || old.account != account {
				return fmt.Errorf("automation %q: %w in account %q", id, store.ErrNotFound, account)
			}
			deleted = append(deleted, automation.Automation{
				ID: id, Account: account, Version: last - int64(len(ids)-1-i), Deleted: true,
				CreatedAt: sqlstore.Time(old.created), UpdatedAt: sqlstore.Time(now),
			})
			found[id] = stored{deleted: true}
		}
		if err := s.save(ctx, tx, slices.Values(deleted)); err != nil {
			return err
		}
		for _, statement := range []string{"requeue_runs", "lanes_delete", "keys_delete"} { // whoever claims the runs finds it gone
			if _, err := s.exec(ctx, tx, statement, ids); err != nil {
				return err
			}
		}
		return nil
	})
}

func readLabels(row pgx.Rows) (l store.SurveyLabels, err error) {
	var doc []byte
	if err := row.Scan(&l.Account, &l.Survey, &l.Version, &doc); err != nil {
		return l, err
	}
	return l, json.Unmarshal(doc, &l.Labels)
}
