package route

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// listener hears of the shards, for all who wait.
type listener struct {
	mu      sync.Mutex
	waiting int           // how many do
	next    chan struct{} // closed when something is heard; whoever was told of it makes another
	session *session      // nil: nobody waits, or will again
}

// session is listening to the shards.
type session struct {
	cancel context.CancelFunc
	ended  chan struct{} // closed when no shard is listened to any more: it was cancelled, or none can be heard
}

// deafPause is between two tries to hear a shard: shorter than the time after which what a process leased there is taken from it.
const deafPause = 500 * time.Millisecond

var errClosed = errors.New("store is closed")

// Wait implements [store.Waiter]: it returns nil when something may have happened in any of the shards; the first one does when one
// of them is heard. A shard that cannot be heard now is tried again, and what happens in one that never can is left to looking;
// [errors.ErrUnsupported] says that this is so of all. All shards are listened to from the first Wait until one ends with its context
// while nobody else waits.
func (s *Store) Wait(ctx context.Context) error {
	if err := s.wait(ctx); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	return nil
}

func (s *Store) wait(ctx context.Context) error {
	next, from := s.listener.enter(s)
	select {
	case <-ctx.Done():
		s.listener.leave().end()
		return ctx.Err()
	case <-s.life.Done():
		s.listener.leave().end()
		return errClosed
	case <-from.ended:
		s.listener.leave().end()
		if s.life.Err() != nil {
			return errClosed
		}
		return fmt.Errorf("%w: no shard tells what other processes do", errors.ErrUnsupported)
	case <-next:
		s.listener.tell(next)
		return nil
	}
}

// enter begins to wait, and to listen where nobody did.
func (l *listener) enter(s *Store) (next chan struct{}, from *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == nil {
		l.next, l.session = make(chan struct{}), s.listen()
	}
	l.waiting++
	return l.next, l.session
}

// tell has one who waited go and come back: what is heard meanwhile is for the next time.
func (l *listener) tell(next chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting--
	if l.next == next {
		l.next = make(chan struct{})
	}
}

// leave has one who waited go for good, and returns the session to end if that was the last one; nil if not.
func (l *listener) leave() (last *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting--; l.waiting == 0 {
		last, l.session = l.session, nil
	}
	return last
}

// close ends listening, also where one who waited may come back.
func (l *listener) close() {
	l.mu.Lock()
	last := l.session
	l.session = nil
	l.mu.Unlock()
	last.end()
}

// ring tells all who wait that something was heard.
func (l *listener) ring() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.next: // nobody came since
	default:
		close(l.next)
	}
}

// listen begins a session.
func (s *Store) listen() *session {
	ctx, cancel := context.WithCancel(s.life)
	from := &session{cancel: cancel, ended: make(chan struct{})}
	var hearing sync.WaitGroup
	for _, each := range s.shards {
		hearing.Go(func() { s.hear(ctx, each) })
	}
	go func() {
		hearing.Wait()
		close(from.ended)
	}()
	return from
}

// hear rings when something may have happened in a shard, until ctx ends or the shard says that it cannot tell.
func (s *Store) hear(ctx context.Context, each *shard) {
	w, ok := each.Store.(store.Waiter)
	if !ok {
		return
	}
	for heard := true; ctx.Err() == nil; {
		err := w.Wait(ctx)
		if err == nil {
			heard = true
			s.listener.ring()
			continue
		}
		if heard && ctx.Err() == nil {
			s.log.Warn("shard not heard", "shard", each.place, "error", err)
		}
		if errors.Is(err, errors.ErrUnsupported) {
			return
		}
		heard = false
		select {
		case <-ctx.Done():
		case <-time.After(deafPause):
		}
	}
}

// end ends a session and waits for that; nil is none.
func (f *session) end() {
	if f != nil {
		f.cancel()
		<-f.ended
	}
}

var _ store.Waiter = (*Store)(nil)
