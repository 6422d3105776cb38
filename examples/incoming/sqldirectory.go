package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/tenterhook/tenterhook/automation"
)

// sqlDirectory is a directory in a table of the service's own.
type sqlDirectory struct{ db *sql.DB }

const (
	makeTable = `CREATE TABLE respondents (
		account TEXT NOT NULL, survey TEXT NOT NULL, id TEXT NOT NULL, email TEXT, labels TEXT NOT NULL, called TEXT NOT NULL,
		PRIMARY KEY (account, survey, id), UNIQUE (account, survey, email))`
	findRespondent = `SELECT id, coalesce(email, ''), labels, called FROM respondents
		WHERE account = ?1 AND survey = ?2 AND (id = ?3 OR email = ?4)`
	putRespondent   = `REPLACE INTO respondents VALUES (?1, ?2, ?3, nullif(?4, ''), ?5, ?6)`
	listRespondents = `SELECT id, coalesce(email, ''), labels, called FROM respondents WHERE survey = ?1 ORDER BY id`
)

// openSQLDirectory opens one whose transactions wait for each other: each reads what it writes.
func openSQLDirectory(ctx context.Context, file string) (*sqlDirectory, error) {
	// A URI, for the path may hold a question mark.
	uri := url.URL{Scheme: "file", OmitHost: true, Path: file, RawQuery: "_pragma=busy_timeout(10000)&_txlock=immediate"}
	db, err := sql.Open("sqlite", uri.String()) // the driver comes with store/sqlite
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
	return d.change(ctx, r)
}

// AddRespondent implements [webhook.Respondents].
func (d *sqlDirectory) AddRespondent(ctx context.Context, r automation.Respondent) error {
	return d.change(ctx, r)
}

// change sets labels of the respondent whom r names by id or address; one without an id is added. His is that of the run: done again
// for the same one, he is the same.
func (d *sqlDirectory) change(ctx context.Context, r automation.Respondent) error {
	if err := check(r); err != nil {
		return err
	}
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	p, err := scan(tx.QueryRowContext(ctx, findRespondent, r.Account, r.Survey, cmp.Or(r.ID, r.Run), r.Email))
	switch {
	case errors.Is(err, sql.ErrNoRows) && r.ID != "":
		return unknown(r)
	case errors.Is(err, sql.ErrNoRows):
		p = respondent{id: r.Run, email: r.Email}
	case err != nil:
		return err
	}
	p = p.set(r)
	labels, err1 := json.Marshal(p.labels)
	called, err2 := json.Marshal(p.called)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, putRespondent, r.Account, r.Survey, p.id, p.email, labels, called); err != nil {
		return err
	}
	return tx.Commit()
}

// scan reads a respondent.
func scan(row interface{ Scan(...any) error }) (p respondent, err error) {
	var labels, called []byte
	if err := row.Scan(&p.id, &p.email, &labels, &called); err != nil {
		return p, err
	}
	return p, errors.Join(json.Unmarshal(labels, &p.labels), json.Unmarshal(called, &p.called))
}

func (d *sqlDirectory) list(ctx context.Context, survey string) (found []respondent, err error) {
	rows, err := d.db.QueryContext(ctx, listRespondents, survey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		p, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, rows.Err()
}

func (d *sqlDirectory) close() error { return d.db.Close() }
