package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/semaphore"

	"github.com/tenterhook/tenterhook/store"
)

// listener is the connection on which this process hears what others ring for, and with whose session its leases end. It is a
// connection of its own, for as long as anybody waits, so that nothing piles up on the server for one who does not listen any more.
type listener struct {
	turn   *semaphore.Weighted // of the one who reads from the connection
	rounds atomic.Int64        // how often one of them was woken

	conn *pgx.Conn // of the one whose turn it is; nil: none
	echo bool      // one more look is due: see echoTime
}

const (
	// echoTime is after how long one who heard the bell looks once more: the bell is silent for 20 ms, and what was committed
	// then has to be there.
	echoTime = 100 * time.Millisecond
	// aliveTime is how long a silent connection is believed to be one.
	aliveTime = 5 * time.Minute
)

// Wait implements [store.Waiter]. It returns at once when it begins to listen, as it may have missed something. While anybody waits,
// or waits again within a second or two, what this store has leased ends with its process, as the package says. It is
// [errors.ErrUnsupported] behind a proxy, whose connections hear nothing when they are pooled by transaction, unless
// Options.ListenDSN names a way past it.
func (s *Store) Wait(ctx context.Context) error {
	if err := s.wait(ctx); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	return nil
}

func (s *Store) wait(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	l := &s.listener
	seen := l.rounds.Load()
	if err := l.turn.Acquire(ctx, 1); err != nil {
		return s.closed(err)
	}
	defer l.turn.Release(1)
	if l.rounds.Load() != seen {
		return nil // another was woken while this one waited for its turn
	}
	err := l.hear(ctx, s)
	switch {
	case err == nil:
		l.rounds.Add(1)
		return nil
	case ctx.Err() != nil:
		l.depart(s)
	default:
		l.hangUp(s)
	}
	return s.closed(err)
}

func (s *Store) closed(err error) error {
	if s.life.Err() != nil {
		return errClosed
	}
	return err
}

// hear returns when something may have happened.
func (l *listener) hear(ctx context.Context, s *Store) error {
	if l.conn == nil {
		bounded, cancel := context.WithTimeout(ctx, s.timeout)
		defer cancel()
		l.echo = false
		return errors.Join(l.call(bounded, s), ctx.Err())
	}
	for {
		heard, err := l.listen(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case heard:
			return nil
		}
		bounded, cancel := context.WithTimeout(ctx, s.timeout)
		err = l.conn.Ping(bounded)
		cancel()
		if err != nil {
			return err
		}
	}
}

// listen reads until a notification comes, or an echo is due, or nothing came for long.
func (l *listener) listen(ctx context.Context) (heard bool, err error) {
	patience := aliveTime
	if l.echo {
		patience = echoTime
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = l.conn.WaitForNotification(bounded)
	switch {
	case err == nil:
		l.echo = true
		return true, nil
	case bounded.Err() == nil || l.conn.IsClosed():
		return false, err
	}
	heard, l.echo = l.echo, false
	return heard, nil
}

// call begins to listen, and has the leases of this process end with the session.
func (l *listener) call(ctx context.Context, s *Store) (err error) {
	if s.listen == nil {
		return fmt.Errorf("%w: Options.NoListen is set", errors.ErrUnsupported)
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if l.conn, err = s.listen(ctx); err != nil {
		return err
	}
	if err = s.direct(ctx, l.conn); err != nil {
		return err
	}
	if _, err = l.conn.Exec(ctx, s.text("listen"), pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	if _, err = s.exec(ctx, l.conn, "processes_put", s.owner.number); err == nil {
		s.owner.begin()
	}
	return err
}

// depart ends the session of a process that lives on, or gives its runs back itself: so its leases do not end with it.
func (l *listener) depart(s *Store) {
	if l.conn == nil {
		return
	}
	bounded, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	_, _ = s.exec(bounded, l.conn, "processes_delete", s.owner.number) // else another does
	l.hangUp(s)
}

func (l *listener) hangUp(s *Store) {
	if l.conn == nil {
		return
	}
	s.owner.lose()
	ended, cancel := context.WithCancel(context.Background())
	cancel() // the server learns of it by the end of the connection
	_ = l.conn.Close(ended)
	l.conn = nil
}

// listenTo returns how a connection to listen on is made: one of the pool's that leaves it, so that it is made as the host
// wants all of them, or one by a DSN of its own.
func (s *Store) listenTo(o Options) (func(context.Context) (*pgx.Conn, error), error) {
	switch {
	case o.NoListen:
		return nil, nil
	case o.ListenDSN == "":
		return s.leave, nil
	}
	config, err := pgx.ParseConfig(o.ListenDSN)
	if err != nil {
		return nil, fmt.Errorf("Options.ListenDSN: %w", err)
	}
	return func(ctx context.Context) (*pgx.Conn, error) { return pgx.ConnectConfig(ctx, config) }, nil
}

// leave returns a connection that has left the pool.
func (s *Store) leave(ctx context.Context) (*pgx.Conn, error) {
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return c.Hijack(), nil
}

// direct refuses a connection that a proxy passes on, which gives itself away by another number of the server's process than the
// server has: nothing of it may listen or have locks, as the next transaction on it is another program's.
func (s *Store) direct(ctx context.Context, conn *pgx.Conn) error {
	backend, err := row(ctx, s, conn, "backend", readOne[uint32])
	if err == nil && backend != conn.PgConn().PID() {
		err = fmt.Errorf("%w: there is a proxy between: set Options.ListenDSN to the server's own address, or Options.NoListen", errors.ErrUnsupported)
	}
	return err
}

var _ store.Waiter = (*Store)(nil)
