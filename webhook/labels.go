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
	if d.options.Variables == nil {
		return labels.Set{}, ErrNoVariables
	}
	vars, err := d.options.Variables(ctx, account, survey)
	if err != nil {
		return labels.Set{}, fmt.Errorf("read variables of survey %q: %w", survey, err)
	}
	data, err := d.store.Labels(ctx, account, survey)
	if err != nil {
		return labels.Set{}, err
	}
	return labels.NewSet(vars, data), nil
}

// SetLabels gives data labels to variables of a survey, by variable id: all, or none and every violation as
// [labels.Errors]. Messages of later events use them.
func (d *Dispatcher) SetLabels(ctx context.Context, account, survey string, changes map[string]string) (labels.Set, error) {
	set, err := d.Labels(ctx, account, survey)
	if err != nil {
		return set, err
	}
	set, err = set.Edit(changes)
	if err != nil {
		return set, err
	}
	err = d.store.SetLabels(ctx, []store.SurveyLabels{{Account: account, Survey: survey, Labels: set.Stored()}})
	if err != nil {
		return set, err
	}
	_, err = d.config.refresh(ctx)
	return set, err
}
