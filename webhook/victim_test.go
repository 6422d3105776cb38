package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
)

// What tells a victim its task; the first makes the test binary one.
const (
	victimFile  = "TENTERHOOK_TEST_VICTIM"       // the store's file
	victimURL   = "TENTERHOOK_TEST_VICTIM_URL"   // where to send to
	victimLife  = "TENTERHOOK_TEST_VICTIM_LIFE"  // the number of its life, from 1; 0: only drain, then exit
	victimAhead = "TENTERHOOK_TEST_VICTIM_AHEAD" // how far ahead its store's clock is
)

// victim is the process to be killed: it delivers and, in all lives but the last, publishes as fast as it can and prints
// the id of each run after Publish has returned it.
func victim() (code int) {
	if err := liveVictim(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func liveVictim(ctx context.Context) error {
	ahead, err1 := time.ParseDuration(os.Getenv(victimAhead))
	life, err2 := strconv.Atoi(os.Getenv(victimLife))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	st, err := sqlite.Options{Now: func() time.Time { return time.Now().Add(ahead) }}.Open(ctx, os.Getenv(victimFile))
	if err != nil {
		return err
	}
	defer st.Close()
	d, err := webhook.NewDispatcher(st, webhook.Options{AllowNetworks: loopback, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	if life > 0 {
		if err := publishForEver(ctx, d, life); err != nil {
			return err
		}
	}
	if err := awaitNothingWaits(ctx, st); err != nil {
		return err
	}
	cancel()
	return <-ended
}

// publishForEver returns only with an error.
func publishForEver(ctx context.Context, d *webhook.Dispatcher, life int) error {
	if list, err := d.Automations(ctx, account); err != nil || len(list) == 0 {
		if _, err := d.Save(ctx, pushTo(os.Getenv(victimURL)), webhook.SaveOptions{Untested: true}); err != nil {
			return err
		}
	}
	const publishers = 8
	var number atomic.Int64
	var all sync.WaitGroup
	errs := make(chan error, publishers)
	for range publishers {
		all.Go(func() {
			for {
				ev := tag("VIP")
				ev.ID = fmt.Sprintf("evt_%d_%d", life, number.Add(1))
				created, err := d.Publish(ctx, ev)
				if err != nil || len(created) != 1 {
					errs <- fmt.Errorf("publish %s: %d runs, %w", ev.ID, len(created), err)
					return
				}
				fmt.Println(created[0].ID) // one write
			}
		})
	}
	all.Wait()
	return <-errs
}

func awaitNothingWaits(ctx context.Context, st store.Store) error {
	for {
		c, err := st.Count(ctx, runs.Filter{})
		if err != nil || c[runs.Scheduled]+c[runs.Running] == 0 {
			return err
		}
		<-time.After(20 * time.Millisecond)
	}
}
