package webhook

import (
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// job is a run that this process holds the lease of.
type job struct {
	run   runs.Run
	until time.Time // when the lease ends, by this process's clock
}

// back returns the outcome of a job that was not done: its run is due again, its try not used.
func (j job) back() store.Outcome {
	return store.Outcome{Result: runs.GiveBack(j.run, 0), Automation: j.run.Automation}
}

// backs returns the outcomes of jobs that were not done.
func backs(jobs []job) []store.Outcome {
	outcomes := make([]store.Outcome, len(jobs))
	for i, j := range jobs {
		outcomes[i] = j.back()
	}
	return outcomes
}
