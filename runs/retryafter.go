package runs

import (
	"strconv"
	"time"
)

// retryAfter returns the wait that the answer asks for in Retry-After (RFC 9110 section 10.2.3), at most 24 h; zero when
// it asks for none, or not in the form of the RFC.
func (a Attempt) retryAfter() time.Duration {
	values := a.header("Retry-After")
	if len(values) != 1 {
		return 0
	}
	if digits(values[0]) {
		seconds, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil || seconds > int64(maxWait/time.Second) {
			return maxWait
		}
		return time.Duration(seconds) * time.Second
	}
	for _, layout := range []string{"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC850, time.ANSIC} { // RFC 9110 section 5.6.7
		if date, err := time.Parse(layout, values[0]); err == nil {
			return min(max(0, date.Sub(a.At.Add(a.Duration))), maxWait)
		}
	}
	return 0
}

func digits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
