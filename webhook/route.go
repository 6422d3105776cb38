package webhook

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// route is an action as it is needed for each attempt.
type route struct {
	timeout time.Duration
	retry   runs.Policy
	// do makes one attempt, and notes in a what came of it.
	do func(ctx context.Context, c sender, r runs.Run, a *runs.Attempt)
}

const defaultTimeout = 10 * time.Second

// routes returns those of an automation, by action.
func (h host) routes(a automation.Automation) map[string]*route {
	found := map[string]*route{}
	for _, act := range a.Actions {
		r := h.route(act)
		if r == nil {
			continue
		}
		found[act.ID] = r
		if act.Invite != nil {
			found[act.ID+automation.ReminderSuffix] = r
		}
	}
	if a.Trigger.Incoming == nil || !a.Trigger.Incoming.URLWebhooks {
		return found
	}
	found[string(automation.UpdateRespondent)] = h.handing(automation.Invite{}, h.update)
	found[string(automation.AddRespondent)] = h.handing(automation.Invite{}, h.add)
	invite := h.handing(automation.Invite{}, h.invite)
	found[string(automation.SendInvitation)] = invite
	found[string(automation.SendInvitation)+automation.ReminderSuffix] = invite
	found[string(automation.SendInvitationToToken)] = invite
	return found
}

// route returns that of one action; nil for one that no run can be done of, such as one that only a later version knows.
func (h host) route(act automation.Action) *route {
	switch {
	case act.Push != nil:
		if r, err := pushing(*act.Push); err == nil { // else no run of it can be signed
			return r
		}
	case act.Invite != nil:
		return h.handing(*act.Invite, h.invite)
	}
	return nil
}

// attempt does a run once and returns what came of it. A panic on the way is an attempt that failed: the worker lives.
func (r *route) attempt(ctx context.Context, c sender, run runs.Run) (a runs.Attempt) {
	a = runs.Attempt{At: time.Now(), Replay: run.Replays}
	defer func() {
		if p := recover(); p != nil {
			a.Class, a.Detail = runs.ClassInternal, fmt.Sprintf("the sender failed on this run: %.200q", fmt.Sprint(p))
		}
		a.Duration = time.Since(a.At)
	}()
	r.do(ctx, c, run, &a)
	return a
}

// pushing returns the route of a push.
func pushing(p automation.Push) (*route, error) {
	seal, err := signature.NewSeal(p.Schemes, p.Secrets...)
	if err != nil {
		return nil, err
	}
	always := http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {"Tenterhook/1 (+https://www.standardwebhooks.com)"},
	}
	for name, value := range p.Headers {
		always.Set(name, value)
	}
	r := &route{timeout: cmp.Or(p.Timeout, defaultTimeout), retry: p.Retry}
	r.do = func(ctx context.Context, c sender, run runs.Run, a *runs.Attempt) {
		a.URL = p.URLFor(run)
		header := always.Clone()
		if err := seal.Set(header, run.ID, a.At, run.Message); err != nil {
			a.Class, a.Detail = runs.ClassInternal, err.Error()
			return
		}
		post(ctx, c, egress.Request{URL: a.URL, Header: header, Body: run.Message, Timeout: r.timeout}, a)
	}
	return r, nil
}
