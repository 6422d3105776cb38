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
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/storetest"
	"github.com/tenterhook/tenterhook/webhook"
)

// R6, D2: four processes publish and deliver over one database, and another only publishes. Processes are killed, connections
// cut at random and the server is crashed, and all that was acknowledged arrives: once, but for what was under way in a process
// that was killed. Nobody helps those that live.
func TestNothingIsLostAsProcessesConnectionsAndServersDie(t *testing.T) {
	least, seconds, crashes := 40_000, 30, 3
	if need.Quick() {
		least, seconds, crashes = 2000, 4, 1
	}
	server := need.PostgresServer(t)
	s := newSiege(t, server.DSN)
	began := time.Now()
	s.witness.begin(t, 0)
	inside := []*besieged{s.enter(t), s.enter(t), s.enter(t), s.enter(t)}
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for n := 1; n <= 10*seconds; n++ {
		s.publish(t, max(1, (least-s.acknowledgements())/(10*seconds+1-n)))
		s.cut(t)
		if n%10 == 0 {
			i := rand.IntN(len(inside))
			inside[i].kill(t)
			inside[i] = s.enter(t)
		}
		if n%(10*seconds/(crashes+1)) == 0 && s.faults.crashes < crashes {
			server.Restart(t)
			s.faults.crashes++
		}
		<-ticks.C
	}
	lastFault := time.Now()
	for _, b := range inside { // replaced by some that only deliver, so that there is an end
		b.kill(t)
	}
	deliverers := []*exec.Cmd{s.deliver(t), s.deliver(t), s.deliver(t), s.deliver(t)}
	awaitNothingScheduled(t, s.store)
	t.Logf("caught up %.1f s after the last fault, but for what the dead had leased", time.Since(lastFault).Seconds())
	for _, cmd := range deliverers {
		kill(t, cmd)
	}
	if took := time.Since(began); took > siegeLease {
		t.Fatalf("it took %v, so leases ended while processes lived: nothing is shown", took)
	}
	underWay := s.read(t, runs.Running)
	s.witness.begin(t, 1) // when the leases of the dead have ended
	s.drain(t)
	s.judge(t, underWay)
}

// siegeLease is longer than a siege, so that nobody takes over what the dead had before the test says so.
const siegeLease = 10 * time.Minute

// deliver begins a process that only delivers.
func (s *siege) deliver(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := s.witness.victim(t, s.dsn, taskDeliver)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("a process ended by itself: %v", err)
	}
}

func awaitNothingScheduled(t *testing.T, st store.Store) {
	t.Helper()
	for {
		page, err := st.List(t.Context(), runs.Filter{Statuses: []runs.Status{runs.Scheduled}}, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Runs) == 0 {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}

// siege is a database that processes share, and a witness of what they send.
type siege struct {
	dsn       string
	witness   *witness
	store     *postgres.Store
	host      *webhook.Dispatcher // publishes, and does not run
	published int                 // by host
	faults    struct{ kills, cuts, crashes int }

	mu           sync.Mutex
	acknowledged map[string]bool // by the event's id
}

func newSiege(t *testing.T, dsn string) *siege {
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
	s := &siege{dsn: dsn, witness: newWitness(t), store: st, host: d, acknowledged: map[string]bool{}}
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

// cut ends one of the connections to the database, whatever it is doing, if the server is there.
func (s *siege) cut(t *testing.T) {
	t.Helper()
	admin, err := pgx.Connect(t.Context(), s.dsn)
	if err != nil {
		return
	}
	defer admin.Close(context.WithoutCancel(t.Context()))
	tag, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1`)
	if err == nil {
		s.faults.cuts += int(tag.RowsAffected())
	}
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
	t.Logf("%d kills, %d connections cut, %d crashes of the server: %d runs, %d under way at a fault, %d of them arrived twice",
		s.faults.kills, s.faults.cuts, s.faults.crashes, len(all), len(underWay), again)
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
