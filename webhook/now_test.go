package webhook

import (
	"context"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/runs"
)

// I8: a call whose automation was deleted meanwhile says so, and nothing of how the text was made.
func TestCallOfADeletedAutomationSaysSo(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		err := r.doNow(context.Background(), runs.Run{ID: "run_1", Account: account, Automation: "aut_gone", Action: "1"})
		if err == nil || !strings.HasSuffix(err.Error(), "its automation is not there now") {
			r.Errorf("error is %v", err)
		}
	})
}
