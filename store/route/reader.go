package route

import (
	"context"
	"fmt"
	"sync"

	"github.com/tenterhook/tenterhook/runs"
)

// List implements [store.Reader]. Over all accounts, it is newest first by creation time, and of each shard by sequence number.
func (s *Store) List(ctx context.Context, f runs.Filter, cursor string, max int) (runs.Page, error) {
	if f.Account == "" {
		return s.listAll(ctx, f, cursor, max)
	}
	own, err := s.shardOf(f.Account)
	if err != nil {
		return runs.Page{}, fmt.Errorf("list runs: %w", err)
	}
	page, err := own.List(ctx, f, cursor, max)
	for i := range page.Runs {
		page.Runs[i].Seq = own.out(page.Runs[i].Seq)
	}
	return page, err
}

func (s *Store) listAll(ctx context.Context, f runs.Filter, cursor string, max int) (page runs.Page, err error) {
	below, err := resume(f, cursor, len(s.shards))
	if err != nil || max <= 0 {
		return page, err
	}
	pages := make([]runs.Page, len(s.shards))
	err = s.all(ctx, func(each *shard) (err error) {
		if below[each.place] > 0 {
			pages[each.place], err = each.List(ctx, f, own(f, below[each.place]), max)
		}
		return err
	})
	if err != nil {
		return page, fmt.Errorf("list runs: %w", err)
	}
	for len(page.Runs) < max {
		newest := -1
		for i := range pages {
			if rest := pages[i].Runs; len(rest) > 0 && (newest < 0 || rest[0].CreatedAt.After(pages[newest].Runs[0].CreatedAt)) {
				newest = i
			}
		}
		if newest < 0 {
			break
		}
		from := &pages[newest]
		r := from.Runs[0]
		from.Runs, below[newest] = from.Runs[1:], r.Seq
		r.Seq = s.shards[newest].out(r.Seq)
		page.Runs = append(page.Runs, r)
	}
	more := false
	for i, rest := range pages {
		if len(rest.Runs) == 0 && rest.Next == "" {
			below[i] = 0
		}
		more = more || below[i] > 0
	}
	if more {
		page.Next = pack(f, below)
	}
	return page, nil
}

// all asks all shards at once, lost or not, and fails when one does: a part is not the whole.
func (s *Store) all(ctx context.Context, question func(*shard) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	errs := make([]error, len(s.shards))
	var asked sync.WaitGroup
	for i, each := range s.shards {
		asked.Go(func() { errs[i] = question(each) })
	}
	asked.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("shard %d: %w", i, err)
		}
	}
	return nil
}

// Get implements [store.Reader].
func (s *Store) Get(ctx context.Context, account, id string) (runs.Run, error) {
	own, err := s.shardOf(account)
	if err != nil {
		return runs.Run{}, fmt.Errorf("read run %q: %w", id, err)
	}
	r, err := own.Get(ctx, account, id)
	if err == nil {
		r.Seq = own.out(r.Seq)
	}
	return r, err
}

// Count implements [store.Reader].
func (s *Store) Count(ctx context.Context, f runs.Filter) (runs.Counts, error) {
	if f.Account != "" {
		own, err := s.shardOf(f.Account)
		if err != nil {
			return nil, fmt.Errorf("count runs: %w", err)
		}
		return own.Count(ctx, f)
	}
	var mu sync.Mutex
	total := runs.Counts{}
	err := s.all(ctx, func(each *shard) error {
		counts, err := each.Count(ctx, f)
		mu.Lock()
		defer mu.Unlock()
		for status, n := range counts {
			total[status] += n
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count runs: %w", err)
	}
	return total, nil
}
