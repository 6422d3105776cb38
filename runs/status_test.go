package runs_test

import (
	"slices"
	"testing"

	"github.com/tenterhook/tenterhook/runs"
)

// R1.
func TestStatusesReadBack(t *testing.T) {
	for _, s := range runs.Statuses() {
		got, err := runs.ParseStatus(string(s))
		if err != nil || got != s {
			t.Errorf("ParseStatus(%q) = %q, %v", s, got, err)
		}
	}
	if got := len(runs.Statuses()); got != 4 {
		t.Errorf("there are %d statuses, want 4", got)
	}
}

func TestUnknownStatusIsRefused(t *testing.T) {
	for _, text := range []string{"", "Failed", "failed ", "retrying", "succeeded,failed"} {
		if got, err := runs.ParseStatus(text); err == nil || got != "" {
			t.Errorf("ParseStatus(%q) = %q, %v; want a refusal", text, got, err)
		}
	}
}

func TestOnlySucceededAndFailedRunsHaveEnded(t *testing.T) {
	for status, want := range map[runs.Status]bool{runs.Scheduled: false, runs.Running: false, runs.Succeeded: true, runs.Failed: true} {
		if got := status.Ended(); got != want {
			t.Errorf("%s.Ended() = %v, want %v", status, got, want)
		}
	}
}

func FuzzParseStatus(f *testing.F) {
	f.Add("failed")
	f.Add("Failed")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := runs.ParseStatus(text)
		if known := slices.Contains(runs.Statuses(), runs.Status(text)); known != (err == nil) || known && string(s) != text || !known && s != "" {
			t.Errorf("ParseStatus(%q) = %q, %v", text, s, err)
		}
	})
}
