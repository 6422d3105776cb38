package webhook

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

type urlReceiver struct{ *door }

// NewURLReceiver returns the handler for URL webhooks, to be mounted under any path of a mux: the last elements of a request's
// path are id_account, webhook_key, webhook_auth and webhook_name. Parameters stand in the query, or in the form of a POST.
//
// Update-respondent and add-respondent are done when they are answered; one that could not be done is tried again, as any
// run is, though the answer is an error. Send-invitation and send-invitation-to-token are done later. The answer to all is
// {"type":"success","msg":"…"} or {"type":"error","msg":"…"}, with a status to match. With an Idempotency-Key or webhook-id a call
// is done once, as long as its run is kept, and one that says something else under the same id is refused.
//
// Credentials are never logged here: see that no proxy or access log keeps the paths. Failures at one address are those with the
// credentials of one account.
func NewURLReceiver(d *Dispatcher, o ReceiverOptions) http.Handler {
	return &urlReceiver{newDoor(d, o)}
}

// ServeHTTP answers one request.
func (u *urlReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.in.begin(w, r)
	to, ok := parseURLPath(r.URL.EscapedPath())
	status, said := http.StatusOK, urlAnswer{Type: "success"}
	var err error = badURLCredentials()
	if ok {
		said.Msg, err = u.serve(w, r, to)
	}
	if err != nil {
		e := u.left(r, to.account, err)
		e.setHeader(w.Header())
		status, said = e.Status, urlAnswer{"error", e.Detail}
	}
	writeJSON(w, status, jsonContent, said)
}

type urlAnswer struct {
	Type string `json:"type"`
	Msg  string `json:"msg"`
}

// badURLCredentials is the one answer to wrong credentials. Its challenge has a name of its own, as there has to be one (RFC 9110,
// section 15.5.2), and none of the registered ones asks for credentials in the path.
func badURLCredentials() *refusal {
	e := refuse(http.StatusUnauthorized, "the account, webhook_key or webhook_auth is wrong: check the address")
	e.header = http.Header{"Www-Authenticate": {`URL realm="webhooks"`}}
	return e
}

// urlPath is what the path of a URL webhook says.
type urlPath struct{ account, key, auth, name string }

// parseURLPath reads the last four elements of an escaped path; false when they are not there, or are no texts.
func parseURLPath(escaped string) (urlPath, bool) {
	parts := strings.Split(escaped, "/")
	if len(parts) < 4 {
		return urlPath{}, false
	}
	var texts [4]string
	for i, part := range parts[len(parts)-4:] {
		text, err := url.PathUnescape(part)
		if err != nil || text == "" || len(text) > maxID {
			return urlPath{}, false
		}
		texts[i] = text
	}
	return urlPath{texts[0], texts[1], texts[2], texts[3]}, true
}

func (u *urlReceiver) serve(w http.ResponseWriter, r *http.Request, to urlPath) (string, error) {
	if err := u.enter(r); err != nil {
		return "", err
	}
	s, err := u.d.config.fresh(r.Context(), to.account)
	if err != nil {
		return "", unavailable("the automations cannot be read now: send it again", err)
	}
	a := s.urlWebhooks(to.account)
	key, ok, err := u.authority.keys.find(r.Context(), a, hashKey(to.key, to.auth))
	if err != nil {
		return "", unavailable("the credentials cannot be read now: send it again", err)
	}
	if !ok {
		return "", badURLCredentials()
	}
	who := identity{key: key}
	u.note(r.Context(), who)
	values, err := u.values(w, r, to.account)
	if err != nil {
		return "", err
	}
	id, err := who.requestID(r.Header)
	if err != nil {
		return "", err
	}
	return u.call(r.Context(), a, to.name, automation.Request{ID: id, Values: values})
}

// values returns the parameters of the query and of the form.
func (u *urlReceiver) values(w http.ResponseWriter, r *http.Request, account string) (url.Values, error) {
	values, err := parameters(r.URL.RawQuery)
	if err != nil || r.Method == http.MethodGet {
		return values, err
	}
	body, release, err := u.in.read(w, r, account)
	if err != nil {
		return nil, err
	}
	defer release()
	if len(body) == 0 {
		return values, nil
	}
	if err := checkCoding(r.Header); err != nil {
		return nil, err
	}
	if kind, err := mediaType(r.Header); err != nil || kind != formContent {
		e := refuse(http.StatusUnsupportedMediaType, "the content type is not taken: send a query, or "+formContent+" in UTF-8")
		e.header = http.Header{"Accept": {formContent}}
		return nil, e
	}
	form, err := parameters(string(body))
	for name, list := range form {
		values[name] = append(values[name], list...)
	}
	return values, err
}

func (u *urlReceiver) call(ctx context.Context, a automation.Automation, name string, r automation.Request) (string, error) {
	c, err := automation.ParseCall(a.Account, name, r.Values)
	if err != nil {
		return "", unfitCall(err)
	}
	if err := u.d.host.can(c.Name); err != nil {
		return "", refuse(http.StatusNotImplemented, "the service does not offer this webhook")
	}
	if !a.Enabled() && (!a.RecordDisabled || changes(c.Name)) {
		return "", refuse(http.StatusConflict, "the URL webhooks of this account are disabled: enable them")
	}
	planned, err := a.PlanCall(r.ID, c)
	if err != nil {
		return "", unfitCall(err)
	}
	u.log.Debug("URL webhook called", "automation", a.ID, "name", c.Name)
	if changes(c.Name) {
		return c.Name.Success(), u.d.doNow(ctx, planned[0].Run)
	}
	return c.Name.Success(), u.d.acceptCall(ctx, planned)
}

// changes tells whether a call changes the directory, which its caller waits for.
func changes(name automation.CallName) bool {
	return name == automation.UpdateRespondent || name == automation.AddRespondent
}

// can returns what is missing for a call.
func (h host) can(name automation.CallName) error {
	switch {
	case changes(name) && h.respondents == nil:
		return ErrNoRespondents
	case !changes(name) && h.inviter == nil:
		return ErrNoInviter
	}
	return nil
}

// notDone is the answer to a call whose run has not succeeded.
func notDone(a runs.Attempt, s runs.Status) *refusal {
	if s == runs.Failed {
		return refuse(http.StatusUnprocessableEntity, a.Detail)
	}
	return refuse(http.StatusServiceUnavailable, fmt.Sprintf("it has not been done yet, and is tried again: %s", a.Detail))
}
