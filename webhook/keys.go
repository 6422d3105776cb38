package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// MaxKeys is how many keys of an automation may be good at once.
const MaxKeys = 50

// Why a key cannot be issued.
var (
	ErrTooManyKeys = fmt.Errorf("%d keys are good already: revoke one that nobody uses", MaxKeys)
	ErrKeyName     = errors.New("its name cannot be used")
	ErrNoKeys      = errors.New("it takes no API keys: only an incoming automation does, and one of URL webhooks has credentials of its own")
)

// IssueKey makes an API key of an incoming automation, whose id is given. Its text can be read now and never again: what is
// kept is a hash. Name is what people call it. It is good here at once and within [Options.Refresh] in other processes. It is
// refused with [store.ErrNotFound], [ErrNoKeys], [ErrKeyName] or [ErrTooManyKeys].
func (d *Dispatcher) IssueKey(ctx context.Context, account, id, name string) (APIKey, store.Key, error) {
	a, err := d.Automation(ctx, account, id)
	if err != nil {
		return APIKey{}, store.Key{}, fmt.Errorf("issue key: %w", err)
	}
	if in := a.Trigger.Incoming; in == nil || in.URLWebhooks {
		return APIKey{}, store.Key{}, fmt.Errorf("issue key of automation %q: %w", id, ErrNoKeys)
	}
	text := drawKey()
	kept, err := d.putKey(ctx, a, store.Key{Name: name, Hint: text.hint(), Hash: hashKey(text.Reveal())})
	if err != nil {
		return APIKey{}, store.Key{}, fmt.Errorf("issue key of automation %q: %w", id, err)
	}
	return text, kept, nil
}

func (d *Dispatcher) putKey(ctx context.Context, a automation.Automation, k store.Key) (store.Key, error) {
	if err := automation.CheckName(k.Name); err != nil {
		return k, fmt.Errorf("%w: %w", ErrKeyName, err)
	}
	keys, err := d.store.Keys(ctx, a.Account, a.ID)
	if err != nil {
		return k, err
	}
	live := 0
	for _, each := range keys {
		if !each.Ended {
			live++
		}
	}
	if live >= MaxKeys {
		return k, ErrTooManyKeys
	}
	k.ID, k.Account, k.Automation = drawID("key_", time.Now()), a.Account, a.ID
	kept, err := d.store.PutKeys(ctx, []store.Key{k})
	if err != nil {
		return k, err
	}
	d.keys.forget(a.ID)
	return kept[0], nil
}

// Keys lists the keys of an automation of an account, oldest first, and ended ones until [Options.Retention] has passed since.
func (d *Dispatcher) Keys(ctx context.Context, account, id string) ([]store.Key, error) {
	if _, err := d.Automation(ctx, account, id); err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	keys, err := d.store.Keys(ctx, account, id)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return keys, nil
}

// RevokeKey ends a key of an automation, or returns [store.ErrNotFound]: at once here and within [Options.Refresh] in other
// processes. One that has ended stays so.
func (d *Dispatcher) RevokeKey(ctx context.Context, account, id, key string) error {
	if _, err := d.key(ctx, account, id, key); err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	if err := d.endKey(ctx, account, id, key, 0); err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	return nil
}

// RotateKey issues a key in the place of another, under the same name. The old one stays good for overlap; 0 ends it at once.
// With an error there may be a new key already, whose text is then returned: the old one has no end yet.
func (d *Dispatcher) RotateKey(ctx context.Context, account, id, key string, overlap time.Duration) (APIKey, store.Key, error) {
	old, err := d.key(ctx, account, id, key)
	if err != nil {
		return APIKey{}, store.Key{}, fmt.Errorf("rotate key: %w", err)
	}
	text, kept, err := d.IssueKey(ctx, account, id, old.Name)
	if err != nil {
		return APIKey{}, store.Key{}, fmt.Errorf("rotate key: %w", err)
	}
	if err := d.endKey(ctx, account, id, key, max(0, overlap)); err != nil {
		return text, kept, fmt.Errorf("rotate key: the new one is good, and the old one still too: revoke it: %w", err)
	}
	return text, kept, nil
}

// key returns one key of an automation, or [store.ErrNotFound].
func (d *Dispatcher) key(ctx context.Context, account, id, key string) (store.Key, error) {
	keys, err := d.Keys(ctx, account, id)
	if err != nil {
		return store.Key{}, err
	}
	for _, k := range keys {
		if k.ID == key {
			return k, nil
		}
	}
	return store.Key{}, fmt.Errorf("key %q of automation %q: %w", key, id, store.ErrNotFound)
}

func (d *Dispatcher) endKey(ctx context.Context, account, id, key string, after time.Duration) error {
	defer d.keys.forget(id)
	return d.store.MarkKeys(ctx, []store.KeyMark{{Account: account, ID: key, End: &after}})
}
