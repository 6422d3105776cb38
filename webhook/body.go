package webhook

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// intake reads the bodies of requests, none larger than max, and no more at once than memory has room for. Nobody gets more than
// half of that: who fills it with slow bodies shuts out nobody else.
type intake struct {
	max, memory int64
	timeout     time.Duration

	mu   sync.Mutex
	held map[string]int64 // bytes, by holder
	all  int64
}

func newIntake(max, memory int64, timeout time.Duration) *intake {
	return &intake{max: max, memory: memory, timeout: timeout, held: map[string]int64{}}
}

// acquire tells whether a holder can have n bytes, and gives it them.
func (in *intake) acquire(holder string, n int64) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.all+n > in.memory || in.held[holder]+n > in.share() {
		return false
	}
	in.all += n
	in.held[holder] += n
	return true
}

// share is what one holder gets at most.
func (in *intake) share() int64 { return max(in.max, in.memory/2) }

func (in *intake) release(holder string, n int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.all -= n
	if in.held[holder] -= n; in.held[holder] == 0 {
		delete(in.held, holder)
	}
}

// begin bounds the wait for the body of a request that may be answered without it: before it answers, a server reads what is left of
// it, for as long as that takes.
func (in *intake) begin(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(in.timeout)) // as far as w can; the server ends it
	}
}

// tooLarge returns why a request that says how long it is is not read; nil: it may be.
func (in *intake) tooLarge(r *http.Request) *refusal {
	if r.ContentLength <= in.max {
		return nil
	}
	return in.overlong()
}

func (in *intake) overlong() *refusal {
	e := refuse(http.StatusRequestEntityTooLarge, "the body is larger than "+strconv.FormatInt(in.max, 10)+" bytes: send less")
	e.closes = true
	return e
}

// read returns the body of a request of an account, or with "" of somebody who is not known yet. Its memory counts until release
// is called, with that of the values in it once it is decoded.
func (in *intake) read(w http.ResponseWriter, r *http.Request, account string) (body []byte, release func(), err error) {
	if e := in.tooLarge(r); e != nil {
		return nil, nil, e
	}
	weight := in.max // of a body that does not say how long it is
	if r.ContentLength >= 0 {
		weight = r.ContentLength
	}
	if !in.acquire(account, weight) {
		return nil, nil, crowded()
	}
	release = func() { in.release(account, weight) }
	if body, err = in.readAll(w, r, weight); err != nil {
		release()
		return nil, nil, err
	}
	values := min(valuesWeight(body), in.share()-weight)
	if !in.acquire(account, values) {
		release()
		return nil, nil, crowded()
	}
	weight += values
	return body, release, nil
}

func crowded() *refusal {
	e := unavailable("too many requests are being read: send it again", nil)
	e.later, e.closes = time.Second, true
	return e
}

// valuesWeight returns about what the values of a body take in memory beside it: of [0,0,…] fifty times as much. A comma or
// colon follows each but the last; those within texts are counted too, as finding out would cost more than it saves.
func valuesWeight(body []byte) int64 {
	const each = 100
	return each * int64(bytes.Count(body, []byte{','})+bytes.Count(body, []byte{':'}))
}

func (in *intake) readAll(w http.ResponseWriter, r *http.Request, weight int64) ([]byte, error) {
	c := http.NewResponseController(w)
	if err := c.SetReadDeadline(time.Now().Add(in.timeout)); err == nil {
		defer func() { _ = c.SetReadDeadline(time.Time{}) }() // else the next request would meet it
	}
	var body []byte
	var err error
	if r.ContentLength >= 0 {
		body = make([]byte, weight)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, in.max))
	}
	_, long := errors.AsType[*http.MaxBytesError](err)
	switch {
	case err == nil:
		return body, nil
	case long:
		return nil, in.overlong()
	case errors.Is(err, os.ErrDeadlineExceeded):
		e := refuse(http.StatusRequestTimeout, "the body did not arrive in "+in.timeout.String()+": send it faster")
		e.closes = true
		return nil, e
	}
	e := refuse(http.StatusBadRequest, "the body ended before its end: send as much as Content-Length says, or chunks to the last")
	e.closes = true
	return nil, e
}
