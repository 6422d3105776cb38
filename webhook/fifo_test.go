package webhook

import (
	"slices"
	"testing"

	"github.com/tenterhook/tenterhook/runs"
)

// What goes in first comes out first, however the array is used again meanwhile.
func TestQueueKeepsItsOrder(t *testing.T) {
	var q fifo[job]
	in, out := int64(0), int64(0)
	for round := range 300 {
		for range 1 + round%7 {
			in++
			q.push(job{run: runs.Run{Seq: in}})
		}
		for range 1 + (round*round)%6 {
			if q.len() == 0 {
				break
			}
			out++
			first := q.first().run.Seq
			if got := q.pop().run.Seq; first != out || got != out {
				t.Fatalf("first is %d and %d came out, want %d", first, got, out)
			}
		}
	}
	for _, j := range q.empty() {
		out++
		if j.run.Seq != out {
			t.Fatalf("%d is left, want %d", j.run.Seq, out)
		}
	}
	if in != out || q.len() != 0 {
		t.Errorf("%d went in and %d came out, %d are left", in, out, q.len())
	}
}

// A queue that is emptied as fast as it is filled needs no more room than what waits, and an idle one keeps little.
func TestQueueUsesItsRoomAgain(t *testing.T) {
	var q fifo[job]
	for range 1000 {
		q.push(job{})
	}
	for range 100_000 {
		q.push(job{})
		q.pop()
	}
	if cap(q.items) > 5000 {
		t.Errorf("a queue of 1,000 takes room for %d", cap(q.items))
	}
	for q.len() > 0 {
		q.pop()
	}
	if q.shrink(); cap(q.items) > fewItems {
		t.Errorf("an idle queue keeps room for %d", cap(q.items))
	}
}

// What is removed leaves the others in their order, wherever in the array they stand.
func TestQueueRemoves(t *testing.T) {
	var q fifo[int]
	for i := range 10 {
		q.push(i)
	}
	q.pop()
	q.pop()
	q.remove(func(i int) bool { return i%3 == 0 })
	q.push(10)
	if got, want := q.empty(), []int{2, 4, 5, 7, 8, 10}; !slices.Equal(got, want) {
		t.Errorf("%v are left, want %v", got, want)
	}
}
