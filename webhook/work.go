package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// work does jobs until lanes are closed, or one of them lingered and it was replaced. What is under way when they are
// closed is finished, unless ctx cuts it short.
func (d *Dispatcher) work(ctx context.Context, c sender) {
	ctx, cancel := context.WithCancel(ctx) // of its own: attempts of all workers would meet at the lock of one
	defer cancel()
	var p place
	for !p.lingers {
		j, ok := d.lanes.next(&p)
		if !ok {
			return
		}
		res := d.do(ctx, c, j)
		if d.lanes.done(j, &p, res.Attempt) {
			d.Wake()
		}
		d.outcomes <- store.Outcome{Result: res, Automation: j.run.Automation}
	}
}

// do makes one attempt of a job and returns its result, or gives the run back when it cannot be sent now.
func (d *Dispatcher) do(ctx context.Context, c sender, j job) runs.Result {
	a, r, err := d.route(ctx, j.run)
	switch {
	case err != nil:
		d.options.Log.Error("route failed", "run", j.run.ID, "error", err)
		return runs.GiveBack(j.run, maxPause)
	case a.ID != "" && !a.Enabled():
		return runs.GiveBack(j.run, 0) // held by the store, as its automation is
	case r == nil:
		gone := runs.Attempt{At: time.Now(), URL: j.run.URL, Class: runs.ClassRemoved, Replay: j.run.Replays,
			Detail: "the automation or its action was deleted before this run was sent"}
		return runs.Decide(j.run, gone, runs.Policy{})
	case time.Until(j.until) < r.timeout+leaseMargin:
		return runs.GiveBack(j.run, 0) // it waited here too long: whoever claims it has a whole lease
	}
	attempt := r.attempt(ctx, c, j.run)
	if ctx.Err() != nil && !attempt.OK() && attempt.StatusCode == 0 {
		return runs.GiveBack(j.run, 0) // cut short by shutdown: says nothing of the endpoint
	}
	return runs.Decide(j.run, attempt, r.retry)
}

// route returns the automation and route of a run as they are now; no route when they are gone.
func (d *Dispatcher) route(ctx context.Context, r runs.Run) (automation.Automation, *route, error) {
	key := routeKey{r.Automation, r.Action}
	s := d.config.current.Load()
	if s.routes[key] == nil || !s.enabled(r.Automation) { // another process may have made or enabled it since
		var err error
		if s, err = d.config.refresh(ctx, r.Account); err != nil {
			return automation.Automation{}, nil, err
		}
	}
	return s.byID[r.Automation], s.routes[key], nil
}

// post sends a request and notes in a what came of it.
func post(ctx context.Context, c sender, r egress.Request, a *runs.Attempt) {
	resp, err := c.Post(ctx, r)
	if err != nil {
		a.Class, a.Detail = classOf(err), err.Error()
		return
	}
	a.StatusCode, a.Body, a.Truncated = resp.Status, resp.Body, resp.Truncated || resp.BodyErr != nil
	a.Header = resp.Header
	delete(a.Header, "Set-Cookie") // a session of somebody's
	if a.Class = runs.ClassOf(resp.Status); a.Class != "" {
		a.Detail = fmt.Sprintf("the endpoint answered %d; it has to answer 2xx", resp.Status)
	}
}

// classOf names what kept a request from being answered.
func classOf(err error) runs.Class {
	for _, each := range []struct {
		err   error
		class runs.Class
	}{
		{egress.ErrTimeout, runs.ClassTimeout},
		{egress.ErrConnect, runs.ClassConnect},
		{egress.ErrDNS, runs.ClassDNS},
		{egress.ErrTLS, runs.ClassTLS},
		{egress.ErrProtocol, runs.ClassProtocol},
		{egress.ErrAddress, runs.ClassAddress},
		{egress.ErrPort, runs.ClassPort},
		{egress.ErrURL, runs.ClassURL},
	} {
		if errors.Is(err, each.err) {
			return each.class
		}
	}
	return runs.ClassInternal
}
