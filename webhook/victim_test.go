package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
)

// What tells a victim its task; the first makes the test binary one.
const (
	victimFile  = "TENTERHOOK_TEST_VICTIM"       // the store's file, or the DSN of its database
	victimURL   = "TENTERHOOK_TEST_VICTIM_URL"   // where to send to
	victimTask  = "TENTERHOOK_TEST_VICTIM_TASK"  // what it does while it delivers
	victimLife  = "TENTERHOOK_TEST_VICTIM_LIFE"  // the number of its life, from 1
	victimAhead = "TENTERHOOK_TEST_VICTIM_AHEAD" // how far ahead its store's clock is
)

const (
	taskPublish = "publish" // as fast as it can, and print the id of each run after Publish has returned it
	taskInsist  = "insist"  // as fast as it can, again and again where that fails, and print the id of each event then
	taskDeliver = "deliver" // nothing else
	taskDrain   = "drain"   // exit when nothing waits
	taskServe   = "serve"   // take requests, print the address of a URL webhook, and of each run that it does its id; changes never end
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
	st, err := openVictims(ctx, func() time.Time { return time.Now().Add(ahead) })
	if err != nil {
		return err
	}
	defer st.Close()
	o := webhook.Options{AllowNetworks: loopback, Log: slog.New(slog.DiscardHandler)}
	if task := os.Getenv(victimTask); task == taskDeliver || task == taskInsist {
		o.Poll = 20 * time.Millisecond // another process publishes, and nobody wakes this one
		o.Lease = siegeLease
	}
	o.Respondents, o.Inviter = stuck{}, stuck{}
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
	case taskInsist:
		err = insistForEver(ctx, d)
	case taskDrain:
		err = awaitNothingWaits(ctx, st)
	case taskServe:
		err = serveForEver(ctx, d)
	default:
		err = <-ended // never
	}
	if err != nil {
		return err
	}
	cancel()
	return <-ended
}

// victims is a store that processes share.
type victims interface {
	store.Store
	io.Closer
}

func openVictims(ctx context.Context, now func() time.Time) (victims, error) {
	place := os.Getenv(victimFile)
	if strings.Contains(place, "://") || strings.Contains(place, "=") { // no test's file has that in its name
		var st *postgres.Store
		err := insist(ctx, func(ctx context.Context) (err error) {
			st, err = postgres.Options{Now: now}.Open(ctx, place)
			return err
		})
		return st, err
	}
	return sqlite.Options{Now: now}.Open(ctx, place)
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
