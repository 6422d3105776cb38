package runs

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Policy says how often a run is tried and how long it waits in between. The zero Policy is the default one.
type Policy struct {
	// Schedule lists the wait before each attempt, the first attempt's included; its length is the number of attempts, 100 at
	// most; default: [DefaultSchedule], or Exponential where that is set.
	Schedule []time.Duration `json:"schedule,omitempty"`
	// Exponential computes the waits instead; default: nil.
	Exponential *Exponential `json:"exponential,omitempty"`
	// Jitter is the share by which each wait after the first may be shorter or longer, below 1; default: 0.2.
	Jitter float64 `json:"jitter,omitempty"`
	// Exact turns jitter off; default: false.
	Exact bool `json:"exact,omitempty"`
	// FinalClientErrors fails a run for good at a 4xx other than 408, 425 and 429; default: false, they are retried.
	FinalClientErrors bool `json:"final_client_errors,omitempty"`
}

// Exponential is a policy whose waits grow by a factor: Initial, Initial×Factor, … up to Max each.
type Exponential struct {
	Attempts int           `json:"attempts"`          // in all, 1 to 100
	Initial  time.Duration `json:"initial,omitempty"` // wait before the second attempt; default: 5 s
	Factor   float64       `json:"factor,omitempty"`  // 1 to 100; default: 2
	Max      time.Duration `json:"max,omitempty"`     // default: 24 h
}

const (
	maxAttempts = 100
	maxWait     = 366 * 24 * time.Hour
	defaultMax  = 24 * time.Hour
)

// DefaultSchedule returns the waits of the default policy: ten attempts over 75 h 35 m 05 s (SPEC O9).
func DefaultSchedule() []time.Duration {
	return []time.Duration{
		0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
		5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}

// Validate reports the first thing in p that no run could follow.
func (p Policy) Validate() error {
	switch {
	case len(p.Schedule) > 0 && p.Exponential != nil:
		return fmt.Errorf("retry policy has both a schedule and an exponential rule: keep one")
	case len(p.Schedule) > maxAttempts:
		return fmt.Errorf("retry schedule has %d waits: list at most %d", len(p.Schedule), maxAttempts)
	case slices.ContainsFunc(p.Schedule, isNoWait):
		return fmt.Errorf("retry schedule has a negative wait or one above %v: use zero for an attempt at once", maxWait)
	case !(p.Jitter >= 0 && p.Jitter < 1):
		return fmt.Errorf("retry jitter is %v: use a share from 0 to below 1", p.Jitter)
	case p.Exponential != nil:
		return p.Exponential.validate()
	}
	return nil
}

func (e Exponential) validate() error {
	switch {
	case e.Attempts < 1 || e.Attempts > maxAttempts:
		return fmt.Errorf("exponential retry policy has %d attempts: use 1 to %d", e.Attempts, maxAttempts)
	case isNoWait(e.Initial) || isNoWait(e.Max):
		return fmt.Errorf("exponential retry policy has a negative wait or one above %v: use a positive one, or 0 for the default", maxWait)
	case e.Factor != 0 && !(e.Factor >= 1 && e.Factor <= 100):
		return fmt.Errorf("exponential retry policy has factor %v: use 1 to 100", e.Factor)
	}
	return nil
}

func isNoWait(d time.Duration) bool { return d < 0 || d > maxWait }

// Wait returns the wait before the attempt that follows tries used ones (0: before the first), with the jitter that
// belongs to this run and try, and false when the budget is used up.
//
// Jitter is derived from the run's id, not drawn: asking again gives the same answer.
func (p Policy) Wait(run string, tries int) (time.Duration, bool) {
	wait, ok := p.wait(tries)
	if !ok || p.Exact || tries == 0 {
		return wait, ok
	}
	share := p.Jitter
	if share == 0 {
		share = 0.2
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s", tries, run))
	unit := float64(binary.BigEndian.Uint64(sum[:])>>11)/(1<<52) - 1 // in [-1, 1)
	return wait + time.Duration(float64(wait)*share*unit), true
}

func (p Policy) wait(tries int) (time.Duration, bool) {
	if p.Exponential != nil {
		return p.Exponential.wait(tries)
	}
	waits := p.Schedule
	if len(waits) == 0 {
		waits = DefaultSchedule()
	}
	if tries >= len(waits) {
		return 0, false
	}
	return waits[tries], true
}

func (e Exponential) wait(tries int) (time.Duration, bool) {
	if tries == 0 || tries >= e.Attempts {
		return 0, tries < e.Attempts
	}
	b := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(cmp.Or(e.Initial, 5*time.Second)),
		backoff.WithMultiplier(cmp.Or(e.Factor, 2)),
		backoff.WithMaxInterval(cmp.Or(e.Max, defaultMax)),
		backoff.WithMaxElapsedTime(0),
		backoff.WithRandomizationFactor(0))
	for range tries - 1 {
		b.NextBackOff()
	}
	return min(b.NextBackOff(), cmp.Or(e.Max, defaultMax)), true
}
