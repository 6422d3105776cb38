package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/store"
)

// Store is a [store.Store] in a PostgreSQL database. Make it with [Open] or [New].
type Store struct {
	pool     *pgxpool.Pool
	own      bool // the pool is closed with the store
	now      func() time.Time
	timeout  time.Duration
	texts    map[string]string // of the statements, by name of their file
	migrator migrator
	ready    atomic.Bool // the schema is of this version
	turn     sqlstore.Turn
	group    group

	prepares atomic.Bool // see mode

	owner    owner
	listener listener
	listen   func(context.Context) (*pgx.Conn, error) // nil: nobody does

	life context.Context // ends when the store is closed
	end  context.CancelFunc
}

// Options configures a [Store].
type Options struct {
	// Schema is the name of the schema that holds the tables, made of a-z, 0-9 and _; default: "tenterhook".
	Schema string
	// Timeout bounds each call but Open, whatever its context says; default: 30 s.
	Timeout time.Duration
	// ListenDSN is where the one connection goes that hears of what other processes do ([store.Waiter]): name the server itself
	// where the pool's connections lead to a proxy that pools by transaction, as pgbouncer may. It has to be the same database,
	// and a role with the same rights; default: as the pool's.
	ListenDSN string
	// NoListen has no process hear of others', so that each looks as often as its dispatcher says; default: false.
	NoListen bool
	// Lazy has Open and New return without asking the server, so that a process can start while that is down: the first call that
	// reaches it creates or migrates the schema, and each fails with what is wrong until one has; default: false.
	Lazy bool
	// Now is the store's clock, for tests; default: that of the server, so that processes need not agree on theirs.
	Now func() time.Time
}

// Open opens the store in the database that dsn names with default options, and creates or migrates it where needed. A dsn
// is a URL or keywords and values (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING); it may
// size the pool, as in pool_max_conns=10.
func Open(ctx context.Context, dsn string) (*Store, error) { return Options{}.Open(ctx, dsn) }

// New opens the store in the database of a host's pool with default options, and creates or migrates it where needed. The
// host closes the pool, after the store.
func New(ctx context.Context, pool *pgxpool.Pool) (*Store, error) { return Options{}.New(ctx, pool) }

// Open opens the store in the database that dsn names, and creates or migrates it where needed. A schema that holds
// something else, or was written by a newer version of this package, is left as it is: [store.ErrForeign],
// [store.ErrNewer].
func (o Options) Open(ctx context.Context, dsn string) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err) // which keeps the password to itself
	}
	if params := config.ConnConfig.RuntimeParams; params["application_name"] == "" {
		params["application_name"] = "tenterhook"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s, err := o.New(ctx, pool)
	if err != nil {
		pool.Close()
		return nil, err
	}
	s.own = true
	return s, nil
}

// New opens the store in the database of a host's pool, like [Options.Open].
func (o Options) New(ctx context.Context, pool *pgxpool.Pool) (*Store, error) {
	o = o.withDefaults()
	if !schemaName.MatchString(o.Schema) {
		return nil, fmt.Errorf("open store: schema %q: its name has other characters than a-z, 0-9 and _, begins with a digit, or is longer than 63", o.Schema)
	}
	s := &Store{pool: pool, now: o.Now, timeout: o.Timeout, texts: statements(o.Schema), migrator: migrator{pool, o.Schema, migrations}}
	if !o.Lazy {
		if err := s.migrate(ctx); err != nil {
			return nil, err
		}
	}
	s.group.flush = s.flush
	s.owner.draw()
	s.prepares.Store(pool.Config().ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement)
	s.listener.turn = semaphore.NewWeighted(1)
	var err error
	if s.listen, err = s.listenTo(o); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// migrate brings the schema to this version, unless it was seen to be of it.
func (s *Store) migrate(ctx context.Context) error {
	if s.ready.Load() {
		return nil
	}
	if err := s.migrator.run(ctx); err != nil {
		return fmt.Errorf("open store in schema %q: %w", s.migrator.schema, err)
	}
	s.ready.Store(true)
	return nil
}

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

func (o Options) withDefaults() Options {
	o.Schema = cmp.Or(o.Schema, "tenterhook")
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	return o
}

// Close ends calls under way with an error, and closes the pool that Open made.
func (s *Store) Close() error {
	s.end()
	if err := s.listener.turn.Acquire(context.Background(), 1); err == nil { // whoever has it ends with the store
		s.listener.depart(s)
		s.listener.turn.Release(1)
	}
	if s.own {
		s.pool.Close()
	}
	return nil
}

var errClosed = errors.New("the store is closed")

// clock returns what the statements are told of the time: nothing, unless a test has its own.
func (s *Store) clock() *int64 {
	if s.now == nil {
		return nil
	}
	now := s.now().UnixMicro()
	return &now
}

var _ store.Store = (*Store)(nil)
