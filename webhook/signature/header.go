package signature

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// The names of the headers (Standard Webhooks 1.0, "Webhook headers"), to be used with the methods of [http.Header].
const (
	HeaderID        = "webhook-id"        // the message's id, the same at every attempt
	HeaderTimestamp = "webhook-timestamp" // when this attempt was made, in seconds since 1970
	HeaderSignature = "webhook-signature" // the signatures, as Signer.Sign returns them
)

const (
	maxID              = 256
	maxSignatureHeader = 4096
	maxSignatures      = 16
)

// Why a header is refused, before anything is computed with it.
var (
	ErrMissingHeader      = errors.New("header is missing; send every header of the signature")
	ErrRepeatedHeader     = errors.New("header is sent more than once; send one value")
	ErrMalformedID        = errors.New("webhook-id is malformed; use 1 to 256 visible ASCII characters without a full stop")
	ErrMalformedTimestamp = errors.New("timestamp is malformed; use decimal seconds since 1970 without sign or leading zero")
	ErrMalformedSignature = errors.New("signature is malformed; write it as its scheme does, with nothing around it")
	ErrHeaderTooLarge     = errors.New("signature header is larger than 4096 bytes; send fewer signatures")
	ErrTooManySignatures  = errors.New("signature header has more than 16 signatures; send fewer")
)

// entry is one signature of the header.
type entry struct{ version, signature string }

// metadata is what the three headers say.
type metadata struct {
	id      string
	seconds int64
	entries []entry
}

func parseHeader(h http.Header) (metadata, error) {
	var values [3]string
	for i, name := range [...]string{HeaderID, HeaderTimestamp, HeaderSignature} {
		var err error
		if values[i], err = single(h, name); err != nil {
			return metadata{}, err
		}
	}
	if err := checkID(values[0]); err != nil {
		return metadata{}, err
	}
	seconds, err := parseTimestamp(values[1])
	if err != nil {
		return metadata{}, err
	}
	entries, err := parseEntries(values[2])
	return metadata{id: values[0], seconds: seconds, entries: entries}, err
}

// single returns the value of a header that must be there once.
func single(h http.Header, name string) (string, error) {
	switch found := h.Values(name); len(found) {
	case 0:
		return "", fmt.Errorf("%s: %w", name, ErrMissingHeader)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%s: %w", name, ErrRepeatedHeader)
}

// checkID refuses the full stop because it separates id, timestamp and body: with it, two messages could share a signature.
func checkID(id string) error {
	if id == "" || len(id) > maxID {
		return ErrMalformedID
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c > '~' || c == '.' {
			return ErrMalformedID
		}
	}
	return nil
}

// parseTimestamp takes only the spelling that signing writes, for it is the number that gets signed, not its text.
func parseTimestamp(text string) (int64, error) {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || strconv.FormatInt(seconds, 10) != text {
		return 0, ErrMalformedTimestamp
	}
	return seconds, nil
}

func parseEntries(text string) ([]entry, error) {
	if len(text) > maxSignatureHeader {
		return nil, ErrHeaderTooLarge
	}
	n := strings.Count(text, " ") + 1
	if n > maxSignatures {
		return nil, ErrTooManySignatures
	}
	entries := make([]entry, 0, n)
	for part := range strings.SplitSeq(text, " ") {
		version, signature, _ := strings.Cut(part, ",")
		if version == "" || signature == "" {
			return nil, ErrMalformedSignature
		}
		entries = append(entries, entry{version, signature})
	}
	return entries, nil
}

// newContent lays out what is signed: id "." seconds "." body (Standard Webhooks 1.0, "Signature scheme").
func newContent(id string, seconds int64, body []byte) content {
	const digits = len("9223372036854775807")
	head := make([]byte, 0, len(id)+digits+len(".."))
	head = append(head, id...)
	head = append(head, '.')
	head = strconv.AppendInt(head, seconds, 10)
	return content{head: append(head, '.'), body: body}
}
