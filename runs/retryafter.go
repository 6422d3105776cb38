package runs

import (
	"strconv"
	"time"
)

const maxRetryAfter = 24 * time.Hour

// RetryAfter returns the wait that the answer asks for in Retry-After (RFC 9110 section 10.2.3), at most 24 h; negative
// for a time that has passed, zero when it asks for none or not in the form of the RFC.
func (a Attempt) RetryAfter() time.Duration {
	values := a.Header["Retry-After"]
	if len(values) != 1 {
		return 0
	}
	if digits(values[0]) {
		seconds, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	for _, layout := range dateLayouts() {
		if date, err := time.Parse(layout, values[0]); err == nil {
			return min(date.Sub(a.At.Add(a.Duration)), maxRetryAfter)
		}
	}
	return 0
}

// dateLayouts are the three forms of RFC 9110 section 5.6.7. They spell out GMT, since any other zone would be looked up
// in the time zone of this machine.
func dateLayouts() []string {
	return []string{"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC}
}

func digits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
