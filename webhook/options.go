package webhook

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/notify"
)

// Options configures a [Dispatcher]; the zero Options are ready for the public Internet.
type Options struct {
	// Workers is how many attempts may be under way at once. One that takes longer than a tenth of a second no longer counts:
	// up to eight times as many may linger beside them, waiting for slow endpoints; default: 64.
	Workers int
	// Buffer bounds the runs in memory that wait for a worker, at least as many as Workers; default: 10,000.
	Buffer int
	// Lease is how long a run belongs to this process, 40 s at least, so that no attempt outlasts it; default: 1 min.
	Lease time.Duration
	// Poll bounds the wait before looking for what other processes did, where the store cannot tell ([store.Waiter]) or
	// failed to; default: 5 s.
	Poll time.Duration
	// Refresh is how old what this process knows of the automations may be when an event is published, and so how soon it
	// heeds what others saved. Without events, the store is asked for them only when they were changed; default: 1 s.
	Refresh time.Duration
	// Retention is how long ended runs are kept after their creation, keys after their end, and a test request after it came;
	// default: 14 days.
	Retention time.Duration
	// RetentionOf returns how long that is for an account, 0 meaning Retention. It is asked at each sweep, so it should know at
	// once; default: Retention for all.
	RetentionOf func(account string) time.Duration
	// Drain bounds the wait for attempts under way when Run ends; what is cut short then is sent again; default: 30 s.
	Drain time.Duration

	// AllowNetworks are networks that may be reached although they are not public, such as 127.0.0.0/8 in a test. It is the
	// host's decision and must never come from a customer; default: none.
	AllowNetworks []netip.Prefix
	// AllowPorts are ports that may be reached beyond 80, 443 and those from 1024 up that no well-known internal service
	// uses; default: none.
	AllowPorts []uint16

	// Catalogue lists the event types whose samples and variables are known; default: [events.Standard].
	Catalogue *events.Catalogue
	// Variables returns the variables of a survey of an account, for automations that name some, and for labels. It is called
	// when an automation is saved or tested, and when labels are read or set; default: none are known, and what names one is
	// refused.
	Variables func(ctx context.Context, account, survey string) ([]labels.Variable, error)
	// Inviter invites people, for incoming automations that do; default: none, and such an automation is refused. Where several
	// processes share a store, each needs it, and Respondents, as any of them may do what another took in.
	Inviter Inviter
	// Respondents is the directory that URL webhooks change; default: none, and such calls are refused.
	Respondents Respondents
	// Notifier is told when automations fail, are disabled and recover; default: a line in Log.
	Notifier notify.Notifier
	// Log gets what happens, without messages, secrets, names or addresses of people; default: [slog.Default].
	Log *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	o.Workers = cmp.Or(o.Workers, 64)
	o.Buffer = cmp.Or(o.Buffer, 10_000)
	o.Lease = cmp.Or(o.Lease, time.Minute)
	o.Poll = cmp.Or(o.Poll, 5*time.Second)
	o.Refresh = cmp.Or(o.Refresh, time.Second)
	o.Retention = cmp.Or(o.Retention, 14*24*time.Hour)
	o.Drain = cmp.Or(o.Drain, 30*time.Second)
	if o.Catalogue == nil {
		o.Catalogue = events.Standard()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Notifier == nil {
		o.Notifier = notify.Slog(o.Log)
	}
	switch {
	case o.Workers < 1 || o.Buffer < o.Workers:
		return o, fmt.Errorf("make dispatcher: %d workers and a buffer of %d runs: use at least one worker, and a buffer no smaller than the workers", o.Workers, o.Buffer)
	case o.Lease < minLease:
		return o, fmt.Errorf("make dispatcher: a lease of %v is shorter than an attempt may take: use at least %v", o.Lease, minLease)
	case o.Poll < 0 || o.Refresh < 0 || o.Retention < 0 || o.Drain < 0:
		return o, fmt.Errorf("make dispatcher: a negative duration: use a positive one, or 0 for the default")
	}
	return o, nil
}

const (
	// leaseMargin is what a lease must have left, beyond the attempt's timeout, for an attempt to begin: time to settle it.
	leaseMargin = 5 * time.Second
	// minLease leaves as much again for the wait for a worker: a run that never finds one in time is never sent.
	minLease = automation.MaxTimeout + 2*leaseMargin
)
