package need

import (
	"runtime/debug"
	"slices"
	"testing"
)

// Quick tells whether a test does a part of what it does at its full size: with -short, and under the race detector, which makes
// stores ten times slower.
func Quick() bool {
	info, ok := debug.ReadBuildInfo()
	return testing.Short() || ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
