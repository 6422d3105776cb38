package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/tenterhook/tenterhook/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed schema/*.sql
var schema embed.FS

// migrator brings a file to this version: each step in one transaction with the note that it was done, so that a step is
// done once whatever dies, and by one process whoever else opens the file.
type migrator struct {
	db     *sql.DB
	shared bool
	files  fs.FS // the text of the steps
	steps  []string
}

func (o Options) migrator(db *sql.DB, files fs.FS) (migrator, error) {
	steps, err := fs.Glob(files, "migrations/*.sql")
	slices.Sort(steps)
	return migrator{db: db, shared: o.Shared, files: files, steps: steps}, err
}

// check refuses a file that is not ours, or is newer, and changes nothing in it.
func (m migrator) check(ctx context.Context) error {
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	_, _, err = m.stepsDone(ctx, tx)
	return err
}

// run does the steps that are missing.
func (m migrator) run(ctx context.Context) error {
	for n := range m.steps {
		if done, err := m.step(ctx, n); err != nil || done == len(m.steps) {
			return err
		}
	}
	return nil
}

// step makes sure that the first n+1 steps are done, and returns how many are.
func (m migrator) step(ctx context.Context, n int) (int, error) {
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	done, begun, err := m.stepsDone(ctx, tx)
	if err != nil || done > n {
		return done, err
	}
	if !begun {
		if _, err := tx.ExecContext(ctx, schemaText("create")); err != nil {
			return 0, err
		}
	}
	text, err := fs.ReadFile(m.files, m.steps[n])
	if err != nil {
		return 0, err
	}
	for _, each := range []string{string(text), schemaText("done")} {
		if _, err := tx.ExecContext(ctx, each); err != nil {
			return 0, fmt.Errorf("migrate: %s: %w", path.Base(m.steps[n]), err)
		}
	}
	return n + 1, tx.Commit()
}

// stepsDone returns how many steps the file has seen, and whether it has our table of them. A file without our tables must
// be empty, or shared.
func (m migrator) stepsDone(ctx context.Context, tx *sql.Tx) (done int, begun bool, err error) {
	var ours, others int
	if err := tx.QueryRowContext(ctx, schemaText("tables")).Scan(&ours, &others); err != nil {
		return 0, false, err
	}
	switch {
	case ours == 0 && others > 0 && !m.shared:
		return 0, false, fmt.Errorf("%w: it holds other tables: name another file, or open it with Options.Shared to keep ours beside them", store.ErrForeign)
	case ours == 0:
		return 0, false, nil
	}
	if err := tx.QueryRowContext(ctx, schemaText("count")).Scan(&done); err != nil {
		return 0, false, err
	}
	if done > len(m.steps) {
		return 0, true, fmt.Errorf("%w: it is at step %d, this one knows %d: update the program", store.ErrNewer, done, len(m.steps))
	}
	return done, true, nil
}

func schemaText(name string) string {
	text, err := schema.ReadFile("schema/" + name + ".sql")
	if err != nil {
		panic(err) // embedded: a misspelt name does not survive the first test
	}
	return string(text)
}
