package route

import (
	"context"
	"fmt"

	"github.com/tenterhook/tenterhook/store"
)

// PutKeys implements [store.Keys]: all or none of each shard, one shard after the other.
func (s *Store) PutKeys(ctx context.Context, keys []store.Key) ([]store.Key, error) {
	of := func(k store.Key) string { return k.Account }
	return save(ctx, s, keys, of, func(own *shard, list []store.Key) ([]store.Key, error) { return own.PutKeys(ctx, list) })
}

// Keys implements [store.Keys].
func (s *Store) Keys(ctx context.Context, account, automation string) ([]store.Key, error) {
	own, err := s.shardOf(account)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return own.Keys(ctx, account, automation)
}

// MarkKeys implements [store.Keys]: all or none of each shard, one shard after the other.
func (s *Store) MarkKeys(ctx context.Context, marks []store.KeyMark) error {
	of := func(m store.KeyMark) string { return m.Account }
	_, err := save(ctx, s, marks, of, func(own *shard, list []store.KeyMark) ([]store.KeyMark, error) {
		return nil, own.MarkKeys(ctx, list)
	})
	return err
}
