package postgres

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

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
	b := newBatch(entries)
	all, err := rows(ctx, s, q, "publish", func(row pgx.Rows) (p place, err error) {
		err = row.Scan(&p.id, &p.seq, &p.now)
		return p, err
	}, s.parameters(b)...)
	return b.inOrder(all), err
}

// place is where an entry was created.
type place struct {
	id       string
	n        int // of the entry, from 0
	seq, now int64
}

// createdOf returns the runs of the entries that were created there.
func createdOf(entries []store.Entry, all []place) []runs.Run {
	created := make([]runs.Run, len(all))
	for i, p := range all {
		e := entries[p.n]
		after, leased := sqlstore.After(e)
		created[i] = sqlstore.Published(e.Run, p.now, p.now+after, leased)
		created[i].Seq = p.seq
	}
	return created
}

// batch is what runs are created from, by column.
type batch struct {
	id, account, automation, action, event, kind, url []string
	person, facts                                     []string // empty: NULL
	after                                             []int64
	leased                                            []bool
	message                                           []int32                  // which of the messages it has, from 0
	body                                              pgtype.FlatArray[[]byte] // that message; NULL: an entry before has it too
}

func newBatch(entries []store.Entry) *batch {
	b := &batch{}
	at := make(map[sqlstore.Bytes]int32, len(entries))
	messages := int32(0)
	for _, e := range entries {
		r := e.Run
		after, leased := sqlstore.After(e)
		b.id, b.account, b.automation = append(b.id, r.ID), append(b.account, r.Account), append(b.automation, r.Automation)
		b.action, b.event, b.kind = append(b.action, r.Action), append(b.event, r.Event), append(b.kind, r.EventType)
		b.url = append(b.url, r.URL)
		b.person, b.facts = append(b.person, searchable(sqlstore.Person(r.Respondent))), append(b.facts, sqlstore.Facts(r))
		b.after, b.leased = append(b.after, after), append(b.leased, leased)
		where, somewhere := sqlstore.BytesOf(r.Message)
		n, known := at[where]
		body := []byte(nil)
		if !known {
			n, body = messages, orEmpty(r.Message)
			messages++
		}
		if somewhere {
			at[where] = n
		}
		b.message, b.body = append(b.message, n), append(b.body, body)
	}
	return b
}

func (s *Store) parameters(b *batch) []any {
	return []any{
		s.clock(), b.id, b.account, b.automation, b.action, b.event, b.kind, b.url, b.person, b.facts, b.after, b.leased, b.message, b.body,
		s.owner.number,
	}
}

// inOrder puts places in the order of their entries. Of entries with the same id, the first was created.
func (b *batch) inOrder(all []place) []place {
	first := make(map[string]int, len(b.id))
	for n, id := range slices.Backward(b.id) {
		first[id] = n
	}
	for i := range all {
		all[i].n = first[all[i].id]
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Compare(a.n, b.n) })
	return all
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
