package postgres

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// owner is this process as one that leases runs. A lease ends with its process: the session in which a process listens has a
// lock, and when that is free, because the process was killed, another makes due what it had leased. A session may also be cut
// while its process lives, and all are when the server ends: then the same owner has the lock again before anybody acts, who
// has to have found it free for [goneTime], and meanwhile to have had a session of his own.
type owner struct {
	number int64 // drawn; it is on what this process leases, whether or not it is registered: that may follow

	mu    sync.Mutex
	up    bool                // its session has the lock, as far as is known
	asked time.Time           // when others were looked for
	gone  map[int64]time.Time // sessions of others that were not found, and since when
}

const (
	// goneTime is for how long a session must have been gone before the leases of its process end: longer than one who lives
	// takes to have another.
	goneTime = 3 * time.Second
	// askTime is how often a process looks for sessions that are gone, at most: it takes the server's locks of locks.
	askTime = time.Second
)

func (o *owner) draw() { o.number = int64(rand.Int32()) }

// begin notes that the owner has a session: what it knows of others is from before, so it begins to wait for them anew.
func (o *owner) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.up, o.asked, o.gone = true, time.Time{}, nil
}

// lose notes that the session has ended.
func (o *owner) lose() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.up, o.gone = false, nil
}

// asks tells whether to look for sessions that are gone.
func (o *owner) asks() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.up || time.Since(o.asked) < askTime {
		return false
	}
	o.asked = time.Now()
	return true
}

// miss notes which sessions are gone, nil when nobody looked, and returns those that have been for long.
func (o *owner) miss(sessions []int64) (ended []int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.up || sessions == nil {
		return nil
	}
	now, gone := time.Now(), make(map[int64]time.Time, len(sessions))
	for _, session := range sessions {
		since, before := o.gone[session]
		if !before {
			since = now
		}
		gone[session] = since
		if now.Sub(since) >= goneTime {
			ended = append(ended, session)
		}
	}
	o.gone = gone
	return ended
}

// next bounds the wait for the next look while sessions are gone, so that it asks again as soon as it may.
func (o *owner) next(wait time.Duration) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.gone) > 0 {
		return min(wait, max(0, askTime-time.Since(o.asked)))
	}
	return wait
}

// endLeases makes due what processes had leased, for no longer than lease, whose sessions are gone, and returns whether there was
// anything. Who looks without a lease, as store/route does to learn whether a shard answers, leaves them: it would forget the
// processes, and find none of what they had leased.
func (s *Store) endLeases(ctx context.Context, sessions []int64, lease time.Duration) (some bool, err error) {
	if len(sessions) == 0 || lease <= 0 {
		return false, nil
	}
	err = s.byIndex(ctx, "end leases", func(ctx context.Context, tx pgx.Tx) error {
		some, err = row(ctx, s, tx, "end_leases", func(row pgx.Rows) (bool, error) {
			var n int
			err := row.Scan(&n, nil)
			return n > 0, err
		}, s.clock(), sessions, lease.Microseconds())
		return err
	})
	return some, err
}
