package sqlstore

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// Notice returns a notice as its row has it; of one that cannot be read, what its row is found by is told.
func Notice(id string, change automation.Change, doc []byte) (n store.Notice) {
	if json.Unmarshal(doc, &n.Transition) != nil {
		n.Transition = automation.Transition{}
	}
	n.Automation, n.Change = id, change
	return n
}

// SortNotices puts notices in the order in which they are told.
func SortNotices(list []store.Notice) {
	slices.SortFunc(list, func(a, b store.Notice) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Automation, b.Automation), cmp.Compare(a.Change, b.Change))
	})
}
