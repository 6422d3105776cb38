package main

import (
	"slices"

	"github.com/tenterhook/tenterhook/runs"
)

// roll is a list of runs that keeps its order while they change.
type roll struct {
	list  []runs.Run
	place map[string]int // by id
}

func newRoll(list []runs.Run) roll {
	r := roll{list: slices.Clone(list), place: make(map[string]int, len(list))}
	for i, each := range list {
		r.place[each.ID] = i
	}
	return r
}

func (r roll) update(changed []runs.Run) {
	for _, each := range changed {
		if i, ok := r.place[each.ID]; ok {
			r.list[i] = each
		}
	}
}

// waiting returns the ids of runs that have not ended.
func (r roll) waiting() []string {
	var ids []string
	for _, each := range r.list {
		if !each.Status.Ended() {
			ids = append(ids, each.ID)
		}
	}
	return ids
}
