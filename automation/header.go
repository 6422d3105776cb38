package automation

import (
	"maps"
	"slices"
	"strings"
)

// MaxHeaderBytes bounds the names and values of an action's extra headers together.
const MaxHeaderBytes = 8 << 10

// reservedHeaders are set by the library or by the connection (RFC 9110 section 7.6.1), or would carry somebody's session.
var reservedHeaders = []string{
	"accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie", "expect", "host",
	"idempotency-key", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-idempotency-key",
}

var reservedPrefixes = []string{"proxy-", "webhook-"}

// pointerEscaper writes a key as a part of a JSON pointer (RFC 6901 section 3).
var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func validateHeaders(vs *violations, at string, headers map[string]string) {
	size := 0
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		value, field := headers[name], at+"/"+pointerEscaper.Replace(name)
		size += len(name) + len(value)
		lower := strings.ToLower(name)
		switch {
		case !isToken(name):
			vs.add(field, ErrHeader, "%q is not a header name: use letters, digits and hyphens", name)
		case reserved(lower):
			vs.add(field, ErrHeader, "%q belongs to the library or the connection: choose another name", name)
		case seen[lower] != "":
			vs.add(field, ErrHeader, "%q and %q are the same header: keep one", seen[lower], name)
		case !isHeaderValue(value):
			vs.add(field, ErrHeader, "the value of %q holds something other than printable ASCII, or spaces at an end: remove it", name)
		}
		seen[lower] = name
	}
	if size > MaxHeaderBytes {
		vs.add(at, ErrHeader, "they have %d bytes together: use at most %d", size, MaxHeaderBytes)
	}
}

func reserved(lower string) bool {
	return slices.Contains(reservedHeaders, lower) ||
		slices.ContainsFunc(reservedPrefixes, func(p string) bool { return strings.HasPrefix(lower, p) })
}

// isToken reports a token of RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"(),/:;<=>?@[\\]{}", c) >= 0 {
			return false
		}
	}
	return s != ""
}

func isHeaderValue(s string) bool {
	for _, c := range []byte(s) {
		if c != '\t' && (c < ' ' || c >= 0x7f) {
			return false
		}
	}
	return strings.Trim(s, " \t") == s
}
