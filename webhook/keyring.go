package webhook

import (
	"context"
	"crypto/subtle"
	"fmt"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// keyring is what this process knows of keys: those of the automations that were asked of, as they were at most maxAge ago.
type keyring struct {
	store  store.Keys
	maxAge time.Duration
	reads  singleflight.Group // one at a time of an automation, however many requests want it

	mu    sync.Mutex
	epoch int             // rises when something is forgotten: what was read before is not kept
	rings map[string]ring // by automation
	// By key: when its use was noted last. The older ones are forgotten when there are too many recent ones.
	recent, older map[string]time.Time
}

type ring struct {
	keys []store.Key
	at   time.Time
}

const (
	maxRings  = 10_000      // of automations, of which what is stale goes, and of keys whose use was noted
	noteEvery = time.Minute // a key's use
	readKeys  = 10 * time.Second
)

func newKeyring(st store.Keys, maxAge time.Duration) *keyring {
	return &keyring{store: st, maxAge: maxAge, rings: map[string]ring{}, recent: map[string]time.Time{}}
}

// find returns the live key of an automation that has this hash; false if there is none. For all automations, those that do not
// exist included, it takes the same steps.
func (k *keyring) find(ctx context.Context, a automation.Automation, hash []byte) (found store.Key, ok bool, err error) {
	keys, err := k.of(ctx, a)
	if err != nil {
		return store.Key{}, false, err
	}
	for _, each := range keys {
		if subtle.ConstantTimeCompare(each.Hash, hash) == 1 {
			found, ok = each, true
		}
	}
	return found, ok && !found.Ended, nil
}

// of returns the keys of an automation, no older than maxAge.
func (k *keyring) of(ctx context.Context, a automation.Automation) ([]store.Key, error) {
	k.mu.Lock()
	known, ok := k.rings[a.ID]
	k.mu.Unlock()
	if ok && time.Since(known.at) < k.maxAge {
		return known.keys, nil
	}
	read, err, _ := k.reads.Do(a.ID, func() (any, error) { return k.read(context.WithoutCancel(ctx), a) })
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return read.([]store.Key), nil
}

func (k *keyring) read(ctx context.Context, a automation.Automation) ([]store.Key, error) {
	ctx, cancel := context.WithTimeout(ctx, readKeys)
	defer cancel()
	k.mu.Lock()
	epoch := k.epoch
	k.mu.Unlock()
	at := time.Now()
	keys, err := k.store.Keys(ctx, a.Account, a.ID)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.epoch != epoch {
		return keys, nil
	}
	if len(k.rings) >= maxRings {
		maps.DeleteFunc(k.rings, func(_ string, r ring) bool { return at.Sub(r.at) > k.maxAge })
	}
	k.rings[a.ID] = ring{keys, at}
	return keys, nil
}

// forget has the keys of an automation read again by whoever asks next.
func (k *keyring) forget(id string) {
	k.reads.Forget(id)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.epoch++
	delete(k.rings, id)
}

// use notes that a key was used, unless that was noted within the last minute.
func (k *keyring) use(ctx context.Context, key store.Key) error {
	if !k.notable(key) {
		return nil
	}
	if err := k.store.MarkKeys(ctx, []store.KeyMark{{Account: key.Account, ID: key.ID, Used: true}}); err != nil {
		return fmt.Errorf("note use of key: %w", err)
	}
	return nil
}

func (k *keyring) notable(key store.Key) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	last := key.UsedAt // perhaps by another process
	for _, noted := range []time.Time{k.recent[key.ID], k.older[key.ID]} {
		if noted.After(last) {
			last = noted
		}
	}
	if now.Sub(last) < noteEvery {
		return false
	}
	if len(k.recent) >= maxRings {
		k.older, k.recent = k.recent, map[string]time.Time{}
	}
	k.recent[key.ID] = now
	return true
}
