package runs_test

import (
	"testing"

	"github.com/tenterhook/tenterhook/runs"
)

// S8: the run of an anonymous survey is called Anonymous, whatever else it should hold.
func TestRespondentIsCalledByWhatIsKnown(t *testing.T) {
	for want, who := range map[string]runs.Respondent{
		"":              {ID: "rsp_1"},
		"Ewa Zielińska": {FirstName: "Ewa", LastName: "Zielińska", Email: "ewa@example.com"},
		"Ewa":           {FirstName: "Ewa", Email: "ewa@example.com"},
		"Zielińska":     {LastName: "Zielińska"},
		"e@example.com": {ID: "rsp_1", Email: "e@example.com"},
		"Anonymous":     {ID: "rsp_1", FirstName: "Ewa", LastName: "Zielińska", Email: "ewa@example.com", Anonymous: true},
	} {
		if got := who.Name(); got != want {
			t.Errorf("%+v is called %q, want %q", who, got, want)
		}
	}
}
