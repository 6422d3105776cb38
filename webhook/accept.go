package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// DryRun returns what an incoming automation would make of a request: what each field becomes, whether the filter passes, and
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

// accept makes the runs that were planned of a request, and returns those that it made. Where they exist already, it leaves them as
// they are.
func (d *Dispatcher) accept(ctx context.Context, planned []automation.Planned) ([]runs.Run, error) {
	if len(planned) == 0 {
		return nil, nil
	}
	entries := make([]store.Entry, len(planned))
	for i, p := range planned {
		entries[i] = store.Entry{Planned: p}
	}
	created, err := d.create(ctx, entries)
	if err != nil {
		return nil, fmt.Errorf("accept request: %w", err)
	}
	return created, nil
}

// acceptCall makes the runs that were planned of a call, the invitation before its reminder: nobody is reminded by a call that is
// refused because another one had its id. What was left between the two is made when the call comes again.
func (d *Dispatcher) acceptCall(ctx context.Context, planned []automation.Planned) error {
	for i, p := range planned {
		made, err := d.accept(ctx, planned[i:i+1])
		if err == nil && len(made) == 0 {
			_, err = d.earlier(ctx, p.Run)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// earlier returns the run that a call made when it came before. It refuses one of the same id that says something else
// (draft-ietf-httpapi-idempotency-key-header, section 2.7): of that nothing was done, whatever became of the other.
func (d *Dispatcher) earlier(ctx context.Context, planned runs.Run) (runs.Run, error) {
	run, err := d.store.Get(ctx, planned.Account, planned.ID)
	switch {
	case err != nil:
		return run, fmt.Errorf("read run: %w", err)
	case !bytes.Equal(run.Message, planned.Message):
		return run, refuse(http.StatusUnprocessableEntity, "another call had this Idempotency-Key or webhook-id: nothing was done, give each call its own")
	}
	return run, nil
}
