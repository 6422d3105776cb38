package route

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// Store is a [store.Store] over several others. Make it with [New].
type Store struct {
	shards   []*shard
	of       func(account string) int
	patience time.Duration
	log      *slog.Logger
	turn     atomic.Uint64 // of the shard that gets the odd share
	homes    homes
	listener listener

	life    context.Context // ends when the store is closed
	end     context.CancelFunc
	mending sync.WaitGroup
}

// Options configures a [Store].
type Options struct {
	// Patience is how long a shard may take to answer where others wait for it; default: 10 s.
	Patience time.Duration
	// Log is told of shards that do not answer, and that they do again; default: [slog.Default].
	Log *slog.Logger
}

// New makes one store of shards with default options. Of says in which of them, from 0, an account has all it owns: any text
// may be asked about, by many at once, and the answer for one never changes. The store closes its shards. Their cursors have
// to be those of [store.Cursor].
func New(shards []store.Store, of func(account string) int) (*Store, error) {
	return Options{}.New(shards, of)
}

// New is [New] with options.
func (o Options) New(shards []store.Store, of func(account string) int) (*Store, error) {
	if len(shards) == 0 || of == nil {
		return nil, errors.New("make store of shards: it needs at least one, and a function that spreads accounts over them")
	}
	s := &Store{of: of, patience: cmp.Or(o.Patience, 10*time.Second), log: cmp.Or(o.Log, slog.Default())}
	for i, each := range shards {
		s.shards = append(s.shards, &shard{Store: each, place: int64(i), of: int64(len(shards))})
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Shard returns the place, from 0, of the shard that has an account.
func (s *Store) Shard(account string) (int, error) {
	i := s.of(account)
	if i < 0 || i >= len(s.shards) {
		return 0, fmt.Errorf("account %q: it belongs to shard %d, and there are %d: mend the function that spreads accounts", account, i, len(s.shards))
	}
	return i, nil
}

func (s *Store) shardOf(account string) (*shard, error) {
	i, err := s.Shard(account)
	return s.shards[i], err
}

// Close closes all shards.
func (s *Store) Close() error {
	s.end()
	s.mending.Wait()
	s.listener.close()
	var errs []error
	for _, each := range s.shards {
		errs = append(errs, each.Close())
	}
	return errors.Join(errs...)
}

var _ store.Store = (*Store)(nil)
