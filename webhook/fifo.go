package webhook

// fifo is a queue of jobs in one array: the room that a job leaves at the front is used again, so that a queue which is
// emptied as fast as it is filled allocates nothing.
type fifo struct {
	jobs []job
	head int // of jobs, the first that waits
}

func (q *fifo) len() int { return len(q.jobs) - q.head }

// first returns the job that has waited longest; there has to be one.
func (q *fifo) first() *job { return &q.jobs[q.head] }

func (q *fifo) push(j job) {
	if len(q.jobs) == cap(q.jobs) && q.head > len(q.jobs)/2 {
		kept := copy(q.jobs, q.jobs[q.head:])
		clear(q.jobs[kept:]) // the array must not keep their messages
		q.jobs, q.head = q.jobs[:kept], 0
	}
	q.jobs = append(q.jobs, j)
}

// pop takes the first job out.
func (q *fifo) pop() job {
	j := q.jobs[q.head]
	q.jobs[q.head] = job{} // likewise
	q.head++
	if q.head == len(q.jobs) {
		q.jobs, q.head = q.jobs[:0], 0
	}
	if q.head == 0 && cap(q.jobs) > maxEmpty {
		q.jobs = nil
	}
	return j
}

// maxEmpty is how many jobs an empty queue keeps room for: lanes are many, and a job with its run takes half a kilobyte.
const maxEmpty = 128

// empty returns the jobs that wait, and leaves none.
func (q *fifo) empty() []job {
	left := q.jobs[q.head:]
	*q = fifo{}
	return left
}
