package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/sqlite"
)

// ATTACKS 30: what cannot be read is set aside as disabled, and the others go on.
func TestUnreadableAutomationIsSetAside(t *testing.T) {
	file := filepath.Join(t.TempDir(), "store.db")
	st, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	saved, err := st.Put(t.Context(), []automation.Automation{
		{ID: "aut_1", Account: "acct_1", Name: "broken"}, {ID: "aut_2", Account: "acct_1", Name: "whole"},
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE tenterhook_automations SET doc = '{"automation":{"actions":7' WHERE id = 'aut_1'`); err != nil {
		t.Fatal(err)
	}

	got, err := st.Changes(t.Context(), "")
	if err != nil || len(got.Automations) != 2 {
		t.Fatalf("Changes lists %d automations, error %v; want both", len(got.Automations), err)
	}
	broken, whole := got.Automations[0], got.Automations[1]
	if broken.ID != "aut_1" || broken.Account != "acct_1" || broken.Version != saved[0].Version ||
		broken.Disabled == nil || broken.Disabled.Reason != automation.ByUnreadable {
		t.Errorf("the broken automation is listed as %+v, want it disabled as %q", broken, automation.ByUnreadable)
	}
	if whole.Name != "whole" || !whole.Enabled() {
		t.Errorf("the other automation is listed as %+v, want it as it was saved", whole)
	}
}

// ATTACKS 30: neither an automation nor a health that cannot be read stands in the way of settling.
func TestOutcomesOfAnUnreadableAutomationAreSettled(t *testing.T) {
	file := newFile(t)
	st := open(t, sqlite.Options{}, file)
	if _, err := st.Put(t.Context(), []automation.Automation{
		{ID: "auto_0", Account: "acct_1", Name: "broken"}, {ID: "auto_1", Account: "acct_1", Name: "whole"},
	}); err != nil {
		t.Fatal(err)
	}
	ends(t, st, "a", 2, 500)
	host(t, file, `UPDATE tenterhook_automations SET doc = '7' WHERE id = 'auto_0'`, `UPDATE tenterhook_lanes SET health = '7'`)
	ends(t, st, "b", 2, 410)
	counts, err := st.Count(t.Context(), runs.Filter{Statuses: []runs.Status{runs.Running}})
	if err != nil || counts[runs.Running] > 0 {
		t.Errorf("counts %v, error %v; want no run running", counts, err)
	}
	var told []string
	for _, n := range notices(t, st) {
		told = append(told, n.Automation+" "+string(n.Change))
	}
	if diff := cmp.Diff([]string{"auto_1 disabling"}, told); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}
