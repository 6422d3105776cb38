package runs

import "time"

// Attempt is one try of a run: a fact, written once.
type Attempt struct {
	N          int                 `json:"n,omitempty"`           // 1 for the run's first attempt; counts on through replays; numbered by the store
	Replay     int                 `json:"replay,omitempty"`      // 0 for the run's own tries, 1 for those after its first replay, and so on
	At         time.Time           `json:"at"`                    // when it was begun
	Duration   time.Duration       `json:"duration"`              // until the answer was read or given up
	URL        string              `json:"url"`                   // where it was sent; "" when nothing is sent over HTTP
	StatusCode int                 `json:"status_code,omitempty"` // of the answer; 0 when there was none
	Accepted   bool                `json:"accepted,omitempty"`    // nothing is sent over HTTP, and the host's inviter or directory took it
	Class      Class               `json:"class,omitempty"`       // what went wrong; "" for an answer with 2xx, and when Accepted
	Detail     string              `json:"detail,omitempty"`      // Class in words, safe to show to the account's people
	Header     map[string][]string `json:"header,omitempty"`      // of the answer, keys in canonical form
	Body       []byte              `json:"body,omitempty"`        // first 16 KiB of the answer
	Truncated  bool                `json:"truncated,omitempty"`   // the answer was longer than Body, or broke off
}

// OK tells whether the attempt succeeded: any 2xx, whatever became of the rest of the answer (SPEC O8); without a status code,
// only if it is marked as accepted and nothing went wrong.
func (a Attempt) OK() bool {
	if a.StatusCode == 0 {
		return a.Accepted && a.Class == ""
	}
	return a.StatusCode >= 200 && a.StatusCode <= 299
}

// Throttled tells whether the answer asks for less, or says that something behind the endpoint is overloaded: 429, 502 or
// 504 (Standard Webhooks 1.0, "Deliverability and reliability").
func (a Attempt) Throttled() bool {
	return a.StatusCode == 429 || a.StatusCode == 502 || a.StatusCode == 504
}

// Trouble tells whether the attempt failed for the endpoint's own sake, so that others to it would fail too: it gave no
// answer, one of 5xx, or one that says to come later; or the host's inviter could not do its work.
func (a Attempt) Trouble() bool {
	switch a.Class {
	case ClassDNS, ClassConnect, ClassTLS, ClassTimeout, ClassProtocol, ClassInviter:
		return true
	case ClassStatus:
		return a.StatusCode >= 500 || a.StatusCode == 408 || a.StatusCode == 425 || a.StatusCode == 429
	}
	return false
}

// Class names the kind of an attempt's failure.
type Class string

// The classes of failure. Those marked final are not retried: sending again cannot help.
const (
	ClassAddress  Class = "blocked_address"     // the guard refuses the address; final
	ClassPort     Class = "blocked_port"        // the guard refuses the port; final
	ClassURL      Class = "bad_url"             // no request can be made to this URL; final
	ClassGone     Class = "gone"                // answered 410; final, and disables the automation
	ClassRemoved  Class = "automation_removed"  // the automation or action no longer exists; final
	ClassDNS      Class = "dns_error"           // the host's name did not resolve
	ClassConnect  Class = "connect_error"       // no connection, or it broke before an answer
	ClassTLS      Class = "tls_error"           // no trusted TLS connection
	ClassTimeout  Class = "timeout"             // no answer in time
	ClassProtocol Class = "bad_response"        // not an HTTP answer, or one over the limits
	ClassRedirect Class = "redirect"            // answered 3xx, which is never followed
	ClassStatus   Class = "unsuccessful_status" // answered neither 2xx, 3xx nor 410
	ClassInternal Class = "internal_error"      // the sender itself failed on this run
	ClassRefused  Class = "refused"             // the host's inviter or directory refused: an unknown survey, say; final
	ClassInviter  Class = "inviter_error"       // the host's inviter or directory could not do it now
)

// ClassOf returns the class of an answer with this status code; "" for a 2xx.
func ClassOf(statusCode int) Class {
	switch {
	case statusCode >= 200 && statusCode <= 299:
		return ""
	case statusCode >= 300 && statusCode <= 399:
		return ClassRedirect
	case statusCode == 410:
		return ClassGone
	}
	return ClassStatus
}

func (c Class) final() bool {
	switch c {
	case ClassAddress, ClassPort, ClassURL, ClassGone, ClassRemoved, ClassRefused:
		return true
	}
	return false
}
