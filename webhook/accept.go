package webhook

import (
	"context"
	"errors"
	"fmt"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// DryRun returns what a request would become of an incoming automation: what each field becomes, whether the filter passes, and
// the runs. It creates none of them. The automation need not be saved, or enabled. A request that does not fit is an
// [*automation.RequestError].
func (d *Dispatcher) DryRun(ctx context.Context, a automation.Automation, r automation.Request) (automation.Intake, error) {
	a = complete(a)
	known, err := d.known(ctx, a)
	if err != nil {
		return automation.Intake{}, err
	}
	if err := a.Validate(known); err != nil {
		return automation.Intake{}, err
	}
	if a.Trigger.Incoming == nil {
		return automation.Intake{}, errors.New("dry run: the automation takes no requests: use Test")
	}
	if r.ID == "" {
		r.ID = drawRequestID()
	}
	return a.Take(r)
}

// accept makes the runs that were planned of a request. Where they exist already, it leaves them as they are.
func (d *Dispatcher) accept(ctx context.Context, planned []automation.Planned) error {
	if len(planned) == 0 {
		return nil
	}
	entries := make([]store.Entry, len(planned))
	for i, p := range planned {
		entries[i] = store.Entry{Planned: p}
	}
	if _, err := d.create(ctx, entries); err != nil {
		return fmt.Errorf("accept request: %w", err)
	}
	return nil
}
