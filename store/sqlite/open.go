package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	sqlitedriver "modernc.org/sqlite" // the driver "sqlite"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// Store is a [store.Store] in a SQLite file. Make it with [Open].
type Store struct {
	now    func() time.Time
	write  *sql.DB // holds the one connection of writes
	writes group
	read   *sql.DB
	stmts  statements
	turn   sqlstore.Turn // of the held lanes that Claim lists
}

// Options configures a [Store].
type Options struct {
	// Now is the store's clock; default: [time.Now].
	Now func() time.Time
	// Readers bounds the connections that read; default: 4.
	Readers int
	// LockTimeout bounds the wait for another process's write; default: 10 s.
	LockTimeout time.Duration
	// Shared permits a file that holds other tables, the host's own; default: false, such a file is refused.
	Shared bool
}

// Open opens the store in the file at path with default options, and creates or migrates it where needed.
func Open(ctx context.Context, path string) (*Store, error) { return Options{}.Open(ctx, path) }

// Open opens the store in the file at path, and creates or migrates it where needed. A file that is no store, or was
// written by a newer version of this package, is left as it is: [store.ErrForeign], [store.ErrNewer].
func (o Options) Open(ctx context.Context, path string) (*Store, error) {
	o = o.withDefaults()
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New("open store: there is no file name: give one, or use store/memory")
	}
	for until := time.Now().Add(o.LockTimeout); ; {
		s := &Store{now: o.Now}
		err := s.open(ctx, path, o)
		if err == nil {
			return s, nil
		}
		if code(err) == cantOpen {
			err = fmt.Errorf("%w: see that its folder exists and may be written", err)
		}
		err = errors.Join(fmt.Errorf("open store %q: %w", path, err), s.Close())
		if code(err) != busy || time.Now().After(until) || !pause(ctx) {
			return nil, err
		}
	}
}

// pause waits a little for another process, and tells whether ctx goes on. SQLite itself does not wait when two turn on
// WAL mode in a new file at once: one of them is told that the file is busy.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(5 * time.Millisecond):
		return true
	}
}

// code returns the primary result code of SQLite's in err; 0 when there is none.
func code(err error) int {
	var driver *sqlitedriver.Error
	if !errors.As(err, &driver) {
		return 0
	}
	return driver.Code() & 0xff
}

func (s *Store) open(ctx context.Context, path string, o Options) (err error) {
	if err := o.recognise(ctx, path); err != nil {
		return err
	}
	if s.write, err = sql.Open("sqlite", dsn(path, o, "_txlock=immediate")); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	m, err := o.migrator(s.write, migrations)
	if err != nil {
		return err
	}
	if err := m.run(ctx); err != nil {
		return err
	}
	if s.read, err = sql.Open("sqlite", dsn(path, o, "_pragma=query_only(1)")); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(o.Readers)
	s.read.SetMaxIdleConns(o.Readers)
	if s.writes.conn, err = s.write.Conn(ctx); err != nil { // SQLite has one writer, and so one connection for them
		return err
	}
	s.stmts, err = prepare(ctx, s.writes.conn, s.read)
	return err
}

// recognise looks at a file before the store's own connections do, since those write to it at once: the mark of WAL mode.
//
// It never opens the file but through SQLite: closing any other handle would drop the locks that this process holds on it
// (https://sqlite.org/howtocorrupt.html, section 2.2).
func (o Options) recognise(ctx context.Context, path string) error {
	switch info, err := os.Stat(path); {
	case err != nil || info.Size() == 0:
		return nil // it is still to be made, or cannot be: that is for SQLite to tell
	case info.Mode().IsRegular() && info.Size() < smallestPage:
		return errNotSQLite
	}
	db, err := sql.Open("sqlite", fmt.Sprintf("%s?mode=rw&_pragma=busy_timeout(%d)", uri(path), o.LockTimeout.Milliseconds()))
	if err != nil {
		return err
	}
	m, err := o.migrator(db, migrations)
	if err == nil {
		err = m.check(ctx)
	}
	if code(err) == notADatabase {
		err = errNotSQLite
	}
	return errors.Join(err, db.Close())
}

var errNotSQLite = fmt.Errorf("%w: it is not an SQLite file: name another one", store.ErrForeign)

const (
	busy         = 5   // SQLITE_BUSY
	cantOpen     = 14  // SQLITE_CANTOPEN
	notADatabase = 26  // SQLITE_NOTADB (https://sqlite.org/rescode.html#notadb)
	smallestPage = 512 // bytes (https://sqlite.org/fileformat.html); SQLite takes a shorter file for an empty one
)

// Close closes the file. Calls under way end with an error.
func (s *Store) Close() error {
	errs := []error{s.stmts.close()}
	if s.writes.conn != nil {
		if err := s.writes.conn.Close(); !errors.Is(err, sql.ErrConnDone) { // closed before
			errs = append(errs, err)
		}
	}
	for _, db := range []*sql.DB{s.read, s.write} { // the writer last: it checkpoints and removes the log
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Readers = cmp.Or(o.Readers, 4)
	o.LockTimeout = cmp.Or(o.LockTimeout, 10*time.Second)
	return o
}

// uri names the file in a way that any character may stand in its path (https://sqlite.org/uri.html).
func uri(path string) string {
	escaped := (&url.URL{Path: path}).EscapedPath()
	if strings.HasPrefix(escaped, "/") {
		return "file://" + escaped
	}
	return "file:" + escaped
}

func dsn(path string, o Options, extra string) string {
	pragmas := []string{
		fmt.Sprintf("busy_timeout(%d)", o.LockTimeout.Milliseconds()), // first: the others may have to wait
		"journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "cache_size(-32768)",
		"wal_autocheckpoint(4000)", // pages, 16 MB: a page that many commits change is copied into the file less often
	}
	return uri(path) + "?_pragma=" + strings.Join(pragmas, "&_pragma=") + "&" + extra
}

// micros returns the store's time in microseconds.
func (s *Store) micros() int64 { return s.now().UnixMicro() }

var _ store.Store = (*Store)(nil)
