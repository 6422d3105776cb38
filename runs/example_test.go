package runs_test

import (
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

func ExampleDecide() {
	policy := runs.Policy{Exact: true}
	run := runs.Run{ID: "run_1", Tries: 1}
	for _, a := range []runs.Attempt{
		{StatusCode: 204},
		{StatusCode: 500, Class: runs.ClassOf(500)},
		{StatusCode: 429, Class: runs.ClassOf(429), Header: map[string][]string{"Retry-After": {"120"}}},
		{StatusCode: 410, Class: runs.ClassOf(410)},
		{Class: runs.ClassTimeout},
		{Class: runs.ClassAddress},
	} {
		next := runs.Decide(run, a, policy)
		fmt.Println(a.StatusCode, a.Class, next.Status, next.After)
	}
	// Output:
	// 204  succeeded 0s
	// 500 unsuccessful_status scheduled 5s
	// 429 unsuccessful_status scheduled 2m0s
	// 410 gone failed 0s
	// 0 timeout scheduled 5s
	// 0 blocked_address failed 0s
}

func ExamplePolicy_Wait() {
	var policy runs.Policy // the default one
	for tries := range 11 {
		wait, ok := policy.Wait("run_1", tries)
		fmt.Println(tries, wait.Round(time.Second), ok)
	}
	// Output:
	// 0 0s true
	// 1 6s true
	// 2 5m40s true
	// 3 24m18s true
	// 4 2h18m47s true
	// 5 4h33m11s true
	// 6 9h5m2s true
	// 7 16h10m54s true
	// 8 16h28m41s true
	// 9 24h3m23s true
	// 10 0s false
}
