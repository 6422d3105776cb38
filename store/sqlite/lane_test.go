package sqlite_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
)

// ATTACKS 30: runs whose lane was lost, by whatever hand, are let out like others.
func TestRunsOfALostLaneAreNotStuck(t *testing.T) {
	for name, statement := range map[string]string{
		"row": "DELETE FROM tenterhook_lanes", "hold": "UPDATE tenterhook_lanes SET hold = NULL, until = NULL",
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			st := open(t, sqlite.Options{}, path)
			if err := st.Flow(t.Context(), []store.Flow{{Automation: "auto_0", Hold: runs.HoldFailing, Pause: time.Hour}}); err != nil {
				t.Fatal(err)
			}
			if _, err := st.Publish(t.Context(), batch("a", 1)); err != nil {
				t.Fatal(err)
			}
			host(t, path, statement)
			c, err := st.Claim(t.Context(), store.Lease{Max: 10, For: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(store.Claimed{Held: []store.Lane{{Automation: "auto_0", Hold: runs.HoldBusy}}, Next: time.Hour, Notices: time.Hour}, c); diff != "" {
				t.Errorf("claimed (-want +got):\n%s", diff)
			}
			if r, err := st.Get(t.Context(), "acct_1", "run_a_000000"); err != nil || r.Held != runs.HoldBusy {
				t.Errorf("the run is shown as held for %q, error %v; want %q", r.Held, err, runs.HoldBusy)
			}
			if err := st.Flow(t.Context(), []store.Flow{{Automation: "auto_0", Release: 1}}); err != nil {
				t.Fatal(err)
			}
			if got := due(t, st); len(got) != 1 {
				t.Errorf("claimed %v once let out, want the run", got)
			}
		})
	}
}
