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

// sweepOnce goes through all accounts. One that fails does not keep the others from their turn.
func (d *Dispatcher) sweepOnce(ctx context.Context) {
	var failed int
	var last error
	for after := ""; ctx.Err() == nil; {
		accounts, err := d.store.Accounts(ctx, after, sweepAccounts)
		if err != nil {
			failed, last = failed+1, err
			break
		}
		for _, account := range accounts {
			if err := d.sweepAccount(ctx, account); err != nil {
				failed, last = failed+1, err
			}
			after = account
		}
		if len(accounts) < sweepAccounts {
			break
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

// retention returns how long the ended runs of an account are kept.
func (d *Dispatcher) retention(account string) time.Duration {
	if d.options.RetentionOf != nil {
		if own := d.options.RetentionOf(account); own > 0 {
			return own
		}
	}
	return d.options.Retention
}
