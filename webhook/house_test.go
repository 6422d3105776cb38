package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook"
)

// guests are a host's inviter and its directory of respondents, which remember what they were told.
type guests struct {
	mu      sync.Mutex
	answer  func(run string) error // default: nil
	invited []automation.Invitation
	changed []automation.Respondent
}

// Invite implements [webhook.Inviter].
func (g *guests) Invite(_ context.Context, i automation.Invitation) error {
	g.mu.Lock()
	g.invited = append(g.invited, i)
	g.mu.Unlock()
	return g.reply(i.Run)
}

// UpdateRespondent implements [webhook.Respondents].
func (g *guests) UpdateRespondent(_ context.Context, r automation.Respondent) error {
	g.mu.Lock()
	g.changed = append(g.changed, r)
	g.mu.Unlock()
	return g.reply(r.Run)
}

// AddRespondent implements [webhook.Respondents].
func (g *guests) AddRespondent(ctx context.Context, r automation.Respondent) error {
	return g.UpdateRespondent(ctx, r)
}

// say has them answer so from now on.
func (g *guests) say(answer func(run string) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer = answer
}

func (g *guests) reply(run string) error {
	g.mu.Lock()
	answer := g.answer
	g.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer(run)
}

func (g *guests) invitations() []automation.Invitation {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.invited
}

func (g *guests) changes() []automation.Respondent {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changed
}

// inviting returns an automation that invites whom data names.
func inviting() automation.Automation {
	return automation.Automation{
		Account: account, Name: "Invite customers",
		Trigger: automation.Trigger{Survey: "sur_1", Incoming: &automation.Incoming{Fields: []automation.Field{
			{Name: "email", Type: automation.TypeEmail, Required: true},
			{Name: "name", Type: automation.TypeText},
			{Name: "score", Type: automation.TypeNumber},
		}}},
		Actions: []automation.Action{{Invite: &automation.Invite{Recipient: "email", FirstName: "name", Template: automation.Template{ID: "tpl_1"}}}},
	}
}

// house is a host with receivers, whose door is on loopback.
type house struct {
	*testing.T
	*httptest.Server
	*guests
	d   *webhook.Dispatcher
	st  store.Store
	log *logbook
}

// logbook keeps what is logged, all of it.
type logbook struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements [io.Writer].
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

// String returns what was logged.
func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func newHouse(t *testing.T, st store.Store, o webhook.ReceiverOptions) *house {
	t.Helper()
	h := &house{T: t, guests: &guests{}, st: st, log: &logbook{}}
	h.d = dispatch(t, st, webhook.Options{
		Inviter: h.guests, Respondents: h.guests,
		Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	mux := http.NewServeMux()
	mux.Handle("/in/", webhook.NewReceiver(h.d, o))
	mux.Handle("/webhooks/", webhook.NewURLReceiver(h.d, o))
	h.Server = httptest.NewUnstartedServer(mux)
	h.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(h.log, nil), slog.LevelError)
	h.Start()
	t.Cleanup(h.Close)
	return h
}

// open saves an automation and returns it with the text of a key.
func (h *house) open(a automation.Automation) (automation.Automation, string) {
	h.Helper()
	a = save(h.T, h.d, a)
	key, _, err := h.d.IssueKey(h.Context(), a.Account, a.ID, "a sender")
	if err != nil {
		h.Fatal(err)
	}
	return a, key.Reveal()
}

// reply is what a request was answered.
type reply struct {
	Status int
	Header http.Header
	Body   string
}

// call is a request in the making; its method is POST unless it has no body.
type call struct {
	method string
	path   string
	header map[string]string
	body   string
}

func jsonCall(path, key, body string) call {
	return call{path: path, header: map[string]string{"X-Api-Key": key, "Content-Type": "application/json"}, body: body}
}

func (h *house) send(c call) reply {
	h.Helper()
	method := c.method
	if method == "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(h.Context(), method, h.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		h.Fatal(err)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	return h.do(r)
}

func (h *house) do(r *http.Request) reply {
	h.Helper()
	resp, err := h.Client().Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	resp.Header.Del("Date")
	return reply{resp.StatusCode, resp.Header, string(body)}
}

// runs returns the ids that an accepting answer names.
func (r reply) runs(t testing.TB) []string {
	t.Helper()
	var a struct {
		Status string
		Run    string
		Runs   []string
	}
	if err := json.Unmarshal([]byte(r.Body), &a); err != nil || r.Status != http.StatusAccepted || a.Status != "accepted" {
		t.Fatalf("answered %d %s: %v", r.Status, r.Body, err)
	}
	if a.Run != "" {
		a.Runs = append(a.Runs, a.Run)
	}
	return a.Runs
}

func (h *house) total() int {
	h.Helper()
	counts, err := h.st.Count(h.Context(), runs.Filter{})
	if err != nil {
		h.Fatal(err)
	}
	n := 0
	for _, each := range counts {
		n += each
	}
	return n
}
