package sqlite_test

import (
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store/sqlite"
)

// ATTACKS 30: one that cannot be read does not block the others.
func TestUnreadableAutomationIsListedAsDisabled(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	list := []automation.Automation{{ID: "auto_1", Account: "acct_1", Name: "one"}, {ID: "auto_2", Account: "acct_1", Name: "two"}}
	saved, err := st.Put(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	host(t, path, "UPDATE tenterhook_automations SET doc = '{\"automation\":' WHERE id = 'auto_1'")
	c, err := st.Changes(t.Context(), 0)
	if err != nil || len(c.Automations) != 2 {
		t.Fatalf("Changes lists %+v, error %v; want both", c.Automations, err)
	}
	broken, other := c.Automations[0], c.Automations[1]
	if broken.ID != "auto_1" || broken.Account != "acct_1" || broken.Version != saved[0].Version || broken.Enabled() || broken.Disabled.Reason != automation.ByUnreadable {
		t.Errorf("the one that cannot be read is %+v, want auto_1 disabled as unreadable", broken)
	}
	if other.Name != "two" || !other.Enabled() {
		t.Errorf("the other is %+v, want it as it was saved", other)
	}
}
