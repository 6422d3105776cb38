package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/tenterhook/tenterhook/automation"
)

// sqlDirectory is a directory in a table of the service's own.
type sqlDirectory struct{ db *sql.DB }

const (
	makeTable = `CREATE TABLE respondents (
		account TEXT NOT NULL, survey TEXT NOT NULL, id TEXT NOT NULL, email TEXT, labels TEXT NOT NULL,
		PRIMARY KEY (account, survey, id), UNIQUE (account, survey, email))`
	// A new one's id is its run's: done again for the same run, it is the same.
	putRespondent = `INSERT INTO respondents (account, survey, id, email, labels) VALUES (?1, ?2, ?3, nullif(?4, ''), ?5)
		ON CONFLICT DO UPDATE SET labels = json_patch(labels, excluded.labels)`
	updateRespondent = `UPDATE respondents SET labels = json_patch(labels, ?4) WHERE account = ?1 AND survey = ?2 AND id = ?3`
	listRespondents  = `SELECT id, coalesce(email, ''), labels FROM respondents WHERE survey = ?1 ORDER BY id`
)

func openSQLDirectory(ctx context.Context, file string) (*sqlDirectory, error) {
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(10000)") // the driver comes with store/sqlite
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, makeTable); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &sqlDirectory{db}, nil
}

// UpdateRespondent implements [webhook.Respondents].
func (d *sqlDirectory) UpdateRespondent(ctx context.Context, r automation.Respondent) error {
	if r.ID == "" {
		return d.AddRespondent(ctx, r)
	}
	n, err := d.exec(ctx, r, func(labels string) (sql.Result, error) {
		return d.db.ExecContext(ctx, updateRespondent, r.Account, r.Survey, r.ID, labels)
	})
	if err == nil && n == 0 {
		err = unknown(r)
	}
	return err
}

// AddRespondent implements [webhook.Respondents].
func (d *sqlDirectory) AddRespondent(ctx context.Context, r automation.Respondent) error {
	_, err := d.exec(ctx, r, func(labels string) (sql.Result, error) {
		return d.db.ExecContext(ctx, putRespondent, r.Account, r.Survey, r.Run, r.Email, labels)
	})
	return err
}

// exec does one statement with the labels of r as JSON, and returns how many respondents it changed.
func (d *sqlDirectory) exec(_ context.Context, r automation.Respondent, do func(labels string) (sql.Result, error)) (int64, error) {
	if err := check(r); err != nil {
		return 0, err
	}
	if r.Labels == nil {
		r.Labels = map[string]string{}
	}
	labels, err := json.Marshal(r.Labels)
	if err != nil {
		return 0, err
	}
	result, err := do(string(labels))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (d *sqlDirectory) list(ctx context.Context, survey string) (found []respondent, err error) {
	rows, err := d.db.QueryContext(ctx, listRespondents, survey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r respondent
		var labels []byte
		if err := rows.Scan(&r.id, &r.email, &labels); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(labels, &r.labels); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

func (d *sqlDirectory) close() error { return d.db.Close() }
