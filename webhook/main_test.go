package webhook_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the entry of the processes that tests kill.
func TestMain(m *testing.M) {
	if os.Getenv(victimFile) != "" {
		os.Exit(victim())
	}
	goleak.VerifyTestMain(m)
}
