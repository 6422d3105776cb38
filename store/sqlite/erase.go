package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Erase implements [store.Admin]. It looks at runs outside the write lock: what makes it remove one, its identity and
// what it mentions, does not go away again, and no other run gets its sequence number.
//
// The bytes stay in the file until [Store.Vacuum].
func (s *Store) Erase(ctx context.Context, e runs.Erasure, after int64, max int) (store.Erased, error) {
	if err := e.Validate(); err != nil {
		return store.Erased{}, fmt.Errorf("erase runs: %w", err)
	}
	out, covered, err := s.covered(ctx, e, store.Erased{Last: after}, max)
	if err != nil {
		return store.Erased{}, fmt.Errorf("erase runs: %w", err)
	}
	if len(covered) == 0 {
		return out, nil
	}
	err = s.writes.tx(ctx, "erase runs", func(ctx context.Context) error {
		res, err := s.exec(ctx, "remove_attempts", jsonNumbers(covered))
		if err != nil {
			return err
		}
		attempts, err := res.RowsAffected()
		if err != nil {
			return err
		}
		gone, err := s.remove(ctx, "remove_runs", covered)
		out.Runs, out.Messages, out.Attempts = gone.Runs, gone.Messages, int(attempts)
		return err
	})
	if err != nil {
		return store.Erased{}, err
	}
	return out, nil
}

// covered looks at up to max runs that e names, and returns the sequence numbers of those that it covers.
func (s *Store) covered(ctx context.Context, e runs.Erasure, from store.Erased, max int) (_ store.Erased, seqs []int64, err error) {
	if seqs, from.Done, err = s.oldest(ctx, e.Filter(), from.Last, max); err != nil {
		return from, nil, err
	}
	if len(seqs) > 0 {
		from.Last = seqs[len(seqs)-1]
	}
	if e.Email != "" && len(seqs) > 0 {
		seqs, err = s.mentioning(ctx, e, seqs)
	}
	return from, seqs, err
}

// mentioning returns those of an account's runs that e covers. It holds one message or attempt at a time.
func (s *Store) mentioning(ctx context.Context, e runs.Erasure, seqs []int64) (covered []int64, err error) {
	found := map[int64]bool{}
	for _, part := range []struct {
		query string
		read  func(*sql.Rows) (int64, runs.Run, error)
	}{{"erase_read", readMention}, {"erase_attempts", readAttemptOf}} {
		rows, err := s.stmts.read[part.query].QueryContext(ctx, jsonNumbers(seqs))
		_, err = collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
			seq, r, err := part.read(rows)
			r.Account = e.Account
			found[seq] = found[seq] || err == nil && e.Covers(r)
			return struct{}{}, err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, seq := range seqs {
		if found[seq] {
			covered = append(covered, seq)
		}
	}
	return covered, nil
}

// readMention reads what of a run may mention a person, its attempts aside.
func readMention(rows *sql.Rows) (seq int64, r runs.Run, err error) {
	var event, url string
	var facts sql.NullString
	var message []byte
	err = rows.Scan(&seq, &event, &url, &facts, &message)
	return seq, sqlstore.Mention(event, url, facts.String, message), err
}

// readAttemptOf reads an attempt as one of a run of which nothing else is known.
func readAttemptOf(rows *sql.Rows) (seq int64, r runs.Run, err error) {
	var doc []byte
	err = rows.Scan(&seq, &doc)
	return seq, sqlstore.MentionOf(doc), err
}

// remove removes runs by one of the statements for that, with the messages that no other run has, and counts both.
func (s *Store) remove(ctx context.Context, statement string, seqs []int64) (out store.Erased, err error) {
	rows, err := s.stmts.write[statement].QueryContext(ctx, jsonNumbers(seqs))
	messages, err := collect(rows, err, readOne[int64])
	if err != nil {
		return out, fmt.Errorf("%s: %w", statement, err)
	}
	res, err := s.exec(ctx, "remove_messages", jsonNumbers(messages))
	if err != nil {
		return out, err
	}
	removed, err := res.RowsAffected()
	return store.Erased{Runs: len(messages), Messages: int(removed)}, err
}
