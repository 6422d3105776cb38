package need

import (
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// Quick tells whether a test does a part of what it does at its full size: with -short, and under the race detector, which makes
// stores ten times slower.
func Quick() bool {
	info, ok := debug.ReadBuildInfo()
	return testing.Short() || ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// BriefProofs skips the proofs of store/storetest that take longest where [Quick]: the random walks, and those with thousands of
// runs. It is for stores that are proved by them in another way too.
func BriefProofs(t *testing.T) {
	t.Helper()
	long := []string{"/all_at_random/", "/lane/10,000_held_runs", "/lane/Held_lists_every_lane_in_turns"}
	if Quick() && slices.ContainsFunc(long, func(proof string) bool { return strings.Contains(t.Name(), proof) }) {
		t.Skip("the same store is proved by it in another test")
	}
}

// TwoWalks skips all but two of the random walks in lockstep with an oracle of store/storetest where [Quick].
func TwoWalks(t *testing.T) {
	t.Helper()
	if _, seed, ok := strings.Cut(t.Name(), ",_seed_"); ok && seed > "1" && Quick() {
		t.Skip("two other random walks are done")
	}
}

// FullSize skips a test where [Quick] that shows nothing at a smaller size, and no race. What runs the race detector has to run
// such a test without it too.
func FullSize(t *testing.T) {
	t.Helper()
	if Quick() {
		t.Skip("it is run at its full size: without -short and the race detector")
	}
}
