package webhook

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"golang.org/x/sync/semaphore"
)

// intake reads the bodies of requests, none larger than max, and no more at once than memory has room for.
type intake struct {
	max     int64
	timeout time.Duration
	memory  *semaphore.Weighted
}

func newIntake(max, memory int64, timeout time.Duration) *intake {
	return &intake{max: max, timeout: timeout, memory: semaphore.NewWeighted(memory)}
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

// read returns the body of a request. Its memory counts until release is called.
func (in *intake) read(w http.ResponseWriter, r *http.Request) (body []byte, release func(), err error) {
	if e := in.tooLarge(r); e != nil {
		return nil, nil, e
	}
	weight := in.max // of a body that does not say how long it is
	if r.ContentLength >= 0 {
		weight = r.ContentLength
	}
	if !in.memory.TryAcquire(weight) {
		e := unavailable("too many requests are being read: send it again", nil)
		e.later, e.closes = time.Second, true
		return nil, nil, e
	}
	release = func() { in.memory.Release(weight) }
	if body, err = in.readAll(w, r, weight); err != nil {
		release()
		return nil, nil, err
	}
	return body, release, nil
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
