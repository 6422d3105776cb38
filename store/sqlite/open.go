package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/tenterhook/tenterhook/store"
)

// Store is a [store.Store] in a SQLite file. Make it with [Open].
type Store struct {
	now   func() time.Time
	write *sql.DB // one connection: SQLite has one writer
	read  *sql.DB
	stmts statements
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
	s := &Store{now: o.Now}
	var err error
	if s.write, err = sql.Open("sqlite", dsn(path, o, "_txlock=immediate")); err != nil {
		return nil, fmt.Errorf("open store %q: %w", path, err)
	}
	s.write.SetMaxOpenConns(1)
	if err := migrate(ctx, s.write, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %q: %w", path, err), s.Close())
	}
	if s.read, err = sql.Open("sqlite", dsn(path, o, "_pragma=query_only(1)")); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %q: %w", path, err), s.Close())
	}
	s.read.SetMaxOpenConns(o.Readers)
	s.read.SetMaxIdleConns(o.Readers)
	if s.stmts, err = prepare(ctx, s.write, s.read); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %q: %w", path, err), s.Close())
	}
	return s, nil
}

// Close closes the file. Calls under way end with an error.
func (s *Store) Close() error {
	var errs []error
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

// dsn names the file as a URI, so that any character may stand in its path.
func dsn(path string, o Options, extra string) string {
	pragmas := []string{
		fmt.Sprintf("busy_timeout(%d)", o.LockTimeout.Milliseconds()), // first: the others may have to wait
		"journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "cache_size(-32768)",
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=" + strings.Join(pragmas, "&_pragma=") + "&" + extra
}

// micros returns the store's time in microseconds.
func (s *Store) micros() int64 { return s.now().UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }

var _ store.Store = (*Store)(nil)
