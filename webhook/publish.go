package webhook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// Publish takes in events and returns the runs that they made, all or none; no automation matching is no error. Once it
// returns, the runs are kept whatever dies.
//
// An event without an id gets one, and one without a creation time the present. After an error it is unknown whether the
// runs exist: publish the same events again, with ids of your own, and they are made once. An event may be refused as
// [automation.ErrIncomplete], [automation.ErrMalformed] or [automation.ErrTooLarge]. Its data is not checked against the
// schema of its type: that is for [events.Catalogue.Validate].
func (d *Dispatcher) Publish(ctx context.Context, evs ...events.Event) ([]runs.Run, error) {
	entries, err := d.plan(ctx, evs)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	created, err := d.create(ctx, entries)
	if err != nil {
		return nil, fmt.Errorf("publish events: %w", err)
	}
	return created, nil
}

// create makes the runs of entries, and does at once what can be done at once.
func (d *Dispatcher) create(ctx context.Context, entries []store.Entry) ([]runs.Run, error) {
	for i := range entries {
		if e := &entries[i]; e.Delay == 0 && e.Run.Held == "" && d.lanes.reserve(e.Run.Automation) {
			e.Lease = d.options.Lease
		}
	}
	until := time.Now().Add(d.options.Lease)
	created, err := d.store.Publish(ctx, entries)
	d.handOver(entries, created, until)
	return created, err
}

// PublishTo takes in events through a publisher of the store's, such as one within a transaction of the host's, which the
// method Within of store/sqlite and of store/postgres returns: the runs exist exactly if that commits. Call
// [Dispatcher.Wake] after it has.
func (d *Dispatcher) PublishTo(ctx context.Context, p store.Publisher, evs ...events.Event) ([]runs.Run, error) {
	entries, err := d.plan(ctx, evs)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	created, err := p.Publish(ctx, entries)
	if err != nil {
		return nil, fmt.Errorf("publish events: %w", err)
	}
	return created, nil
}

// handOver gives the runs that were created as leased to their lanes, returns the places of those that were not, and
// wakes the claimer for the rest, but for those that nobody may send now.
func (d *Dispatcher) handOver(entries []store.Entry, created []runs.Run, until time.Time) {
	var room [1]job // most events make one run
	mine, rest := room[:0], false
	for _, e := range entries {
		made := len(created) > 0 && created[0].ID == e.Run.ID
		switch {
		case made && e.Lease > 0:
			mine = append(mine, job{run: created[0], until: until})
		case e.Lease > 0:
			d.lanes.unreserve(e.Run.Automation)
		case !d.paused(e.Run.Automation):
			rest = true
		}
		if made {
			created = created[1:]
		}
	}
	d.giveBack(d.lanes.add(mine, true))
	if rest {
		d.Wake()
	}
}

// giveBack returns runs that were leased and cannot be sent now. If the store refuses, they come round with their lease.
func (d *Dispatcher) giveBack(jobs []job) {
	if len(jobs) == 0 {
		return
	}
	if _, err := d.settleOnce(context.Background(), backs(jobs)); err != nil {
		d.options.Log.Error("give back failed", "error", err)
	}
	d.Wake()
}

// plan turns events into entries for a store.
func (d *Dispatcher) plan(ctx context.Context, evs []events.Event) ([]store.Entry, error) {
	var entries []store.Entry
	for _, ev := range evs {
		s, err := d.config.fresh(ctx, ev.Account.ID)
		if err != nil {
			return nil, err
		}
		now := time.Now()
		if ev.ID == "" {
			ev.ID = drawID(automation.EventPrefix, now)
		}
		if ev.CreatedAt.IsZero() {
			ev.CreatedAt = events.At(now.UTC().Truncate(time.Second))
		}
		planned, err := automation.Plan(ev, s.byAccount[ev.Account.ID], s.labels[surveyKey{ev.Account.ID, ev.SurveyID()}])
		if err != nil {
			return nil, fmt.Errorf("plan event: %w", err)
		}
		entries = slices.Grow(entries, len(planned))
		for _, p := range planned {
			entries = append(entries, store.Entry{Planned: p})
		}
	}
	return entries, nil
}
