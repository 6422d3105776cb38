package automation_test

import (
	"testing"

	"github.com/tenterhook/tenterhook/automation"
)

// O5.
func TestAutomationIsEnabledUnlessDisabledOrDeleted(t *testing.T) {
	disabled, deleted := rule(), rule()
	disabled.Disabled, deleted.Deleted = &automation.Disabled{Reason: automation.ByUser}, true
	if !rule().Enabled() || disabled.Enabled() || deleted.Enabled() {
		t.Errorf("enabled: %v; disabled: %v; deleted: %v", rule().Enabled(), disabled.Enabled(), deleted.Enabled())
	}
}

func TestActionIsFoundByItsID(t *testing.T) {
	a := rule(automation.Body{}, automation.Body{})
	if act, ok := a.Action("2"); !ok || act.ID != "2" {
		t.Errorf("Action(2) = %+v, %v", act, ok)
	}
	if act, ok := a.Action("3"); ok || act.ID != "" {
		t.Errorf("Action(3) = %+v, %v; want none", act, ok)
	}
}
