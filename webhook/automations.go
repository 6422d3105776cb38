package webhook

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/store"
)

// SaveOptions says how an automation is saved.
type SaveOptions struct {
	// Untested creates an automation without a successful test of each push; default: false.
	Untested bool
}

// Save creates an automation, when its Version is 0, or replaces the one it was read as, and returns it as saved: with ids,
// and a secret for each push that had none. It takes effect at once here and within [Options.Refresh] in other processes.
// Disabling one holds its waiting runs; enabling it sends them, the oldest first.
//
// Each push of a new automation is tested first, as [Dispatcher.Test] does, unless o says otherwise; a change is not. A
// receiver that verifies has to know the secret before that: draw it with [NewSecret].
//
// It is refused with an [*automation.ValidationError], a [*TestError], [ErrNoInviter] or [ErrNoRespondents] where the host
// supplies no such thing, or [store.ErrConflict] when somebody saved it meanwhile; then nothing has changed.
func (d *Dispatcher) Save(ctx context.Context, a automation.Automation, o SaveOptions) (automation.Automation, error) {
	isNew := a.Version == 0
	a = complete(a)
	known, err := d.known(ctx, a)
	if err != nil {
		return a, err
	}
	if err := a.Validate(known); err != nil {
		return a, err
	}
	if err := d.checkHost(a); err != nil {
		return a, err
	}
	if isNew && !o.Untested {
		if err := d.testAll(ctx, a); err != nil {
			return a, err
		}
	}
	return d.save(ctx, a)
}

// save puts a and lets it take effect here.
func (d *Dispatcher) save(ctx context.Context, a automation.Automation) (automation.Automation, error) {
	saved, err := d.store.Put(ctx, []automation.Automation{a})
	if err != nil {
		return a, err
	}
	if _, err := d.config.refresh(ctx, a.Account); err != nil {
		return saved[0], fmt.Errorf("save automation %q: it is saved, and takes effect when the store answers again: %w", a.ID, err)
	}
	d.Wake()
	return saved[0], nil
}

// complete fills in what an automation gets when it is saved.
func complete(a automation.Automation) automation.Automation {
	now := time.Now()
	switch in := a.Trigger.Incoming; {
	case in != nil && in.URLWebhooks:
		a.ID = urlWebhooksID(a.Account)
	case a.ID == "":
		a.ID = drawID("aut_", now)
	}
	if a.Disabled != nil {
		why := *a.Disabled
		if why.Reason == "" {
			why.Reason = automation.ByUser
		}
		if why.At.IsZero() {
			why.At = now.UTC().Truncate(time.Microsecond)
		}
		a.Disabled = &why
	}
	a.Actions = slices.Clone(a.Actions)
	last := 0 // number that was given to an action
	for i := range a.Actions {
		act := &a.Actions[i]
		if act.ID == "" {
			last = freeNumber(a, max(last, i)+1)
			act.ID = strconv.Itoa(last)
		}
		if act.Push == nil || len(act.Push.Secrets) > 0 {
			continue
		}
		push := *act.Push
		push.Secrets = automation.Secrets{NewSecret()}
		act.Push = &push
	}
	return a
}

// freeNumber returns the first number from n on that is the id of none of an automation's actions.
func freeNumber(a automation.Automation, n int) int {
	for ; ; n++ {
		if _, taken := a.Action(strconv.Itoa(n)); !taken {
			return n
		}
	}
}

// known returns what exists for an automation's trigger: the variables of the survey that the host names, with their data
// labels, and of the types in the catalogue that it matches.
func (d *Dispatcher) known(ctx context.Context, a automation.Automation) (automation.Known, error) {
	vars, err := d.variables(ctx, a)
	if err != nil || a.Trigger.Survey == "" {
		return automation.Known{Variables: vars}, err
	}
	saved, err := d.store.Labels(ctx, a.Account, a.Trigger.Survey)
	return automation.Known{Variables: vars, Labels: saved.Labels}, err
}

func (d *Dispatcher) variables(ctx context.Context, a automation.Automation) ([]labels.Variable, error) {
	var vars []labels.Variable
	if a.Trigger.Survey != "" && d.options.Variables != nil {
		survey, err := d.surveyVariables(ctx, a.Account, a.Trigger.Survey)
		if err != nil {
			return nil, err
		}
		vars = slices.DeleteFunc(slices.Clone(survey), func(v labels.Variable) bool { return v.Kind == labels.Option })
	}
	for _, t := range d.options.Catalogue.Types() {
		if a.Trigger.Wants(t.Name) && t.Name != surveyCompleted {
			for _, v := range t.Variables() {
				vars = append(vars, v.Variable)
			}
		}
	}
	return vars, nil
}

// Automations returns the automations of an account, in order of their ids, which is the order of their creation.
func (d *Dispatcher) Automations(ctx context.Context, account string) ([]automation.Automation, error) {
	s, err := d.config.refresh(ctx, account)
	if err != nil {
		return nil, err
	}
	list := make([]automation.Automation, len(s.byAccount[account]))
	for i, a := range s.byAccount[account] {
		if list[i], err = copied(a); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Automation returns one automation of an account, or [store.ErrNotFound]. To change it, set fields and [Dispatcher.Save] it.
func (d *Dispatcher) Automation(ctx context.Context, account, id string) (automation.Automation, error) {
	s, err := d.config.refresh(ctx, account)
	if err != nil {
		return automation.Automation{}, err
	}
	a, ok := s.byID[id]
	if !ok || a.Account != account {
		return automation.Automation{}, fmt.Errorf("read automation %q: %w in account %q", id, store.ErrNotFound, account)
	}
	return copied(a)
}

// copied returns an automation that shares nothing with a, which is the dispatcher's own.
func copied(a automation.Automation) (automation.Automation, error) {
	doc, err := automation.Marshal(a)
	if err != nil {
		return a, fmt.Errorf("read automation %q: %w", a.ID, err)
	}
	c, err := automation.Unmarshal(doc)
	c.Version = a.Version
	return c, err
}

// Delete removes an automation of an account, or returns [store.ErrNotFound]. Its runs stay as a log; those that wait fail
// as [runs.ClassRemoved] when they come due.
func (d *Dispatcher) Delete(ctx context.Context, account, id string) error {
	if err := d.store.Delete(ctx, account, []string{id}); err != nil {
		return err
	}
	_, err := d.config.refresh(ctx, account)
	d.Wake()
	return err
}
