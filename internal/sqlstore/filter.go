package sqlstore

import (
	"math"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// Scope names the narrowest condition of a filter that an index serves: "ids", "automation", "account" or "all".
func Scope(f runs.Filter) string {
	switch {
	case len(f.IDs) > 0:
		return "ids"
	case f.Automation != "":
		return "automation"
	case f.Account != "":
		return "account"
	}
	return "all"
}

// Scopes are all that Scope can give.
func Scopes() []string { return []string{"all", "account", "automation", "ids"} }

// Frame returns the first microsecond of a filter's time frame and the first one after it.
func Frame(f runs.Filter) (from, to int64) { return bound(f.From, 0), bound(f.To, math.MaxInt64) }

// bound returns a time in microseconds, rounded up so that a bound between two of them parts them; none for the zero time.
func bound(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	return t.Add(time.Microsecond - 1).UnixMicro()
}

// Counted adds n runs of a stored status to counts.
func Counted(counts runs.Counts, status int, running bool, n int) {
	switch {
	case status == Succeeded:
		counts[runs.Succeeded] += n
	case status == Failed:
		counts[runs.Failed] += n
	case running:
		counts[runs.Running] += n
	default:
		counts[runs.Scheduled] += n
	}
}
