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
	victimTask  = "TENTERHOOK_TEST_VICTIM_TASK"  // what it does while it delivers
	victimLife  = "TENTERHOOK_TEST_VICTIM_LIFE"  // the number of its life, from 1
	victimAhead = "TENTERHOOK_TEST_VICTIM_AHEAD" // how far ahead its store's clock is
)

const (
	taskPublish = "publish" // as fast as it can, and print the id of each run after Publish has returned it
	taskDeliver = "deliver" // nothing else
	taskDrain   = "drain"   // exit when nothing waits
)

// victim is the process to be killed.
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
	o := webhook.Options{AllowNetworks: loopback, Log: slog.New(slog.DiscardHandler)}
	if os.Getenv(victimTask) == taskDeliver {
		o.Poll = 20 * time.Millisecond // another process publishes, and nobody wakes this one
	}
	d, err := webhook.NewDispatcher(st, o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	switch os.Getenv(victimTask) {
	case taskPublish:
		err = publishForEver(ctx, d, life)
	case taskDrain:
		err = awaitNothingWaits(ctx, st)
	default:
		err = <-ended // never
	}
	if err != nil {
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

// awaitNothingWaits asks for a single run: counting thousands again and again would take the time of delivering them.
func awaitNothingWaits(ctx context.Context, st store.Store) error {
	waiting := runs.Filter{Statuses: []runs.Status{runs.Scheduled, runs.Running}}
	for {
		page, err := st.List(ctx, waiting, "", 1)
		if err != nil || len(page.Runs) == 0 {
			return err
		}
		<-time.After(20 * time.Millisecond)
	}
}
