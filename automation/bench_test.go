package automation_test

import (
	"fmt"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
)

// BenchmarkPlan is one event that each of an account's automations wants, and one that none does.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{1, 100} {
		automations := make([]automation.Automation, n)
		for i := range automations {
			automations[i] = automation.Automation{
				ID: fmt.Sprintf("aut_%d", i), Account: "acct_1", Trigger: automation.Trigger{Types: []string{"contact.tag.*"}},
				Actions: []automation.Action{{ID: "1", Push: &automation.Push{URL: "https://hooks.example/in"}}},
			}
		}
		wanted := tagAdded()
		unwanted := wanted
		unwanted.Type, unwanted.Data = "customer.sale.completed", events.SaleCompleted{}
		b.Run(fmt.Sprintf("wanted by %d", n), func(b *testing.B) { benchmarkPlan(b, wanted, automations, n) })
		b.Run(fmt.Sprintf("unwanted by %d", n), func(b *testing.B) { benchmarkPlan(b, unwanted, automations, 0) })
	}
}

func benchmarkPlan(b *testing.B, ev events.Event, automations []automation.Automation, want int) {
	b.ReportAllocs()
	for b.Loop() {
		planned, err := automation.Plan(ev, automations, nil)
		if err != nil || len(planned) != want {
			b.Fatalf("%d runs, %v; want %d", len(planned), err, want)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
