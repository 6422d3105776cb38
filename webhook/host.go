package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// Inviter invites people to surveys, for automations that do so: the host's own, or one that sends e-mail.
type Inviter interface {
	// Invite invites one person, or reminds one. It may be called at once from many goroutines, and again with the same
	// Invitation.Run after an attempt whose outcome was lost: do not invite twice for it. It returns when ctx ends at the latest; if
	// not, the attempt has timed out, and the next one may be made while this one still runs.
	//
	// An error that wraps [automation.ErrRefused] fails the run for good, with its text for the account's people to read; after
	// any other it is called again, as the action's policy says, and its text goes to [Options.Log] with the run's id. A panic
	// counts as such an error. E-mail addresses are taken out of both texts; name nobody in them.
	Invite(ctx context.Context, i automation.Invitation) error
}

// Respondents is the host's directory of respondents, for URL webhooks that change it. Of its methods the same holds as of
// [Inviter].
type Respondents interface {
	// UpdateRespondent gives the labels in r to the respondent r.ID of the survey. If that is "", nobody is named: add a respondent
	// with these labels, or do as the host sees fit. A change that could not be made is tried again, perhaps after newer ones of
	// the same respondent: keep what a call with a later r.CalledAt has set.
	UpdateRespondent(ctx context.Context, r automation.Respondent) error
	// AddRespondent adds r.Email, with the labels in r, to the survey's mailing list; one who is on it is updated.
	AddRespondent(ctx context.Context, r automation.Respondent) error
}

// What an automation needs of the host, and does not have.
var (
	ErrNoInviter     = errors.New("nobody invites: set Options.Inviter")
	ErrNoRespondents = errors.New("there is no directory of respondents: set Options.Respondents")
)

// host is what the host supplies for actions, and the log that tells it when one could not be done.
type host struct {
	inviter     Inviter
	respondents Respondents
	log         *slog.Logger
}

// checkHost refuses an automation that the host could not do.
func (d *Dispatcher) checkHost(a automation.Automation) error {
	in := a.Trigger.Incoming
	if in != nil && in.URLWebhooks && d.host.inviter == nil && d.host.respondents == nil {
		return fmt.Errorf("save automation %q: URL webhooks: %w, or Options.Inviter", a.Name, ErrNoRespondents)
	}
	for _, act := range a.Actions {
		if act.Invite != nil && d.host.inviter == nil {
			return fmt.Errorf("save automation %q: action %q: %w", a.Name, act.ID, ErrNoInviter)
		}
	}
	return nil
}

// invite has the host do the invitation that is the message of a run.
func (h host) invite(ctx context.Context, run runs.Run) error {
	if h.inviter == nil {
		return ErrNoInviter
	}
	i, err := decodeMessage[automation.Invitation](run.Message)
	if err != nil {
		return err
	}
	i.Run = run.ID
	return h.inviter.Invite(ctx, i)
}

// update and add have the host do the change that is the message of a run.
func (h host) update(ctx context.Context, run runs.Run) error {
	return h.change(ctx, run, Respondents.UpdateRespondent)
}

func (h host) add(ctx context.Context, run runs.Run) error {
	return h.change(ctx, run, Respondents.AddRespondent)
}

func (h host) change(ctx context.Context, run runs.Run, do func(Respondents, context.Context, automation.Respondent) error) error {
	if h.respondents == nil {
		return ErrNoRespondents
	}
	r, err := decodeMessage[automation.Respondent](run.Message)
	if err != nil {
		return err
	}
	r.Run, r.CalledAt = run.ID, run.CreatedAt
	return do(h.respondents, ctx, r)
}
