package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
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

	got, err := st.Changes(t.Context(), 0)
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
