package egress

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
)

const (
	maxBodyKept   = 16 << 10 // goes into the run's log
	maxBodyRead   = 64 << 10 // beyond it, a new connection is cheaper than reading on
	maxHeaderKept = 16 << 10 // names and values, goes into the run's log
)

// Response is what a stranger answered; every part of it is hostile text.
type Response struct {
	// Status is the status code, 200 to 599. A 3xx is returned like any other and its Location is not looked at.
	Status int

	// Header holds at most 16 KiB of names and values; of a larger header what fits is kept, Retry-After first.
	Header http.Header

	// Body is the first 16 KiB of the response's body, as sent (nothing is decompressed).
	Body []byte

	// Truncated says that the body went on after those 16 KiB.
	Truncated bool

	// BodyErr says why the body broke off, and matches a sentinel of this package; Status stands all the same.
	BodyErr error
}

// read takes the status, and as much of the rest as fits, from resp. At most 64 KiB of body are read, so that the
// connection of a receiver with a moderate answer can be used again.
func read(ctx context.Context, resp *http.Response) Response {
	r := Response{Status: resp.StatusCode, Header: capHeader(resp.Header)}
	if resp.Body == http.NoBody {
		return r
	}
	var err error
	r.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxBodyKept))
	if err == nil && len(r.Body) == maxBodyKept {
		var rest int64
		rest, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBodyRead-maxBodyKept))
		r.Truncated = rest > 0
	}
	if err != nil {
		r.BodyErr = classify(ctx, err)
	}
	return r
}

func capHeader(h http.Header) http.Header {
	size := 0
	for name, values := range h {
		for _, v := range values {
			size += headerSize(name, v)
		}
	}
	if size <= maxHeaderKept {
		return h
	}
	kept, room := http.Header{}, maxHeaderKept
	names := slices.Sorted(maps.Keys(h))
	for _, name := range append([]string{"Retry-After"}, names...) {
		if kept[name] != nil {
			continue
		}
		for _, v := range h[name] {
			if n := headerSize(name, v); n <= room {
				room -= n
				kept[name] = append(kept[name], v)
			}
		}
	}
	return kept
}

// headerSize counts a field as it was on the wire, with its colon, space and line end.
func headerSize(name, value string) int {
	return len(name) + len(value) + len(": \r\n")
}
