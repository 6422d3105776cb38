package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Erase implements [store.Admin]. It looks at runs without a lock: what makes it remove one, its identity and what it
// mentions, does not go away again, and no other run gets its sequence number.
//
// The bytes stay in the database's files until autovacuum, or VACUUM, has reused their place, and in what the server keeps
// of its log.
func (s *Store) Erase(ctx context.Context, e runs.Erasure, after int64, max int) (store.Erased, error) {
	if err := e.Validate(); err != nil {
		return store.Erased{}, fmt.Errorf("erase runs: %w", err)
	}
	out, covered, err := s.covered(ctx, e, after, max)
	if err != nil || len(covered) == 0 {
		return out, err
	}
	gone, err := s.remove(ctx, "erase runs", "remove_runs", covered)
	if err != nil {
		return store.Erased{}, err
	}
	out.Runs, out.Messages, out.Attempts = gone.Runs, gone.Messages, gone.Attempts
	return out, nil
}

// covered looks at up to max runs that e names, and returns the sequence numbers of those that it covers.
func (s *Store) covered(ctx context.Context, e runs.Erasure, after int64, max int) (out store.Erased, seqs []int64, err error) {
	err = s.call(ctx, "erase runs", func(ctx context.Context) (err error) {
		out = store.Erased{Last: after}
		if seqs, out.Done, err = s.oldest(ctx, e.Filter(), after, max); err != nil || len(seqs) == 0 {
			return err
		}
		out.Last = seqs[len(seqs)-1]
		if e.Email != "" {
			seqs, err = s.mentioning(ctx, e, seqs)
		}
		return err
	})
	if err != nil {
		return store.Erased{}, nil, err
	}
	return out, seqs, nil
}

// mentioning returns those of an account's runs that e covers. It holds one message or attempt at a time.
func (s *Store) mentioning(ctx context.Context, e runs.Erasure, seqs []int64) (covered []int64, err error) {
	found := map[int64]bool{}
	for _, part := range []struct {
		query string
		read  func(pgx.Rows) (int64, runs.Run, error)
	}{{"erase_read", readMention}, {"erase_attempts", readAttemptOf}} {
		_, err = rows(ctx, s, s.pool, part.query, func(row pgx.Rows) (struct{}, error) {
			seq, r, err := part.read(row)
			r.Account = e.Account
			found[seq] = found[seq] || err == nil && e.Covers(r)
			return struct{}{}, err
		}, seqs)
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

func readMention(row pgx.Rows) (seq int64, r runs.Run, err error) {
	var event, url, facts string
	var message []byte
	err = row.Scan(&seq, &event, &url, &facts, &message)
	return seq, sqlstore.Mention(event, url, facts, message), err
}

func readAttemptOf(row pgx.Rows) (seq int64, r runs.Run, err error) {
	var doc []byte
	err = row.Scan(&seq, &doc)
	return seq, sqlstore.MentionOf(doc), err
}

// remove removes runs by one of the statements for that, with the messages that no other run has, and counts all.
func (s *Store) remove(ctx context.Context, what, statement string, seqs []int64) (out store.Erased, err error) {
	err = s.tx(ctx, what, func(ctx context.Context, tx pgx.Tx) error {
		messages, err := rows(ctx, s, tx, "messages_lock", readOne[int64], seqs)
		if err != nil {
			return err
		}
		gone, err := rows(ctx, s, tx, statement, readOne[int64], seqs)
		if err != nil {
			return err
		}
		out = store.Erased{Runs: len(gone)}
		if out.Attempts, err = s.exec(ctx, tx, "remove_attempts", gone); err != nil {
			return err
		}
		out.Messages, err = s.exec(ctx, tx, "remove_messages", messages)
		return err
	})
	return out, err
}
