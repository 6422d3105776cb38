package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// keys adds a key that may be there already, for an automation that may be gone, or marks some.
func (w *walker) keys() {
	if w.IntN(2) == 0 {
		k := keyOf(account, w.lane(), fmt.Sprint("key_", w.IntN(30)))
		_, err := w.PutKeys(w.Context(), []store.Key{k})
		if want := w.oracle.putKey(k, w.deleted); !errors.Is(err, want) {
			w.Errorf("PutKeys of %s for %s: error %v, want %v", k.ID, k.Automation, err, want)
		}
		return
	}
	var marks []store.KeyMark
	for range w.IntN(4) {
		m := store.KeyMark{Account: w.account(), ID: fmt.Sprint("key_", w.IntN(30)), Used: w.IntN(2) == 0}
		if w.IntN(3) == 0 {
			end := time.Duration(w.IntN(1000)) * time.Second
			m.End = &end
		}
		m.Test = pick(w.Rand, nil, []byte{}, []byte(m.ID), []byte("{}"))
		marks = append(marks, m)
	}
	w.mark(marks...)
	for _, m := range marks {
		w.oracle.mark(m)
	}
}

// pruneKeys prunes those of some lanes.
func (w *walker) pruneKeys() {
	lanes := []string{w.lane(), w.lane()}
	age := time.Duration(w.IntN(1000)) * time.Second
	n, err := w.PruneKeys(w.Context(), account, lanes, age)
	w.must("PruneKeys", err)
	w.same("keys pruned", w.oracle.pruneKeys(lanes, age), n)
}

func (o *oracle) pruneKeys(lanes []string, age time.Duration) (n int) {
	before := o.now.Add(-age)
	for id, k := range o.keys {
		if !slices.Contains(lanes, k.Automation) {
			continue
		}
		if !k.EndsAt.IsZero() && k.EndsAt.Before(before) {
			delete(o.keys, id)
			n++
		} else if !k.TestedAt.IsZero() && k.TestedAt.Before(before) {
			k.Test, k.TestedAt = nil, time.Time{}
			o.keys[id] = k
			n++
		}
	}
	return n
}

func (o *oracle) putKey(k store.Key, deleted string) error {
	if k.Automation == deleted {
		return store.ErrNotFound
	}
	if _, there := o.keys[k.ID]; there {
		return store.ErrConflict
	}
	k.CreatedAt = o.now
	o.keys[k.ID] = k
	return nil
}

func (o *oracle) mark(m store.KeyMark) {
	k, ok := o.keys[m.ID]
	if !ok || m.Account != k.Account {
		return
	}
	if m.Used {
		k.UsedAt = o.now
	}
	if m.End != nil && (k.EndsAt.IsZero() || o.now.Add(*m.End).Before(k.EndsAt)) {
		k.EndsAt = o.now.Add(*m.End)
	}
	switch {
	case m.Test == nil:
	case len(m.Test) == 0:
		k.Test, k.TestedAt = nil, time.Time{}
	default:
		k.Test, k.TestedAt = m.Test, o.now
	}
	o.keys[m.ID] = k
}

// compareKeys compares those of one lane, another each time.
func (w *walker) compareKeys() {
	id := w.lane()
	var want []store.Key
	for _, k := range w.oracle.keys {
		if k.Automation == id {
			want = append(want, k)
		}
	}
	slices.SortFunc(want, func(a, b store.Key) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
	w.same("keys of "+id, asOf(w.oracle.now, want), w.keysOf(account, id))
}
