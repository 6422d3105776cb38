package webhook

import (
	"context"
	"net/http"
	"strings"

	"github.com/tenterhook/tenterhook/automation"
)

type receiver struct{ *door }

// NewReceiver returns the handler for incoming automations, to be mounted under any path of a mux: the last element of a
// request's path is the automation's id, and after it there may be "/test". It runs in the requests' own goroutines; its runs are
// done by a dispatcher that runs, in this process or another.
//
// A request is a POST of JSON or a form, or a GET with a query, with an API key in X-API-Key, in Authorization as a bearer token, or
// in the query as api_key where the automation takes it there; or signed under one of its schemes. It is answered in JSON:
//
//	202 {"status":"accepted","run":"run_…"}, "runs" where there are several, or {"status":"skipped"} where the filter does not pass
//	400 it cannot be read, or shows two keys
//	401 key or signature is wrong, or there is no such automation: one answer to all
//	405 its method does nothing, as HEAD
//	408 it came too slowly
//	409 the automation is disabled
//	413 it is too large
//	415 its type is not taken
//	422 data does not fit: errors has JSON pointers
//	429 too many failures: see Retry-After
//	503 it may be lost: send it again
//
// A refusal is a problem of RFC 9457, repeats no value of the request, and, but for a 503, has created nothing.
//
// With a key, the id of a request is its Idempotency-Key, else its webhook-id; without either it is a request of its own. A signed
// one is known by its webhook-id where that is signed, else by its body: a header that no signature covers says nothing. As long
// as its run is kept, another request with the same id makes no run and, where it is taken, gets the same answer, whatever else
// it holds: after a 503 or no answer, send it again.
//
// With "/test" nobody is invited, and the automation may be disabled: the answer, [Tested], says what each field became and
// whether the filter passes, with the status that the request itself would be refused with or 200, and is kept with the key.
func NewReceiver(d *Dispatcher, o ReceiverOptions) http.Handler { return &receiver{newDoor(d, o)} }

// ServeHTTP answers one request.
func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rc.in.begin(w, r)
	to := addresseeOf(r.URL.Path)
	a, err := rc.serve(w, r, to)
	if err != nil {
		rc.left(r, to.id, err).write(w)
		return
	}
	writeJSON(w, a.status, jsonContent, a.body)
}

// answer is that to a request that is not refused.
type answer struct {
	status int
	body   any
}

// maxID bounds an automation's id: a longer one is nobody's.
const maxID = 128

// addressee is whom a request is for.
type addressee struct {
	id   string // the automation's
	test bool   // nothing is to happen
}

func addresseeOf(path string) addressee {
	path, test := strings.CutSuffix(path, "/test")
	id := path[strings.LastIndexByte(path, '/')+1:]
	if len(id) > maxID {
		id = ""
	}
	return addressee{id, test}
}

func (rc *receiver) serve(w http.ResponseWriter, r *http.Request, to addressee) (answer, error) {
	if err := rc.enter(r); err != nil {
		return answer{}, err
	}
	s, err := rc.d.config.fresh(r.Context(), "")
	if err != nil {
		return answer{}, unavailable("the automations cannot be read now: send it again", err)
	}
	in, err := s.entrance(to.id)
	if err != nil {
		return answer{}, unavailable("not all automations can be read now: send it again", err)
	}
	who, body, release, err := rc.identify(w, r, to.id, in)
	if err != nil {
		return answer{}, err
	}
	defer release()
	rc.note(r.Context(), who)
	request, err := who.content(r, body)
	if err == nil {
		request.ID, err = who.requestID(r.Header)
	}
	switch {
	case to.test:
		return rc.test(r.Context(), who, trial{in.taker, request, err})
	case err != nil:
		return answer{}, err
	}
	return rc.take(r.Context(), in, request)
}

// accepted is the answer to a request that was taken.
type accepted struct {
	Status string   `json:"status"`
	Run    string   `json:"run,omitempty"`
	Runs   []string `json:"runs,omitempty"`
}

func (rc *receiver) take(ctx context.Context, to *entrance, r automation.Request) (answer, error) {
	a := to.automation
	if !a.Enabled() && !a.RecordDisabled {
		return answer{}, refuse(http.StatusConflict, "the automation is disabled: enable it, and send it again")
	}
	in, err := to.taker.Take(r)
	if err != nil {
		return answer{}, unfit(err)
	}
	if in.Unmet != "" {
		rc.log.Debug("request skipped", "automation", a.ID, "unmet", in.Unmet)
		return answer{http.StatusAccepted, accepted{Status: "skipped"}}, nil
	}
	if _, err := rc.d.accept(ctx, in.Runs); err != nil {
		return answer{}, err
	}
	taken := accepted{Status: "accepted"}
	for _, p := range in.Runs {
		taken.Runs = append(taken.Runs, p.Run.ID)
	}
	if len(taken.Runs) == 1 {
		taken.Run, taken.Runs = taken.Runs[0], nil
	}
	rc.log.Debug("request accepted", "automation", a.ID, "runs", len(in.Runs))
	return answer{http.StatusAccepted, taken}, nil
}
