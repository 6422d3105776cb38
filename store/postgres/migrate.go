package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed schema/*.sql
var schemaFiles embed.FS

// migrator brings a schema to this version: each step in one transaction with the note that it was done, so that a step is
// done once whatever dies, and by one process whoever else opens the store.
type migrator struct {
	pool   *pgxpool.Pool
	schema string
	files  fs.FS // the text of the steps
}

// run does the steps that are missing. Where none is, it needs no right but to read.
func (m migrator) run(ctx context.Context) error {
	steps, err := fs.Glob(m.files, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(steps)
	done, err := m.look(ctx, steps)
	for err == nil && done < len(steps) {
		done, err = m.step(ctx, steps)
	}
	return err
}

// look returns how many steps were done.
func (m migrator) look(ctx context.Context, steps []string) (done int, err error) {
	err = pgx.BeginTxFunc(ctx, m.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		found, err := m.stepsDone(ctx, tx, len(steps))
		done = found.done
		return err
	})
	return done, err
}

// step does the next step, unless another process has, and returns how many are done.
func (m migrator) step(ctx context.Context, steps []string) (done int, err error) {
	err = pgx.BeginTxFunc(ctx, m.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, m.text("lock"), mode, m.schema); err != nil {
			return err
		}
		found, err := m.stepsDone(ctx, tx, len(steps))
		if done = found.done; err != nil || done == len(steps) {
			return err
		}
		text, err := fs.ReadFile(m.files, steps[done])
		if err != nil {
			return err
		}
		texts := []string{within(m.schema, string(text)), m.text("done")}
		if !found.begun {
			texts = slices.Insert(texts, 0, m.text("create"))
		}
		if !found.there {
			texts = slices.Insert(texts, 0, m.text("schema"))
		}
		for _, text := range texts {
			if _, err := tx.Conn().PgConn().Exec(ctx, text).ReadAll(); err != nil {
				return fmt.Errorf("migrate: %s: %w", path.Base(steps[done]), err)
			}
		}
		done++
		return nil
	})
	return done, err
}

// progress is what is found of the store in a database.
type progress struct {
	there, begun bool // the schema, and our table in it
	done         int
}

// stepsDone returns how many steps a schema has seen. One without our tables must be empty.
func (m migrator) stepsDone(ctx context.Context, tx pgx.Tx, known int) (p progress, err error) {
	var others int
	var encoding string
	if err := tx.QueryRow(ctx, m.text("tables"), mode, m.schema).Scan(&p.there, &p.begun, &others, &encoding); err != nil {
		return p, err
	}
	switch {
	case encoding != "UTF8":
		return p, fmt.Errorf("the database has the encoding %s: create one with UTF8, which holds every text", encoding)
	case !p.begun && others > 0:
		return p, fmt.Errorf("%w: the schema holds other tables: name another with Options.Schema", store.ErrForeign)
	case !p.begun:
		return p, nil
	}
	if err := tx.QueryRow(ctx, m.text("count"), mode).Scan(&p.done); err != nil {
		return p, err
	}
	if p.done > known {
		return p, fmt.Errorf("%w: it is at step %d, this one knows %d: update the program", store.ErrNewer, p.done, known)
	}
	return p, nil
}

func (m migrator) text(name string) string {
	text, err := schemaFiles.ReadFile("schema/" + name + ".sql")
	if err != nil {
		panic(err) // embedded: a misspelt name does not survive the first test
	}
	return within(m.schema, string(text))
}
