package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// direct is a statement of the writer's connection as the driver prepares it. Those that each run takes are direct: what
// database/sql does around one costs a tenth of what SQLite does. Of their parameters only those used twice have a number: the
// driver searches for each that has one, by its spelling, among all arguments.
type direct struct {
	name string
	conn *sql.Conn
	stmt driver.Stmt
	args []driver.NamedValue // of the latest execution: there is one at a time
}

func prepareDirect(ctx context.Context, conn *sql.Conn, name string) (*direct, error) {
	d := &direct{name: name, conn: conn}
	err := conn.Raw(func(c any) (err error) {
		d.stmt, err = c.(driver.ConnPrepareContext).PrepareContext(ctx, query(name))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", name, err)
	}
	return d, nil
}

// exec runs the statement within the transaction that is open, if any. Arguments are of the types that a [driver.Value] has.
func (d *direct) exec(ctx context.Context, args ...any) (res sql.Result, err error) {
	d.args = d.args[:0]
	for i, arg := range args {
		d.args = append(d.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	err = d.conn.Raw(func(any) (err error) {
		res, err = d.stmt.(driver.StmtExecContext).ExecContext(ctx, d.args)
		return err
	})
	clear(d.args) // it must not keep what they refer to
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return res, nil
}

func (d *direct) close() error {
	err := d.conn.Raw(func(any) error { return d.stmt.Close() })
	if errors.Is(err, sql.ErrConnDone) {
		return nil // it was closed before
	}
	return err
}
