package runs_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/runs"
)

// waits returns every wait of p for one run.
func waits(p runs.Policy, run string) []time.Duration {
	var all []time.Duration
	for wait, ok := p.Wait(run, 0); ok; wait, ok = p.Wait(run, len(all)) {
		all = append(all, wait)
	}
	return all
}

func total(waits []time.Duration) (sum time.Duration) {
	for _, w := range waits {
		sum += w
	}
	return sum
}

// O9: at once, then 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
func TestDefaultPolicyHasTenAttemptsOverThreeDays(t *testing.T) {
	got := waits(runs.Policy{Exact: true}, "run_1")
	want := []time.Duration{
		0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
		5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	if sum := total(got); sum != 75*time.Hour+35*time.Minute+5*time.Second {
		t.Errorf("the waits sum to %v, want 75h35m5s", sum)
	}
}

func TestDefaultScheduleIsTheCallersOwn(t *testing.T) {
	clear(runs.DefaultSchedule())
	if got := total(waits(runs.Policy{Exact: true}, "run_1")); got == 0 {
		t.Error("changing a returned schedule changed the default policy")
	}
}

func TestWaitsFollowThePolicy(t *testing.T) {
	s, m, h := time.Second, time.Minute, time.Hour
	for name, tt := range map[string]struct {
		policy runs.Policy
		want   []time.Duration
	}{
		"schedule":            {runs.Policy{Schedule: []time.Duration{h, s, 0}}, []time.Duration{h, s, 0}},
		"a single attempt":    {runs.Policy{Schedule: []time.Duration{0}}, []time.Duration{0}},
		"exponential":         {runs.Policy{Exponential: &runs.Exponential{Attempts: 5}}, []time.Duration{0, 5 * s, 10 * s, 20 * s, 40 * s}},
		"up to a maximum":     {runs.Policy{Exponential: &runs.Exponential{Attempts: 5, Initial: m, Factor: 3, Max: 5 * m}}, []time.Duration{0, m, 3 * m, 5 * m, 5 * m}},
		"first above maximum": {runs.Policy{Exponential: &runs.Exponential{Attempts: 3, Initial: h, Max: m}}, []time.Duration{0, m, m}},
		"by a factor of 1":    {runs.Policy{Exponential: &runs.Exponential{Attempts: 4, Initial: m, Factor: 1}}, []time.Duration{0, m, m, m}},
		"a day at most":       {runs.Policy{Exponential: &runs.Exponential{Attempts: 4, Initial: h, Factor: 20}}, []time.Duration{0, h, 20 * h, 24 * h}},
		"exponential once":    {runs.Policy{Exponential: &runs.Exponential{Attempts: 1}}, []time.Duration{0}},
	} {
		tt.policy.Exact = true
		if err := tt.policy.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, waits(tt.policy, "run_1")); diff != "" {
			t.Errorf("%s: waits (-want +got):\n%s", name, diff)
		}
	}
}

// O9: ±20 % unless the policy says otherwise, for each run and try its own.
func TestJitterSpreadsRunsBothWays(t *testing.T) {
	const runIDs = 2000
	for jitter, share := range map[float64]float64{0: 0.2, 0.5: 0.5, 0.999: 0.999} {
		p, exact := runs.Policy{Jitter: jitter}, runs.DefaultSchedule()
		for tries := 1; tries < len(exact); tries++ {
			var offs []float64
			for i := range runIDs {
				wait, ok := p.Wait("run_"+strconv.Itoa(i), tries)
				again, _ := p.Wait("run_"+strconv.Itoa(i), tries)
				if !ok || again != wait {
					t.Fatalf("jitter %v, try %d: %v and then %v, %v; want one answer", jitter, tries, wait, again, ok)
				}
				offs = append(offs, float64(wait-exact[tries])/float64(exact[tries])/share)
			}
			low, high, mean := slices.Min(offs), slices.Max(offs), 0.0
			for _, off := range offs {
				mean += off / runIDs
			}
			if low < -1.000001 || low > -0.99 || high > 1.000001 || high < 0.99 || math.Abs(mean) > 0.06 {
				t.Errorf("jitter %v, try %d: offsets from %v to %v of the share, mean %v; want -1 to 1, mean 0", jitter, tries, low, high, mean)
			}
		}
	}
}

func TestJitterOfARunsTriesDiffers(t *testing.T) {
	p := runs.Policy{Schedule: slices.Repeat([]time.Duration{time.Hour}, 20)}
	all := waits(p, "run_1")[1:]
	slices.Sort(all)
	if distinct := slices.Compact(all); len(distinct) != 19 {
		t.Errorf("19 tries have %d different waits", len(distinct))
	}
}

func TestFirstWaitHasNoJitter(t *testing.T) {
	if wait, ok := (runs.Policy{Schedule: []time.Duration{time.Hour}}).Wait("run_1", 0); wait != time.Hour || !ok {
		t.Errorf("first wait is %v, %v; want 1h exactly", wait, ok)
	}
}

func TestPolicyIsRefusedForWhatNoRunCanFollow(t *testing.T) {
	exponential := func(e runs.Exponential) runs.Policy { return runs.Policy{Exponential: &e} }
	for complaint, policies := range map[string][]runs.Policy{
		"both":      {{Schedule: []time.Duration{0}, Exponential: &runs.Exponential{Attempts: 1}}},
		"101 waits": {{Schedule: make([]time.Duration, 101)}},
		"negative wait or one above": {
			{Schedule: []time.Duration{0, -1}}, {Schedule: []time.Duration{math.MaxInt64}}, {Schedule: []time.Duration{math.MinInt64}},
			exponential(runs.Exponential{Attempts: 1, Initial: -1}), exponential(runs.Exponential{Attempts: 1, Max: -1}),
			exponential(runs.Exponential{Attempts: 1, Max: math.MaxInt64}), exponential(runs.Exponential{Attempts: 1, Initial: math.MaxInt64}),
		},
		"jitter":     {{Jitter: -0.1}, {Jitter: 1}, {Jitter: math.NaN()}, {Jitter: math.Inf(1)}},
		"attempts:":  {exponential(runs.Exponential{}), exponential(runs.Exponential{Attempts: -1}), exponential(runs.Exponential{Attempts: 101})},
		"has factor": {exponential(runs.Exponential{Attempts: 1, Factor: 0.5}), exponential(runs.Exponential{Attempts: 1, Factor: math.NaN()}), exponential(runs.Exponential{Attempts: 1, Factor: math.Inf(1)})},
	} {
		for _, p := range policies {
			if err := p.Validate(); err == nil || !strings.Contains(err.Error(), complaint) {
				t.Errorf("%+v: got %v; want a refusal that says %q", p, err, complaint)
			}
		}
	}
}

func TestPolicyAtItsBoundsIsAccepted(t *testing.T) {
	longest := 366 * 24 * time.Hour
	for _, p := range []runs.Policy{
		{},
		{Schedule: slices.Repeat([]time.Duration{longest}, 100), Jitter: 0.999},
		{Exponential: &runs.Exponential{Attempts: 100, Initial: longest, Factor: 100, Max: longest}},
	} {
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
		for _, wait := range waits(p, "run_1") {
			if wait < 0 || wait > 2*longest {
				t.Errorf("%+v: wait %v", p, wait)
			}
		}
	}
}
