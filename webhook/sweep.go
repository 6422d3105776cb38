package webhook

import (
	"context"
	"time"
)

const (
	sweepEvery    = 10 * time.Minute // a small part of any retention; each costs one look, and one for each account
	sweepAccounts = 100
	sweepStep     = 200 // runs looked at, and at most removed, at a time, so that deliveries get the store in between
)

// sweep removes what is past its retention until ctx ends.
func (d *Dispatcher) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		d.sweepOnce(ctx)
		d.lanes.trim()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sweepOnce goes through all accounts, those with runs and those with keys. One that fails does not keep the others from their turn.
func (d *Dispatcher) sweepOnce(ctx context.Context) {
	var failed int
	var last error
	note := func(err error) {
		if err != nil {
			failed, last = failed+1, err
		}
	}
	for after := ""; ctx.Err() == nil; {
		accounts, err := d.store.Accounts(ctx, after, sweepAccounts)
		note(err)
		for _, account := range accounts {
			note(d.sweepAccount(ctx, account))
			after = account
		}
		if len(accounts) < sweepAccounts {
			break
		}
	}
	if s, err := d.config.fresh(ctx, ""); err != nil {
		note(err)
	} else {
		for account, ids := range s.takers() {
			_, err := d.store.PruneKeys(ctx, account, ids, d.retention(account))
			note(err)
		}
	}
	if failed > 0 && ctx.Err() == nil {
		d.options.Log.Error("prune failed", "times", failed, "error", last)
	}
}

func (d *Dispatcher) sweepAccount(ctx context.Context, account string) error {
	for after := int64(0); ; {
		step, err := d.store.Prune(ctx, account, d.retention(account), after, sweepStep)
		if err != nil || step.Done {
			return err
		}
		after = step.Last
	}
}

// takers returns the automations that have keys, by account.
func (s *snapshot) takers() map[string][]string {
	found := map[string][]string{}
	for id, a := range s.byID {
		if a.Trigger.Incoming != nil {
			found[a.Account] = append(found[a.Account], id)
		}
	}
	return found
}

// retention returns how long the ended runs of an account are kept, and what its keys remember.
func (d *Dispatcher) retention(account string) time.Duration {
	if d.options.RetentionOf != nil {
		if own := d.options.RetentionOf(account); own > 0 {
			return own
		}
	}
	return d.options.Retention
}
