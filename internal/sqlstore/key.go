package sqlstore

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/tenterhook/tenterhook/store"
)

// KeyRow is an API key as it is stored: zero is NULL.
type KeyRow struct {
	store.Key
	Doc                         string
	Created, Ends, Used, Tested *int64 // microseconds
}

// label is what of a key is only ever shown.
type label struct {
	Name string `json:"name,omitempty"`
	Hint string `json:"hint,omitempty"`
}

// NewKey returns the row of a key that is created at a time.
func NewKey(k store.Key, now int64) KeyRow {
	doc, _ := json.Marshal(label{k.Name, k.Hint}) // cannot fail
	w := KeyRow{Key: k, Doc: string(doc), Created: &now}
	if !k.EndsAt.IsZero() {
		ends := k.EndsAt.UnixMicro()
		w.Ends = &ends
	}
	w.Test = nil
	return w
}

// Read returns the key as it is at a time. What is to be shown of one that cannot be read is shown as it is, and keeps no key
// from being used.
func (w KeyRow) Read(now int64) store.Key {
	k := w.Key
	var l label
	if json.Unmarshal([]byte(w.Doc), &l) != nil {
		l = label{Name: w.Doc}
	}
	k.Name, k.Hint = l.Name, l.Hint
	k.CreatedAt, k.EndsAt, k.UsedAt, k.TestedAt = timeOr(w.Created), timeOr(w.Ends), timeOr(w.Used), timeOr(w.Tested)
	k.Ended = w.Ends != nil && *w.Ends <= now
	return k
}

// SortKeys puts keys in the order in which they are listed.
func SortKeys(list []store.Key) {
	slices.SortFunc(list, func(a, b store.Key) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
}

// FoldMarks returns what marks mean together, one for each key.
func FoldMarks(marks []store.KeyMark) []store.KeyMark {
	var folded []store.KeyMark
	places := map[[2]string]int{}
	for _, m := range marks {
		key := [2]string{m.Account, m.ID}
		at, known := places[key]
		if !known {
			places[key] = len(folded)
			folded = append(folded, m)
			continue
		}
		f := &folded[at]
		f.Used = f.Used || m.Used
		if f.End == nil || m.End != nil && *m.End < *f.End {
			f.End = m.End
		}
		if m.Test != nil {
			f.Test = m.Test
		}
	}
	return folded
}
