package automation

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
)

// What begins the ids that the library draws for events and requests that have none: 10 characters of time (milliseconds) and
// 16 of chance follow, in the alphabet of run ids.
const (
	EventPrefix   = "evt_"
	RequestPrefix = "req_" // also of the events that requests are
)

const (
	alphabet  = "0123456789abcdefghjkmnpqrstvwxyz" // ascending, so that ids sort as their bytes do
	timeChars = 10
	idChars   = 26
)

// IDEncoding is how ids spell bytes: base32 in ascending order, without padding.
var IDEncoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// runID derives a run's id from what it is about, so that publishing an event again finds the run it made.
func runID(account, event, automation, action string) string {
	return derive("run_", event, account, event, automation, action)
}

// requestID derives the id of the event that a request is from the sender's id of it, which counts within one automation only.
func requestID(account, automation, request string) string {
	return derive(RequestPrefix, request, account, automation, request)
}

// derive returns the id that follows from parts.
//
// Of a drawn id it keeps the time in front: runs made together stand together in a store's index, which costs a third less to
// insert than scattered ones.
func derive(prefix, drawn string, parts ...string) string {
	about := make([]byte, 0, 128)
	for _, part := range parts {
		about = binary.AppendUvarint(about, uint64(len(part)))
		about = append(about, part...)
	}
	hash := sha256.Sum256(about)
	id := make([]byte, 0, 64)
	id = append(id, prefix...)
	id = append(id, drawnAt(drawn)...)
	id = IDEncoding.AppendEncode(id, hash[:])
	return string(id[:len(prefix)+idChars])
}

// drawnAt returns the characters of time of an id that the library drew; "" of another.
func drawnAt(id string) string {
	for _, prefix := range [...]string{EventPrefix, RequestPrefix} {
		if chars, ok := strings.CutPrefix(id, prefix); ok && len(chars) == idChars && strings.Trim(chars, alphabet) == "" {
			return chars[:timeChars]
		}
	}
	return ""
}
