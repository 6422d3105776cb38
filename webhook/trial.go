package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// Tested is what a test request held, as JSON: the answer to it, and what is kept with its key in [store.Key.Test].
type Tested struct {
	Status string        `json:"status"`           // "tested"
	Passes bool          `json:"passes"`           // it fits, and the filter passes
	Unmet  string        `json:"unmet,omitempty"`  // which condition of the filter does not hold
	Fields []TestedField `json:"fields,omitempty"` // what each became
	Errors []Misfit      `json:"errors,omitempty"` // what does not fit
	Detail string        `json:"detail,omitempty"` // why it could not be read at all
	Runs   int           `json:"runs"`             // that would have been made
}

// TestedField is what a field of a test request became.
type TestedField struct {
	Field    string          `json:"field"`
	Given    json.RawMessage `json:"given,omitempty"`    // as it came
	Value    json.RawMessage `json:"value,omitempty"`    // what it was converted to
	Variable string          `json:"variable,omitempty"` // where it goes
}

// maxTested bounds what is kept of a test request.
const maxTested = 64 << 10

// trial is a test request, or why it could not be read.
type trial struct {
	taker   *automation.Taker
	request automation.Request
	err     error
}

// test answers a test request, with the status that the same request would be refused with, and remembers it with the key.
func (rc *receiver) test(ctx context.Context, who identity, t trial) (answer, error) {
	status, found := t.run()
	if who.key.ID == "" {
		return answer{status, found}, nil
	}
	mark := store.KeyMark{Account: who.key.Account, ID: who.key.ID, Test: found.kept()}
	if err := rc.d.store.MarkKeys(ctx, []store.KeyMark{mark}); err != nil {
		return answer{}, unavailable("the test could not be remembered: send it again", err)
	}
	return answer{status, found}, nil
}

// run returns what the request held.
func (t trial) run() (int, Tested) {
	in, err := automation.Intake{}, t.err
	if err == nil {
		if in, err = t.taker.Take(t.request); err != nil {
			err = unfit(err)
		}
	}
	found := Tested{Status: "tested", Passes: err == nil && in.Unmet == "", Unmet: in.Unmet, Runs: len(in.Runs)}
	for _, f := range in.Fields {
		found.Fields = append(found.Fields, TestedField(f))
	}
	if e, ok := errors.AsType[*refusal](err); ok {
		found.Errors, found.Detail = e.Errors, e.Detail
		return e.Status, found
	}
	return http.StatusOK, found
}

// kept returns what is remembered, without values if they are too long.
func (t Tested) kept() []byte {
	b, err := json.Marshal(t)
	if err == nil && len(b) <= maxTested {
		return b
	}
	t.Fields, t.Detail = nil, "the values are too long to be kept"
	b, _ = json.Marshal(t) // texts can be encoded
	return b
}
