package egress

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is one HTTP POST. Header and Body are shared with the connection's goroutines and must never be modified
// after they were given to Post.
type Request struct {
	// URL is a push URL, as [Client.Check] lets it through: https or http, at most 2048 bytes.
	URL string

	// Header is sent as it is, with Host, Content-Length and Transfer-Encoding left out; keys are in canonical form.
	Header http.Header

	// Body is sent whole, under its exact Content-Length.
	Body []byte

	// Timeout bounds everything from resolving the name to the last byte read; one of zero or less means the default.
	// default: 15 s
	Timeout time.Duration
}

func (r Request) withDefaults() Request {
	if r.Timeout <= 0 {
		r.Timeout = 15 * time.Second
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	return r
}

// build returns a request that net/http cannot send twice: once part of it may have been written, a second try needs
// either a GetBody, which is never set, or no body and an idempotency key in the header, which soloHeader hides.
func (r Request) build(ctx context.Context, u *url.URL) *http.Request {
	req := &http.Request{
		Method:        http.MethodPost,
		URL:           u,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.Header,
		Body:          io.NopCloser(bytes.NewReader(r.Body)),
		ContentLength: int64(len(r.Body)),
	}
	if len(r.Body) == 0 {
		req.Body = http.NoBody
		req.Header = soloHeader(r.Header)
	}
	return req.WithContext(withBudget(ctx, r.Timeout))
}

// soloHeader writes the names by which net/http recognises a repeatable request in lower case, which means the same to
// the receiver (RFC 9110 section 5.1) and nothing to net/http.
func soloHeader(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if v, ok := h[name]; ok {
			delete(h, name)
			h[strings.ToLower(name)] = v
		}
	}
	return h
}
