package webhook

import "slices"

// fifo is a queue in one array: the room that an item leaves at the front is used again, so that a queue which is emptied as
// fast as it is filled allocates nothing.
type fifo[T any] struct {
	items []T
	head  int // of items, the first that waits
}

func (q *fifo[T]) len() int { return len(q.items) - q.head }

// first returns the item that has waited longest; there has to be one.
func (q *fifo[T]) first() *T { return &q.items[q.head] }

func (q *fifo[T]) push(item T) {
	if len(q.items) == cap(q.items) && q.head > len(q.items)/2 {
		q.compact()
	}
	q.items = append(q.items, item)
}

// compact moves what waits to the front of the array.
func (q *fifo[T]) compact() {
	kept := copy(q.items, q.items[q.head:])
	clear(q.items[kept:]) // the array must not keep what they refer to
	q.items, q.head = q.items[:kept], 0
}

// pop takes the first item out.
func (q *fifo[T]) pop() T {
	var none T
	item := q.items[q.head]
	q.items[q.head] = none // likewise
	q.head++
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return item
}

// remove takes out the items that are gone.
func (q *fifo[T]) remove(gone func(T) bool) {
	q.compact()
	q.items = slices.DeleteFunc(q.items, gone)
}

// shrink gives back the room of an empty queue that is more than a few items'.
func (q *fifo[T]) shrink() {
	if q.len() == 0 && cap(q.items) > fewItems {
		*q = fifo[T]{}
	}
}

// fewItems is for how many items an idle queue keeps room: there are many, and a job with its run takes half a kilobyte.
const fewItems = 16

// empty returns the items that wait, and leaves none, nor room for any.
func (q *fifo[T]) empty() []T {
	left := q.items[q.head:]
	*q = fifo[T]{}
	return left
}
