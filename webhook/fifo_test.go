package webhook

import (
	"testing"

	"github.com/tenterhook/tenterhook/runs"
)

// What goes in first comes out first, however the array is used again meanwhile.
func TestQueueKeepsItsOrder(t *testing.T) {
	var q fifo
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

// A queue that is emptied as fast as it is filled needs no more room than what waits, and an empty one keeps little.
func TestQueueUsesItsRoomAgain(t *testing.T) {
	var q fifo
	for range 1000 {
		q.push(job{})
	}
	for range 100_000 {
		q.push(job{})
		q.pop()
	}
	if cap(q.jobs) > 5000 {
		t.Errorf("a queue of 1,000 takes room for %d", cap(q.jobs))
	}
	for q.len() > 0 {
		q.pop()
	}
	if cap(q.jobs) > maxEmpty {
		t.Errorf("an empty queue keeps room for %d", cap(q.jobs))
	}
}
