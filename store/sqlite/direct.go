package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// direct is a statement of the writer's connection as the driver prepares it. Those that each run takes are direct: what
// database/sql does around one costs a tenth of what SQLite does.
type direct struct {
	name string
	conn *sql.Conn
	stmt driver.Stmt
}

func prepareDirect(ctx context.Context, conn *sql.Conn, name string) (d direct, err error) {
	err = conn.Raw(func(c any) (err error) {
		d = direct{name: name, conn: conn}
		d.stmt, err = c.(driver.ConnPrepareContext).PrepareContext(ctx, query(name))
		return err
	})
	if err != nil {
		return d, fmt.Errorf("prepare %s: %w", name, err)
	}
	return d, nil
}

// exec runs the statement within the transaction that is open, if any.
func (d direct) exec(ctx context.Context, args ...any) (res sql.Result, err error) {
	var room [16]driver.NamedValue
	named := room[:0]
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.name, err)
		}
		named = append(named, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	err = d.conn.Raw(func(any) (err error) {
		res, err = d.stmt.(driver.StmtExecContext).ExecContext(ctx, named)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return res, nil
}

func (d direct) close() error {
	err := d.conn.Raw(func(any) error { return d.stmt.Close() })
	if errors.Is(err, sql.ErrConnDone) {
		return nil // it was closed before
	}
	return err
}
