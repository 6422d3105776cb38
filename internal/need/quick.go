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

// Walk skips the random walks of store/storetest, which take minutes, where [Quick]: for stores that are proved by them in
// another way too.
func Walk(t *testing.T) {
	t.Helper()
	if Quick() && strings.Contains(t.Name(), "/all_at_random/") {
		t.Skip("the same store is walked on at random in another test")
	}
}
