package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Publish implements [store.Publisher].
func (s *Store) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	var created []runs.Run
	err := s.writes.tx(ctx, "publish runs", func(ctx context.Context) (err error) {
		p := publisher{
			run:     s.stmts.write["publish_run"].ExecContext,
			message: s.stmts.write["publish_message"].ExecContext,
		}
		created, err = p.publish(ctx, entries, s.micros())
		return err
	})
	if err != nil {
		return nil, err
	}
	return created, nil
}

// Within returns a publisher whose runs live or die with a transaction of the host on the same file (SPEC R7): an
// *[sql.Tx], or an *[sql.Conn] in one. It needs no more of it than ExecContext.
func (s *Store) Within(tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}) store.Publisher {
	bind := func(text string) exec {
		return func(ctx context.Context, args ...any) (sql.Result, error) { return tx.ExecContext(ctx, text, args...) }
	}
	return within{store: s, publisher: publisher{run: bind(query("publish_run")), message: bind(query("publish_message"))}}
}

type within struct {
	store     *Store
	publisher publisher
}

// Publish implements [store.Publisher].
func (w within) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	created, err := w.publisher.publish(ctx, entries, w.store.micros())
	if err != nil {
		return nil, fmt.Errorf("publish runs: %w", err)
	}
	return created, nil
}

type exec func(ctx context.Context, args ...any) (sql.Result, error)

// publisher inserts runs and messages one by one: with a body of 1 KiB each this was faster than one statement for many.
type publisher struct{ run, message exec }

func (p publisher) publish(ctx context.Context, entries []store.Entry, now int64) ([]runs.Run, error) {
	created := make([]runs.Run, 0, len(entries))
	owners := map[bytesOf]int64{}
	for _, e := range entries {
		r := e.Run
		leased, due := 0, now+e.Delay.Microseconds()
		if e.Lease > 0 {
			leased, due = 1, now+e.Lease.Microseconds()
		}
		shares, hasOwner := sql.NullInt64{}, false
		if len(r.Message) > 0 {
			shares.Int64, hasOwner = owners[bytesOf{&r.Message[0], len(r.Message)}]
			shares.Valid = hasOwner
		}
		res, err := p.run(ctx, r.ID, r.Account, r.Automation, r.Action, r.Event, r.EventType, r.URL,
			person(r.Respondent), facts(r), shares, now, due, leased)
		if err != nil {
			return nil, err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		if r.Seq, err = res.LastInsertId(); err != nil {
			return nil, err
		}
		if !hasOwner {
			if _, err := p.message(ctx, r.Seq, notNil(r.Message)); err != nil {
				return nil, err
			}
			if len(r.Message) > 0 {
				owners[bytesOf{&r.Message[0], len(r.Message)}] = r.Seq
			}
		}
		created = append(created, published(r, now, due, leased))
	}
	return created, nil
}

// bytesOf tells messages apart by where they are, not by what they say.
type bytesOf struct {
	first *byte
	n     int
}

// published returns r as it was just inserted. Whether its automation holds it is known to the store alone.
func published(r runs.Run, now, due int64, leased int) runs.Run {
	r.Warnings, r.Attempts, r.Held, r.Replays = slices.Clone(r.Warnings), nil, "", 0
	r.CreatedAt, r.StatusAt, r.Due = fromMicros(now), fromMicros(now), fromMicros(due)
	r.Status, r.Fence, r.Tries = runs.Scheduled, int64(leased), leased
	if leased == 1 {
		r.Status = runs.Running
	}
	return r
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// person returns what a search for a person looks through; NULL when nothing is known.
func person(who runs.Respondent) any {
	name := who.Name()
	if name == "" && who.Email == "" {
		return nil
	}
	return strings.ToLower(name + "\n" + who.Email)
}

// runFacts is what of a run is only ever shown.
type runFacts struct {
	ID        string   `json:"id,omitempty"`
	FirstName string   `json:"first,omitempty"`
	LastName  string   `json:"last,omitempty"`
	Email     string   `json:"email,omitempty"`
	Anonymous bool     `json:"anonymous,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
}

// facts returns a run's facts as JSON; NULL when there are none.
func facts(r runs.Run) any {
	who := r.Respondent
	if who == (runs.Respondent{}) && len(r.Warnings) == 0 {
		return nil
	}
	doc, _ := json.Marshal(runFacts{who.ID, who.FirstName, who.LastName, who.Email, who.Anonymous, r.Warnings}) // cannot fail
	return string(doc)
}
