package route

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// shard is one of the stores. What it numbers from 1, the router numbers from 1 in turns between shards, so that each number
// tells its shard.
type shard struct {
	store.Store
	place, of int64
	lost      atomic.Bool // it did not answer, and is asked in the background until it does
}

// out returns the router's number for one of the shard's.
func (s *shard) out(n int64) int64 { return (n-1)*s.of + s.place + 1 }

// in returns the shard's number for one of the router's: its own, or the last one before a number of another shard's.
func (s *shard) in(n int64) int64 {
	turns := n - 1 - s.place
	if turns < 0 {
		turns -= s.of - 1 // division rounds towards zero
	}
	return turns/s.of + 1
}

// owner returns the shard that a number of the router's tells.
func (s *Store) owner(n int64) *shard {
	return s.shards[max(0, n-1)%int64(len(s.shards))]
}

// answering returns the shards that are not lost.
func (s *Store) answering() (list []*shard) {
	for _, each := range s.shards {
		if !each.lost.Load() {
			list = append(list, each)
		}
	}
	return list
}

var errLost = errors.New("no shard answers")

// ask asks shards at once, and waits for each no longer than the store's patience. One that fails is lost. It fails only when
// all did, or ctx has ended.
func (s *Store) ask(ctx context.Context, shards []*shard, question func(context.Context, *shard) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	errs := make([]error, len(shards))
	one := func(i int) {
		bounded, cancel := context.WithTimeout(ctx, s.patience)
		defer cancel()
		if err := question(bounded, shards[i]); err != nil {
			errs[i] = fmt.Errorf("shard %d: %w", shards[i].place, err)
		}
	}
	var asked sync.WaitGroup
	for i := range shards[:max(0, len(shards)-1)] {
		asked.Go(func() { one(i) })
	}
	if len(shards) > 0 {
		one(len(shards) - 1)
	}
	asked.Wait()
	answered := false
	for i, err := range errs {
		switch {
		case err == nil:
			answered = true
		case ctx.Err() == nil:
			s.lose(shards[i], err)
		}
	}
	switch {
	case ctx.Err() != nil && !answered:
		return errors.Join(append(errs, ctx.Err())...)
	case !answered:
		return errors.Join(append(errs, errLost)...)
	}
	return nil
}

// Between two questions to a lost shard there is a second, later more, up to half a minute.
const (
	firstPause = time.Second
	maxPause   = 30 * time.Second
)

// lose leaves a shard out until it answers.
func (s *Store) lose(lost *shard, err error) {
	if !lost.lost.CompareAndSwap(false, true) {
		return
	}
	s.log.Error("shard lost", "shard", lost.place, "error", err)
	s.mending.Go(func() {
		for pause := firstPause; ; pause = min(2*pause, maxPause) {
			select {
			case <-s.life.Done():
				return
			case <-time.After(pause):
			}
			ctx, cancel := context.WithTimeout(s.life, s.patience)
			_, err := lost.Claim(ctx, store.Lease{}) // takes nothing
			cancel()
			if err == nil {
				lost.lost.Store(false)
				s.log.Info("shard found", "shard", lost.place)
				return
			}
		}
	})
}
