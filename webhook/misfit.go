package webhook

import (
	"errors"
	"net/http"
	"strings"

	"github.com/tenterhook/tenterhook/automation"
)

// Misfit is what is wrong with one value of a request.
type Misfit struct {
	Pointer string `json:"pointer"` // RFC 6901, into the data
	Detail  string `json:"detail"`
}

// maxPointer bounds a pointer that is answered: its parts are the request's own keys.
const maxPointer = 256

// unprocessable is the answer to data that can be read and does not fit.
func unprocessable(errors []Misfit) *refusal {
	e := refuse(http.StatusUnprocessableEntity, "the data does not fit: see errors")
	for _, each := range errors {
		if len(each.Pointer) > maxPointer {
			each.Pointer = strings.ToValidUTF8(each.Pointer[:maxPointer], "") + "…"
		}
		e.Errors = append(e.Errors, each)
	}
	return e
}

// unfit returns the answer to a request that does not fit its automation.
func unfit(err error) error {
	e, ok := errors.AsType[*automation.RequestError](err)
	switch {
	case errors.Is(err, automation.ErrTooLarge):
		return refuse(http.StatusRequestEntityTooLarge, "the data makes a message that is too large: send less")
	case !ok:
		return refuse(http.StatusUnprocessableEntity, "the data does not fit the automation")
	}
	var found []Misfit
	for _, v := range e.Violations {
		found = append(found, Misfit{v.Field, v.Message})
	}
	return unprocessable(found)
}

// unfitCall returns the answer to a call of a URL webhook that cannot be made.
func unfitCall(err error) error {
	e, ok := errors.AsType[*automation.CallError](err)
	switch {
	case errors.Is(err, automation.ErrCallName):
		return refuse(http.StatusNotFound, e.Message)
	case ok:
		return refuse(http.StatusUnprocessableEntity, e.Message)
	}
	return unfit(err)
}
