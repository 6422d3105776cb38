package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	sqlitedriver "modernc.org/sqlite"

	"github.com/tenterhook/tenterhook/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed schema/*.sql
var schema embed.FS

// notADatabase is SQLITE_NOTADB (https://sqlite.org/rescode.html#notadb).
const notADatabase = 26

// migrate brings the file to this version: each step in one transaction with the note that it was done, so that a step is
// done once whatever dies, and by one process whoever else opens the file.
func migrate(ctx context.Context, db *sql.DB, o Options) error {
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(steps)
	for n := range steps {
		done, err := step(ctx, db, o, steps, n)
		var driver *sqlitedriver.Error
		switch {
		case errors.As(err, &driver) && driver.Code() == notADatabase:
			return fmt.Errorf("%w: it is not an SQLite file: name another one", store.ErrForeign)
		case err != nil:
			return err
		case done == len(steps):
			return nil
		}
	}
	return nil
}

// step makes sure that the first n+1 steps are done, and returns how many are.
func step(ctx context.Context, db *sql.DB, o Options, steps []string, n int) (int, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	done, err := stepsDone(ctx, tx, o)
	switch {
	case err != nil:
		return 0, err
	case done > len(steps):
		return 0, fmt.Errorf("%w: it is at step %d, this one knows %d: update the program", store.ErrNewer, done, len(steps))
	case done > n:
		return done, nil
	}
	text, err := migrations.ReadFile(steps[n])
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return 0, fmt.Errorf("migrate: %s: %w", path.Base(steps[n]), err)
	}
	if _, err := tx.ExecContext(ctx, schemaText("done")); err != nil {
		return 0, fmt.Errorf("migrate: %s: %w", path.Base(steps[n]), err)
	}
	return n + 1, tx.Commit()
}

// stepsDone returns how many steps the file has seen. A file without our tables must be empty, or shared.
func stepsDone(ctx context.Context, tx *sql.Tx, o Options) (int, error) {
	var ours, others int
	if err := tx.QueryRowContext(ctx, schemaText("tables")).Scan(&ours, &others); err != nil {
		return 0, err
	}
	switch {
	case ours == 0 && others > 0 && !o.Shared:
		return 0, fmt.Errorf("%w: it holds other tables: name another file, or open it with Options.Shared to keep ours beside them", store.ErrForeign)
	case ours == 0:
		_, err := tx.ExecContext(ctx, schemaText("create"))
		return 0, err
	}
	var done int
	err := tx.QueryRowContext(ctx, schemaText("count")).Scan(&done)
	return done, err
}

func schemaText(name string) string {
	text, err := schema.ReadFile("schema/" + name + ".sql")
	if err != nil {
		panic(err) // embedded: a misspelt name does not survive the first test
	}
	return string(text)
}
