package webhook

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

// refusal is why a request is not taken. As JSON it is a problem (RFC 9457). It never repeats a value of the request.
type refusal struct {
	Title  string   `json:"title"`
	Status int      `json:"status"`
	Detail string   `json:"detail"`
	Errors []Misfit `json:"errors,omitempty"`

	header http.Header   // beside the usual; nil: none
	later  time.Duration // after which it is worth trying again; 0: nothing is said of it
	closes bool          // the connection is of no more use
	cause  error         // for the log
}

func refuse(status int, detail string) *refusal {
	return &refusal{Title: http.StatusText(status), Status: status, Detail: detail}
}

// unavailable is the answer while the store, or memory, is not there. Nothing is known to have been done, and sending the same
// with the same id again is safe.
func unavailable(detail string, cause error) *refusal {
	return &refusal{Title: http.StatusText(http.StatusServiceUnavailable), Status: http.StatusServiceUnavailable, Detail: detail, later: 2 * time.Second, cause: cause}
}

// storeFailed is the answer to a request that may or may not have been taken.
func storeFailed(err error) *refusal {
	return unavailable("the request could not be stored: send it again, with the same Idempotency-Key or webhook-id", err)
}

// badCredentials is the one answer to whoever has not shown that the automation is theirs.
func badCredentials() *refusal {
	r := refuse(http.StatusUnauthorized, "the API key or signature is not one of an automation at this address: check both")
	r.header = http.Header{"Www-Authenticate": {`Bearer realm="webhooks"`}}
	return r
}

// Error makes a refusal an error.
func (r *refusal) Error() string { return r.Title + ": " + r.Detail }

// asRefusal returns err as it is answered.
func asRefusal(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return storeFailed(err)
}

// write answers with a refusal.
func (r *refusal) write(w http.ResponseWriter) {
	r.setHeader(w.Header())
	writeJSON(w, r.Status, "application/problem+json", r)
}

func (r *refusal) setHeader(h http.Header) {
	for name, values := range r.header {
		h[name] = values
	}
	if r.later > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(r.later.Seconds()))))
	}
	if r.closes {
		h.Set("Connection", "close")
	}
}

// writeJSON answers with a value that can be encoded, and is for nobody else's eyes.
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // it is a struct of texts
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // who went away will ask again
}
