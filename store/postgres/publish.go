package postgres

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Publish implements [store.Publisher]. It is one statement, and so one round trip, which callers at once share.
func (s *Store) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	if len(entries) == 0 {
		return nil, ctx.Err()
	}
	return s.group.publish(ctx, entries)
}

// flush publishes the entries of callers together.
func (s *Store) flush(ctx context.Context, entries []store.Entry) (all []place, err error) {
	err = s.call(ctx, "publish runs", func(ctx context.Context) (err error) {
		all, err = s.publish(ctx, s.pool, entries)
		return err
	})
	return all, err
}

// publish returns where entries were created, in their order.
func (s *Store) publish(ctx context.Context, q querier, entries []store.Entry) ([]place, error) {
	all, err := rows(ctx, s, q, "publish", func(row pgx.Rows) (p place, err error) {
		err = row.Scan(&p.n, &p.seq, &p.now)
		return p, err
	}, newBatch(entries).parameters(s.clock())...)
	slices.SortFunc(all, inOrderOfEntries)
	return all, err
}

// place is where an entry was created.
type place struct{ n, seq, now int64 }

func inOrderOfEntries(a, b place) int { return cmp.Compare(a.n, b.n) }

// createdOf returns the runs of the entries that were created there.
func createdOf(entries []store.Entry, all []place) []runs.Run {
	created := make([]runs.Run, len(all))
	for i, p := range all {
		e := entries[p.n-1]
		after, leased := sqlstore.After(e)
		created[i] = sqlstore.Published(e.Run, p.now, p.now+after, leased)
		created[i].Seq = p.seq
	}
	return created
}

// batch is what runs are created from, by column.
type batch struct {
	id, account, automation, action, event, kind, url []string
	person, facts                                     []*string
	after                                             []int64
	leased                                            []bool
	body                                              []int32 // which of bodies is its message, from 1
	bodies                                            [][]byte
}

func newBatch(entries []store.Entry) *batch {
	b := &batch{}
	at := map[sqlstore.Bytes]int32{}
	for _, e := range entries {
		r := e.Run
		after, leased := sqlstore.After(e)
		b.id, b.account, b.automation = append(b.id, r.ID), append(b.account, r.Account), append(b.automation, r.Automation)
		b.action, b.event, b.kind = append(b.action, r.Action), append(b.event, r.Event), append(b.kind, r.EventType)
		b.url = append(b.url, r.URL)
		b.person, b.facts = append(b.person, orNull(searchable(sqlstore.Person(r.Respondent)))), append(b.facts, orNull(sqlstore.Facts(r)))
		b.after, b.leased = append(b.after, after), append(b.leased, leased)
		where, somewhere := sqlstore.BytesOf(r.Message)
		n, known := at[where]
		if !known {
			b.bodies = append(b.bodies, orEmpty(r.Message))
			n = int32(len(b.bodies))
		}
		if somewhere {
			at[where] = n
		}
		b.body = append(b.body, n)
	}
	return b
}

func (b *batch) parameters(now *int64) []any {
	return []any{
		now, b.id, b.account, b.automation, b.action, b.event, b.kind, b.url, b.person, b.facts, b.after, b.leased, b.body, b.bodies,
	}
}

// searchable returns text as a text column can hold it, which no NUL may be in, nor what is not UTF-8.
func searchable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

// orEmpty returns bytes that are not NULL.
func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
