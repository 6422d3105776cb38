package storetest_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

func (s broken) PutKeys(ctx context.Context, keys []store.Key) ([]store.Key, error) {
	if s.keys != nil {
		keys = slices.Clone(keys)
		s.keys(keys)
	}
	return s.Store.PutKeys(ctx, keys)
}

func (s broken) MarkKeys(ctx context.Context, marks []store.KeyMark) error {
	if s.marks != nil {
		marks = slices.Clone(marks)
		s.marks(marks)
	}
	return s.Store.MarkKeys(ctx, marks)
}

func (s broken) PruneKeys(ctx context.Context, account string, automations []string, age time.Duration) (int, error) {
	if s.age != nil {
		age = s.age(age)
	}
	if s.named != nil {
		automations = s.named(automations)
	}
	return s.Store.PruneKeys(ctx, account, automations, age)
}

// lax are broken stores that keep keys badly.
func lax() map[string]broken {
	marking := func(by func(*store.KeyMark)) broken {
		return broken{marks: func(list []store.KeyMark) { change(list, by) }}
	}
	return map[string]broken{
		"key/they are listed": {keys: func(list []store.Key) { change(list, func(k *store.Key) { k.EndsAt = time.Time{} }) }},
		"key/every byte": {keys: func(list []store.Key) {
			change(list, func(k *store.Key) { k.Name = strings.ToValidUTF8(k.Name, "")[:3] })
		}},
		"key/a hash or id":      {keys: func(list []store.Key) { change(list, func(k *store.Key) { k.Hash = []byte(k.Account + k.ID) }) }},
		"key/a mark is noted":   marking(func(m *store.KeyMark) { m.Used = true }),
		"key/an end only":       marking(func(m *store.KeyMark) { m.End = nil }),
		"key/a remembered test": marking(func(m *store.KeyMark) { m.Test = bytes.Repeat(m.Test, 2) }),
		"key/marks of one":      {marks: slices.Reverse[[]store.KeyMark]},
		"key/marks of keys":     marking(func(m *store.KeyMark) { m.Account = "acct_1" }),
		"prune/keys that ended": {age: func(d time.Duration) time.Duration { return d + time.Microsecond }},
		"prune/keys of the":     {named: func(list []string) []string { return append(list, "auto_1") }},
	}
}
