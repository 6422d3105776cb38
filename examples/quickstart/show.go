package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook"
)

// errNothing means that there was nothing to show.
var errNothing = errors.New("no automation listens to any of these events, so no run was made: publish contact.* events, or responses to survey " + survey)

// show makes the automations, publishes evs, and shows what comes of it. It returns nil if all of it went well.
func (h *host) show(ctx context.Context, evs []events.Event, out io.Writer) error {
	saved, err := h.automate(ctx)
	if err != nil {
		return err
	}
	for _, a := range saved {
		fmt.Fprintf(out, "Saved %q (%s): its receiver answered the test.\n", a.Name, a.ID)
	}
	tests := h.receiver.tally()
	h.receiver.fail([]answer{unavailable, unavailable}, []answer{silence})

	began := time.Now()
	created, err := h.Publish(ctx, evs...)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Events published: %d. Runs made: %d.%s\n\n", len(evs), len(created), unheard(evs, created))
	if len(created) == 0 {
		return errNothing
	}
	ended, err := h.watch(ctx, created, newScreen(out, began))
	if err != nil {
		return err
	}
	if ended, err = h.details(ctx, ended); err != nil {
		return err
	}
	retried := mostAttempts(ended)
	reportAttempts(out, retried)
	reportMessage(out, ended)
	wrong := check(ended, tests, h.receiver.tally())
	if wrong == nil {
		wrong = h.replay(ctx, retried, newScreen(out, began), out)
	}
	return errors.Join(wrong, h.reportCounts(ctx, out))
}

// unheard names the types that made no run, a few of them if there are many.
func unheard(evs []events.Event, created []runs.Run) string {
	const few = 5
	heard := map[string]bool{}
	for _, r := range created {
		heard[r.EventType] = true
	}
	var types []string
	for _, ev := range evs {
		if !heard[ev.Type] {
			heard[ev.Type] = true
			types = append(types, printable(ev.Type))
		}
	}
	switch {
	case len(types) == 0:
		return ""
	case len(types) > few:
		types = append(types[:few], fmt.Sprintf("and %d more types", len(types)-few))
	}
	return " Nobody listens to " + strings.Join(types, ", ") + "."
}

// watch shows runs until all of them have ended, and returns them as they are then. There is nothing to subscribe to: a
// host's screen asks the store.
func (h *host) watch(ctx context.Context, list []runs.Run, s screen) ([]runs.Run, error) {
	const page = 500
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	now := newRoll(list)
	for {
		s.show(now.list)
		waiting := now.waiting()
		if len(waiting) == 0 {
			return now.list, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("stopped with runs on their way: %d of %d", len(waiting), len(list))
		case <-tick.C:
		}
		for len(waiting) > 0 {
			ids := waiting[:min(page, len(waiting))]
			waiting = waiting[len(ids):]
			found, err := h.store.List(ctx, runs.Filter{Account: account, IDs: ids}, "", len(ids))
			if err != nil && ctx.Err() == nil {
				return nil, err
			}
			now.update(found.Runs)
		}
	}
}

// replay sends a run again, as a person does who presses a button, and shows that it is the same message.
func (h *host) replay(ctx context.Context, r runs.Run, s screen, out io.Writer) error {
	before := h.receiver.tally().messages[r.ID]
	fmt.Fprintf(out, "\nReplayed %s:\n\n", r.ID)
	_, err := h.Replay(ctx, runs.Filter{Account: account, IDs: []string{r.ID}}, webhook.ReplayOptions{})
	if err != nil {
		return err
	}
	r.Status, r.Tries = runs.Scheduled, 0
	if _, err := h.watch(ctx, []runs.Run{r}, s); err != nil {
		return err
	}
	after := h.receiver.tally().messages[r.ID]
	if after.accepted == before.accepted {
		return fmt.Errorf("replay run %s: it did not arrive again under its webhook-id", r.ID)
	}
	fmt.Fprintf(out, "\nIt arrived again under the same webhook-id: request %d with it, verified like those before.\n", after.requests)
	return nil
}
