package runs_test

import (
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// R3.
func TestFilterIsValidUnlessItSelectsNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		filter runs.Filter
		valid  bool
	}{
		"all":                   {runs.Filter{}, true},
		"each status":           {runs.Filter{Statuses: runs.Statuses()}, true},
		"unknown status":        {runs.Filter{Statuses: []runs.Status{runs.Failed, "retrying"}}, false},
		"empty status":          {runs.Filter{Statuses: []runs.Status{""}}, false},
		"a time frame":          {runs.Filter{From: begun, To: begun.Add(time.Hour)}, true},
		"from a time on":        {runs.Filter{From: begun}, true},
		"until a time":          {runs.Filter{To: begun}, true},
		"ends before it begins": {runs.Filter{From: begun, To: begun.Add(-1)}, false},
	} {
		if err := tt.filter.Validate(); (err == nil) != tt.valid {
			t.Errorf("%s: got %v, want valid %v", name, err, tt.valid)
		}
	}
}

func TestFilterWithoutStatusesHasAll(t *testing.T) {
	failed := runs.Filter{Statuses: []runs.Status{runs.Failed}}
	for _, s := range runs.Statuses() {
		if !(runs.Filter{}).Has(s) {
			t.Errorf("the zero filter lacks %s", s)
		}
		if got := failed.Has(s); got != (s == runs.Failed) {
			t.Errorf("a filter of failed runs: Has(%s) = %v", s, got)
		}
	}
}
