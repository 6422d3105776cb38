package route

import (
	"context"
	"fmt"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Publish implements [store.Publisher]: all or none of each shard, one shard after the other. With an error it returns the runs
// that were created before it.
func (s *Store) Publish(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	parts, err := split(s, entries, func(e store.Entry) string { return e.Run.Account })
	if err != nil {
		return nil, fmt.Errorf("publish runs: %w", err)
	}
	if len(entries) == 0 {
		return nil, ctx.Err()
	}
	made := make([]*runs.Run, len(entries))
	for _, part := range parts {
		created, failed := part.shard.Publish(ctx, part.list)
		for n, e := range part.list {
			if len(created) > 0 && created[0].ID == e.Run.ID {
				created[0].Seq = part.shard.out(created[0].Seq)
				made[part.places[n]], created = &created[0], created[1:]
			}
		}
		if err = failed; err != nil {
			break
		}
	}
	var all []runs.Run
	for _, r := range made {
		if r != nil {
			all = append(all, *r)
		}
	}
	return all, err
}

// part is what of a list concerns one shard.
type part[T any] struct {
	shard  *shard
	list   []T
	places []int // in the whole list
}

// split parts a list by the shards of its accounts, in the order of shards.
func split[T any](s *Store, list []T, account func(T) string) (parts []part[T], err error) {
	all := make([]part[T], len(s.shards))
	for n, each := range list {
		i, err := s.Shard(account(each))
		if err != nil {
			return nil, err
		}
		all[i].list, all[i].places = append(all[i].list, each), append(all[i].places, n)
	}
	for i := range all {
		if len(all[i].list) > 0 {
			all[i].shard = s.shards[i]
			parts = append(parts, all[i])
		}
	}
	return parts, nil
}

// save saves a list in the shards of its accounts, one after the other, and returns it as it was saved.
func save[T any](ctx context.Context, s *Store, list []T, account func(T) string, in func(*shard, []T) ([]T, error)) ([]T, error) {
	parts, err := split(s, list, account)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ctx.Err()
	}
	out := make([]T, len(list))
	for _, part := range parts {
		saved, err := in(part.shard, part.list)
		if err != nil {
			return nil, err
		}
		for n, each := range saved {
			out[part.places[n]] = each
		}
	}
	return out, nil
}
