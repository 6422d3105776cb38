package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
)

func ExampleSlog() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	_ = notify.Slog(log).Notify(context.Background(), []notify.Notice{{
		Kind: notify.Disabled, Account: "acct_1", Automation: "aut_7", Run: "run_9",
		At: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), Reason: automation.ByGone, StatusCode: 410, Class: runs.ClassGone,
	}})
	// Output:
	// level=WARN msg="automation changed" kind=disabled account=acct_1 automation=aut_7 run=run_9 at=2026-11-21T09:30:00.000Z reason=gone status_code=410 class=gone
}

// N1: each notice is a line of its own, and a recovery is no warning.
func TestRecoveryIsNoWarning(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	err := notify.Slog(log).Notify(t.Context(), []notify.Notice{{Kind: notify.FirstFailure}, {Kind: notify.Recovered}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		var entry struct{ Level, Kind string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		got = append(got, entry.Level+" "+entry.Kind)
	}
	if want := "WARN first_failure, INFO recovered"; strings.Join(got, ", ") != want {
		t.Errorf("logged %q, want %q", strings.Join(got, ", "), want)
	}
}

// The log is no place for people's names and addresses, nor for what an endpoint answered.
func TestLogHoldsNothingPersonal(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	const canary = "canary"
	_ = notify.Slog(log).Notify(t.Context(), []notify.Notice{{
		Kind: notify.FirstFailure, Name: canary, Recipients: []string{canary + "@example.com"}, Detail: canary,
	}})
	if strings.Contains(out.String(), canary) {
		t.Errorf("the log holds what it should not: %s", out.String())
	}
}
