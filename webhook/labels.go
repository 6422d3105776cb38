package webhook

import (
	"context"
	"errors"
	"fmt"

	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/store"
)

// ErrNoVariables means that the variables of surveys are not known here.
var ErrNoVariables = errors.New("the variables of surveys are unknown: set Options.Variables")

// Labels returns the labels of a survey's variables, data labels included.
func (d *Dispatcher) Labels(ctx context.Context, account, survey string) (labels.Set, error) {
	vars, err := d.surveyVariables(ctx, account, survey)
	if err != nil {
		return labels.Set{}, err
	}
	saved, err := d.store.Labels(ctx, account, survey)
	if err != nil {
		return labels.Set{}, err
	}
	return labels.NewSet(vars, saved.Labels), nil
}

// SetLabels gives data labels to variables of a survey, by variable id: all, or none and every violation as
// [labels.Errors]. Without [Options.Variables] it is [ErrNoVariables]. Of edits at once none is lost: each is made upon, and
// judged with, those that came before it. Messages of later events use them. To take a data label away, give the variable its
// automatic one.
func (d *Dispatcher) SetLabels(ctx context.Context, account, survey string, changes map[string]string) (labels.Set, error) {
	vars, err := d.surveyVariables(ctx, account, survey)
	if err != nil {
		return labels.Set{}, err
	}
	for {
		set, err := d.editLabels(ctx, account, survey, vars, changes)
		if errors.Is(err, store.ErrConflict) {
			continue // somebody else's edit holds, so all get their turn
		}
		if err != nil {
			return set, err
		}
		_, err = d.config.refresh(ctx, account)
		return set, err
	}
}

// editLabels makes an edit once, or returns [store.ErrConflict] when another came between reading and writing.
func (d *Dispatcher) editLabels(ctx context.Context, account, survey string, vars []labels.Variable, changes map[string]string) (labels.Set, error) {
	saved, err := d.store.Labels(ctx, account, survey)
	if err != nil {
		return labels.Set{}, err
	}
	set, err := labels.NewSet(vars, saved.Labels).Edit(changes)
	if err != nil {
		return set, err
	}
	saved.Labels = set.Stored()
	return set, d.store.SetLabels(ctx, []store.SurveyLabels{saved})
}

func (d *Dispatcher) surveyVariables(ctx context.Context, account, survey string) ([]labels.Variable, error) {
	if d.options.Variables == nil {
		return nil, ErrNoVariables
	}
	vars, err := d.options.Variables(ctx, account, survey)
	if err != nil {
		return nil, fmt.Errorf("read variables of survey %q: %w", survey, err)
	}
	return vars, nil
}
