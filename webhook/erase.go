package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Erased is what an erasure removed for good.
type Erased struct {
	Automations int // deleted, with what was known of their health
	Runs        int
	Messages    int // fewer than Runs where runs shared them
	Attempts    int
	Tests       int // test requests that mentioned a person, forgotten by their keys; not counted where the automation went too
}

const eraseStep = 200 // runs looked at, and at most removed, at a time, so that deliveries get the store in between

// Erase removes for good what e covers (SPEC R4), and returns what that was: a run, whatever its status; an automation
// with its keys and runs; a person's runs, and the test requests that mention them; or all of an account, its automations,
// keys, data labels and runs. It returns when all of it is
// gone, or, with what was removed so far, when ctx ends; doing it again is safe.
//
// Automations are deleted first, and [Options.Refresh] passes before their runs are removed, so that no process makes new
// ones. A run that a worker has already may still be sent, within [Options.Lease]; its outcome is not kept. When the account
// has no such run, or neither the automation nor runs of it, the error is [store.ErrNotFound]; a person without runs is
// none.
//
// A store may need another step to overwrite the bytes: in SQLite, that is Store.Vacuum.
func (d *Dispatcher) Erase(ctx context.Context, e runs.Erasure) (total Erased, err error) {
	if err := e.Validate(); err != nil {
		return total, fmt.Errorf("erase runs: %w", err)
	}
	if e.Run == "" && e.Email == "" {
		if total.Automations, err = d.eraseConfiguration(ctx, e); err != nil {
			return total, err
		}
	}
	if e.Email != "" {
		if total.Tests, err = d.forgetTests(ctx, e); err != nil {
			return total, fmt.Errorf("forget test requests: %w", err)
		}
	}
	for after := int64(0); ; {
		step, err := d.store.Erase(ctx, e, after, eraseStep)
		if err != nil {
			return total, fmt.Errorf("erase runs: %w", err)
		}
		after = step.Last
		total.Runs += step.Runs
		total.Messages += step.Messages
		total.Attempts += step.Attempts
		if step.Done {
			break
		}
	}
	if total == (Erased{}) && e.Run+e.Automation != "" {
		return total, fmt.Errorf("erase %q: %w in account %q", e.Run+e.Automation, store.ErrNotFound, e.Account)
	}
	return total, nil
}

// eraseConfiguration deletes the automations that e covers, and of an account the data labels too, and waits until every
// process knows. It returns how many automations that were.
func (d *Dispatcher) eraseConfiguration(ctx context.Context, e runs.Erasure) (n int, err error) {
	if n, err = d.deleteCovered(ctx, e); err != nil {
		return n, err
	}
	if e.Automation == "" {
		if err := d.clearLabels(ctx, e.Account); err != nil {
			return n, fmt.Errorf("remove data labels: %w", err)
		}
	}
	if _, err := d.config.refresh(ctx, e.Account); err != nil || n == 0 {
		return n, err
	}
	d.Wake()
	select {
	case <-ctx.Done():
		return n, fmt.Errorf("erase runs: stopped: %w", ctx.Err())
	case <-time.After(d.options.Refresh):
		return n, nil
	}
}

func (d *Dispatcher) deleteCovered(ctx context.Context, e runs.Erasure) (n int, err error) {
	for {
		s, err := d.config.refresh(ctx, e.Account)
		if err != nil {
			return 0, err
		}
		var ids []string
		for _, a := range s.byAccount[e.Account] {
			if e.Automation == "" || e.Automation == a.ID {
				ids = append(ids, a.ID)
			}
		}
		if len(ids) == 0 {
			return 0, nil
		}
		err = d.store.Delete(ctx, e.Account, ids)
		if errors.Is(err, store.ErrNotFound) {
			continue // somebody else deleted one meanwhile
		}
		if err != nil {
			return 0, err
		}
		return len(ids), nil
	}
}

// forgetTests has keys forget the test requests that mention a person, and returns how many that were.
func (d *Dispatcher) forgetTests(ctx context.Context, e runs.Erasure) (n int, err error) {
	s, err := d.config.refresh(ctx, e.Account)
	if err != nil {
		return 0, err
	}
	for _, a := range s.byAccount[e.Account] {
		keys, err := d.store.Keys(ctx, e.Account, a.ID)
		if err != nil {
			return n, err
		}
		var marks []store.KeyMark
		for _, k := range keys {
			if e.Covers(runs.Run{Account: k.Account, Message: k.Test}) {
				marks = append(marks, store.KeyMark{Account: k.Account, ID: k.ID, Test: []byte{}})
			}
		}
		if len(marks) == 0 {
			continue
		}
		if err := d.store.MarkKeys(ctx, marks); err != nil {
			return n, err
		}
		n += len(marks)
	}
	return n, nil
}

// clearLabels removes the data labels of all surveys of an account.
func (d *Dispatcher) clearLabels(ctx context.Context, account string) error {
	for {
		s, err := d.config.refresh(ctx, account)
		if err != nil {
			return err
		}
		var empty []store.SurveyLabels
		for key, labels := range s.labels {
			if key.account != account || len(labels) == 0 {
				continue
			}
			saved, err := d.store.Labels(ctx, account, key.survey)
			if err != nil {
				return err
			}
			saved.Labels = nil
			empty = append(empty, saved)
		}
		if len(empty) == 0 {
			return nil
		}
		if err := d.store.SetLabels(ctx, empty); err != nil && !errors.Is(err, store.ErrConflict) {
			return err // after a conflict, somebody else's edit holds and is removed too
		}
	}
}
