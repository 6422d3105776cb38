package webhook_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/storetest"
	"github.com/tenterhook/tenterhook/webhook"
)

// R6, D2: two processes publish and deliver over one database, a third only publishes. Processes are killed and connections
// cut at random, and all that was acknowledged arrives: once, but for what was under way in a process that was killed.
func TestNothingIsLostAsProcessesAndConnectionsDie(t *testing.T) {
	least, faults := 5000, 40
	if testing.Short() {
		least, faults = 500, 10
	}
	s := newSiege(t, need.Postgres(t))
	began := time.Now()
	s.witness.begin(t, 0)
	inside := []*besieged{s.enter(t), s.enter(t)}
	for n := 0; (n < faults || s.acknowledgements() < least) && time.Since(began) < siegeTime; n++ {
		s.publish(t, 25)
		<-time.After(time.Duration(rand.IntN(60)) * time.Millisecond)
		if n%2 == 0 {
			s.cut(t)
			continue
		}
		i := rand.IntN(len(inside))
		inside[i].kill(t)
		inside[i] = s.enter(t)
	}
	for _, b := range inside {
		b.kill(t)
	}
	if took := time.Since(began); took > siegeTime+15*time.Second {
		t.Fatalf("it took %v, so leases ended while processes lived: nothing is shown", took)
	}
	underWay := s.read(t, runs.Running)
	s.witness.begin(t, 1) // when the leases of the dead have ended
	s.drain(t)
	s.judge(t, underWay)
}

const siegeTime = 40 * time.Second // and the default lease is a minute

// siege is a database that processes share, and a witness of what they send.
type siege struct {
	dsn       string
	witness   *witness
	admin     *pgx.Conn
	store     *postgres.Store
	host      *webhook.Dispatcher // publishes, and does not run
	published int                 // by host
	faults    struct{ kills, cuts int }

	mu           sync.Mutex
	acknowledged map[string]bool // by the event's id
}

func newSiege(t *testing.T, dsn string) *siege {
	admin, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	st, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := webhook.NewDispatcher(st, webhook.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s := &siege{dsn: dsn, witness: newWitness(t), admin: admin, store: st, host: d, acknowledged: map[string]bool{}}
	save(t, d, pushTo(s.witness.URL))
	return s
}

// besieged is a process that publishes and delivers.
type besieged struct {
	*siege
	cmd   *exec.Cmd
	heard chan struct{} // closed when all is read that it said
}

// enter begins a process, and returns when it has had a first event acknowledged.
func (s *siege) enter(t *testing.T) *besieged {
	t.Helper()
	b := &besieged{siege: s, cmd: s.witness.victim(t, s.dsn, taskInsist), heard: make(chan struct{})}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if !s.hear(lines) {
		t.Fatalf("a process ended before it published: %v", b.cmd.Wait())
	}
	go func() {
		defer close(b.heard)
		for s.hear(lines) {
		}
	}()
	return b
}

// hear notes an acknowledgement; one that was cut off nobody read.
func (s *siege) hear(lines *bufio.Reader) bool {
	line, err := lines.ReadString('\n')
	if err != nil {
		return false
	}
	s.acknowledge(strings.TrimSpace(line))
	return true
}

func (s *siege) acknowledge(event string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acknowledged[event] = true
}

func (s *siege) acknowledgements() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.acknowledged)
}

func (b *besieged) kill(t *testing.T) {
	t.Helper()
	if err := b.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	<-b.heard
	if err := b.cmd.Wait(); b.cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("a process ended by itself: %v", err)
	}
	b.faults.kills++
}

// cut ends some of the connections to the database, whatever they are doing.
func (s *siege) cut(t *testing.T) {
	t.Helper()
	tag, err := s.admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 4`)
	if err != nil {
		t.Fatal(err)
	}
	s.faults.cuts += int(tag.RowsAffected())
}

// publish publishes n events, which the processes find only in the store.
func (s *siege) publish(t *testing.T, n int) {
	t.Helper()
	list := make([]events.Event, n)
	for i := range list {
		s.published++
		list[i] = tag("VIP")
		list[i].ID = fmt.Sprintf("evt_host_%d", s.published)
	}
	err := insist(t.Context(), func(ctx context.Context) error {
		_, err := s.host.PublishTo(ctx, s.store, list...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range list {
		s.acknowledge(ev.ID)
	}
}

// insist does something until it succeeds, as a host does that must not lose an event.
func insist(ctx context.Context, do func(context.Context) error) error {
	for {
		err := do(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		<-time.After(5 * time.Millisecond)
	}
}

// read returns the runs of a status in the store, all when there is none, by id.
func (s *siege) read(t *testing.T, statuses ...runs.Status) map[string]runs.Run {
	t.Helper()
	found, cursor := map[string]runs.Run{}, ""
	for {
		page, err := s.store.List(t.Context(), runs.Filter{Account: account, Statuses: statuses}, cursor, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Runs {
			found[r.ID] = r
		}
		if cursor = page.Next; cursor == "" {
			return found
		}
	}
}

// drain has two processes deliver what waits.
func (s *siege) drain(t *testing.T) {
	t.Helper()
	one, other := s.witness.victim(t, s.dsn, taskDrain), s.witness.victim(t, s.dsn, taskDrain)
	for _, cmd := range []*exec.Cmd{one, other} {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, cmd := range []*exec.Cmd{one, other} {
		if err := cmd.Wait(); err != nil {
			t.Fatalf("drain: %v", err)
		}
	}
}

// judge reports acknowledged events without a run that arrived, and runs that arrived again without having been under way.
func (s *siege) judge(t *testing.T, underWay map[string]runs.Run) {
	t.Helper()
	arrived, again, wrong := map[string]int{}, 0, []string{}
	s.witness.mu.Lock()
	for _, seen := range s.witness.got {
		_, excused := underWay[seen.run]
		switch arrived[seen.run]++; {
		case arrived[seen.run] == 1:
		case arrived[seen.run] == 2 && seen.life == 1 && excused:
			again++
		default:
			wrong = append(wrong, fmt.Sprintf("run %s arrived again in life %d, under way at a kill: %v", seen.run, seen.life, excused))
		}
	}
	s.witness.mu.Unlock()
	all := s.read(t)
	for _, r := range all {
		if arrived[r.ID] == 0 || r.Status != runs.Succeeded {
			wrong = append(wrong, fmt.Sprintf("run %s is %s and arrived %d times", r.ID, r.Status, arrived[r.ID]))
		}
		delete(s.acknowledged, r.Event)
	}
	if len(s.acknowledged) > 0 || len(wrong) > 0 {
		t.Errorf("acknowledged events without a run: %d; wrong runs: %d, such as %q", len(s.acknowledged), len(wrong), wrong[:min(3, len(wrong))])
	}
	if err := storetest.Check(t.Context(), s.store); err != nil {
		t.Error(err)
	}
	t.Logf("%d kills, %d connections cut: %d runs, %d under way at a kill, %d of them arrived twice",
		s.faults.kills, s.faults.cuts, len(all), len(underWay), again)
}

// insistForEver publishes until its process is killed.
func insistForEver(ctx context.Context, d *webhook.Dispatcher) error {
	const publishers = 4
	g, ctx := errgroup.WithContext(ctx)
	for p := range publishers {
		g.Go(func() error {
			for n := 0; ; n++ {
				ev := tag("VIP")
				ev.ID = fmt.Sprintf("evt_%d_%d_%d", os.Getpid(), p, n)
				err := insist(ctx, func(ctx context.Context) error {
					_, err := d.Publish(ctx, ev)
					return err
				})
				if err != nil {
					return err
				}
				fmt.Println(ev.ID) // one write
			}
		})
	}
	return g.Wait()
}
