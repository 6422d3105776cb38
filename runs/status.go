package runs

import "fmt"

// Status is where a run stands (SPEC R1).
type Status string

// The statuses of a run. A retry to come is Scheduled again.
const (
	Scheduled Status = "scheduled" // waits for its due time, or for its automation
	Running   Status = "running"   // a worker holds its lease
	Succeeded Status = "succeeded" // an attempt was answered with 2xx
	Failed    Status = "failed"    // given up; a person may replay it
)

// Statuses lists every status in the order in which a run can pass them.
func Statuses() []Status { return []Status{Scheduled, Running, Failed, Succeeded} }

// Ended tells whether nothing more happens to a run of this status by itself.
func (s Status) Ended() bool { return s == Succeeded || s == Failed }

// ParseStatus returns the status that text names.
func ParseStatus(text string) (Status, error) {
	for _, s := range Statuses() {
		if string(s) == text {
			return s, nil
		}
	}
	return "", fmt.Errorf("status %q is not known: use one of %v", text, Statuses())
}
