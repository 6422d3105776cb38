package webhook_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/webhook"
)

// statements are what the connections of a pool asked their server, in order.
type statements struct {
	mu   sync.Mutex
	all  []string
	more chan struct{} // gets something when there are more, unless it has
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, data.SQL)
	select {
	case s.more <- struct{}{}:
	default:
	}
	return ctx
}

func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// after returns those after the first n, once there are that many more, or none came for as long.
func (s *statements) after(n, more int, patience time.Duration) []string {
	for {
		s.mu.Lock()
		got := slices.Clone(s.all[n:])
		s.mu.Unlock()
		if len(got) >= more {
			return got
		}
		select {
		case <-s.more:
		case <-time.After(patience):
			return got
		}
	}
}

// calm waits until nothing is asked for half a second, and returns how much was.
func (s *statements) calm() int { return len(s.after(0, 1_000_000, 500*time.Millisecond)) }

// watched runs a dispatcher over a store whose statements are counted.
func watched(t *testing.T, dsn string, o postgres.Options, poll time.Duration) (*postgres.Store, *statements) {
	t.Helper()
	asked := &statements{more: make(chan struct{}, 1)}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.Tracer = asked
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	st, err := o.New(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, st)
	dispatch(t, st, webhook.Options{Poll: poll})
	return st, asked
}

// publisher is a dispatcher that does not run, over a store of its own.
func publisher(t *testing.T, dsn string) *webhook.Dispatcher {
	t.Helper()
	d, err := webhook.NewDispatcher(openDatabase(t, dsn, postgres.Options{}), webhook.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// D2: what an idle process asks is one statement at each look, so one in five seconds with the default Poll, whether it hears
// others or only looks, and with a log of runs that have ended.
func TestIdleProcessAsksOneThingAtEachLook(t *testing.T) {
	const poll = 100 * time.Millisecond
	looks := 60
	if need.Quick() {
		looks = 20
	}
	for name, o := range map[string]postgres.Options{"hears": {}, "only looks": {NoListen: true}} {
		t.Run(name, func(t *testing.T) {
			dsn := need.Postgres(t)
			st, asked := watched(t, dsn, o, poll)
			p := publisher(t, dsn)
			save(t, p, pushTo(newWitness(t).URL))
			for range 20 {
				awaitEnd(t, st, publishOne(t, p, tag("VIP")).ID)
			}
			before := len(asked.after(0, 1_000_000, poll/2)) // a moment after a look
			begun := time.Now()
			got := asked.after(before, looks, time.Minute)
			most := int(time.Since(begun)/poll) + 1
			for _, each := range got {
				if !strings.Contains(each, "min(due)") {
					t.Errorf("an idle process asked %q", each)
				}
			}
			if len(got) > most {
				t.Errorf("%d statements in the time of %d looks", len(got), most)
			}
			t.Logf("%d statements in the time of %d looks", len(got), most)
		})
	}
}

// D2: a process that hears is told, whatever its Poll, and asks nothing until it is. What wakes it is bounded in number, too.
func TestProcessThatHearsIsTold(t *testing.T) {
	dsn := need.Postgres(t)
	st, asked := watched(t, dsn, postgres.Options{}, time.Hour)
	p := publisher(t, dsn)
	asked.calm()
	a := save(t, p, pushTo(newWitness(t).URL))
	const events = 10
	before := asked.calm()
	for range events {
		awaitEnd(t, st, publishOne(t, p, tag("VIP")).ID) // which asks for the run, again and again
	}
	t.Logf("%d statements until %d runs had ended, those of the test included", asked.calm()-before, events)

	other := newWitness(t)
	a.Actions[0].Push.URL = other.URL
	save(t, p, a)
	asked.calm()
	if r := awaitEnd(t, st, publishOne(t, p, tag("VIP")).ID); r.Status != runs.Succeeded || r.Attempts[0].URL != other.URL {
		t.Errorf("after another process saved a URL, the run was %s at %s", r.Status, r.Attempts[0].URL)
	}
	before = asked.calm()
	if more := asked.after(before, 1, time.Second); len(more) > 0 {
		t.Errorf("asked while nothing happened: %q", more)
	}
}
