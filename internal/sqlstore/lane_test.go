package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

const now = 1_000_000

// SPEC O10: which hold replaces which.
func TestHoldReplacesWhatItMay(t *testing.T) {
	for _, tt := range []struct {
		gate, hold, next, want runs.Hold
	}{
		{"", "", runs.HoldBusy, runs.HoldBusy},
		{"", runs.HoldFailing, runs.HoldBusy, runs.HoldFailing},
		{"", runs.HoldFailing, runs.HoldSlow, runs.HoldSlow},
		{"", runs.HoldDisabled, runs.HoldFailing, runs.HoldDisabled},
		{runs.HoldOrdered, runs.HoldOrdered, runs.HoldFailing, runs.HoldOrdered},
		{runs.HoldRate, runs.HoldRate, runs.HoldFailing, runs.HoldFailing},
	} {
		l := sqlstore.Lane{Gate: tt.gate, Hold: tt.hold}
		l.Take(store.Flow{Hold: tt.next, Pause: time.Second}, now)
		until := int64(now + 1_000_000)
		if tt.want != tt.next {
			until = 0
		}
		if l.Hold != tt.want || l.Until != until {
			t.Errorf("%q under gate %q, then %q: held for %q until %d, want %q until %d", tt.hold, tt.gate, tt.next, l.Hold, l.Until, tt.want, until)
		}
	}
}

func TestLaneOpensToItsGate(t *testing.T) {
	for _, tt := range []struct {
		gate, hold runs.Hold
		reopens    bool
	}{
		{"", runs.HoldBusy, true}, {"", runs.HoldSlow, true}, {"", runs.HoldFailing, false}, {"", runs.HoldDisabled, false},
		{"", "", false}, {runs.HoldRate, runs.HoldRate, false}, {runs.HoldRate, runs.HoldSlow, true},
	} {
		l := sqlstore.Lane{Gate: tt.gate, Hold: tt.hold}
		if got := l.Reopens(); got != tt.reopens {
			t.Errorf("a lane held for %q under gate %q reopens: %v, want %v", tt.hold, tt.gate, got, tt.reopens)
		}
		if l.Open(); l.Hold != tt.gate {
			t.Errorf("opened to %q, want its gate %q", l.Hold, tt.gate)
		}
	}
}

func TestReleaseIsPacedByWhatWentOut(t *testing.T) {
	l := sqlstore.Lane{Hold: runs.HoldSlow, Until: now - 1, Head: 3}
	f := store.Flow{Release: 5, Pause: time.Second}
	if l.Released(nil, f, now); l.Until != now-1 || l.Head != 3 {
		t.Errorf("after none was let out: %+v", l)
	}
	l.Released([]int64{9, 7}, f, now)
	if want := (sqlstore.Lane{Hold: runs.HoldSlow, Until: now + 2_000_000, Head: 9}); l != want {
		t.Errorf("after two were let out (-want +got):\n%s", cmp.Diff(want, l))
	}
	if l.Releases(now) || !l.Releases(now+2_000_000) {
		t.Errorf("lets out at once %v, after its pause %v", l.Releases(now), l.Releases(now+2_000_000))
	}
	ordered := sqlstore.Lane{Gate: runs.HoldOrdered, Hold: runs.HoldOrdered}
	if got := ordered.Share(f); got != 1 {
		t.Errorf("an ordered lane lets %d out, want 1", got)
	}
}

// ATTACKS 30: what cannot be read begins anew, and stands in nobody's way.
func TestUnreadableRowsAreRead(t *testing.T) {
	if got := sqlstore.ReadHealth("7"); got != (automation.Health{}) {
		t.Errorf("health %+v, want none", got)
	}
	r := sqlstore.Row{Facts: "{bob@example.com"}.At(now)
	if diff := cmp.Diff([]string{"{bob@example.com"}, r.Warnings); diff != "" {
		t.Errorf("warnings of a run whose facts cannot be read (-want +got):\n%s", diff)
	}
	n := sqlstore.Notice("auto_1", automation.Failing, []byte(`{"change":7`))
	if want := (automation.Transition{Automation: "auto_1", Change: automation.Failing}); n.Transition != want {
		t.Errorf("notice (-want +got):\n%s", cmp.Diff(want, n.Transition))
	}
	if _, ok := sqlstore.Disabled([]byte("7"), store.Outcome{}, automation.Verdict{}); ok {
		t.Error("an automation that cannot be read was disabled")
	}
}

func TestFactsComeBack(t *testing.T) {
	for _, want := range []runs.Run{
		{},
		{Respondent: runs.Respondent{ID: "1", FirstName: "A\x00", LastName: "L", Email: "a@x.nl"}, Warnings: []string{"", "w"}},
		{Respondent: runs.Respondent{Anonymous: true}},
	} {
		got := sqlstore.Row{Facts: sqlstore.Facts(want)}.At(now)
		if diff := cmp.Diff(want, runs.Run{Respondent: got.Respondent, Warnings: got.Warnings}); diff != "" {
			t.Errorf("respondent and warnings (-want +got):\n%s", diff)
		}
	}
}
