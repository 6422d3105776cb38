package runs_test

import (
	"testing"
	"time"

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

// R2: what will happen next and when.
func TestRunSaysWhatItWaitsFor(t *testing.T) {
	due := time.Date(2026, 3, 14, 9, 26, 53, 500, time.FixedZone("", 3600))
	until := due.Add(39*time.Minute - 53*time.Second)
	for want, r := range map[string]runs.Run{
		"next try 09:26:53":                            {Status: runs.Scheduled, Due: due},
		"held: automation disabled":                    {Status: runs.Scheduled, Due: due, Held: runs.HoldDisabled},
		"held: an earlier run comes first":             {Status: runs.Scheduled, Due: due, Held: runs.HoldOrdered},
		"held: many runs at once":                      {Status: runs.Scheduled, Due: due, Held: runs.HoldBusy},
		"held: endpoint failing, next try 10:05:00":    {Status: runs.Scheduled, Due: due, Held: runs.HoldFailing, HeldUntil: until},
		"held: endpoint needs less, next try 10:05:00": {Status: runs.Scheduled, Due: due, Held: runs.HoldSlow, HeldUntil: until},
		"held: rate limit, next try 10:05:00":          {Status: runs.Scheduled, Due: due, Held: runs.HoldRate, HeldUntil: until},
		"held: of a later version, next try 10:05:00":  {Status: runs.Scheduled, Due: due, Held: "of a later version", HeldUntil: until},
	} {
		if got := r.Waiting(); got != want {
			t.Errorf("%+v waits: %q, want %q", r, got, want)
		}
	}
	for _, status := range []runs.Status{runs.Running, runs.Succeeded, runs.Failed} {
		if got := (runs.Run{Status: status, Due: due}).Waiting(); got != "" {
			t.Errorf("a run that is %s waits: %q", status, got)
		}
	}
}
