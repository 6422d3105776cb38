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
// cut at random and the server is crashed, and all that was acknowledged arrives: once, but for what was under way at a kill or
// a crash. Nobody helps those that live, and what the dead had leased they take over.
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
			s.crash(t, server)
		}
		<-ticks.C
	}
	deliverers := []*exec.Cmd{s.deliver(t), s.deliver(t), s.deliver(t), s.deliver(t)}
	for _, b := range inside { // the others only deliver, so that there is an end
		b.kill(t)
	}
	lastFault := time.Now()
	awaitNone(t, s.store, runs.Scheduled, runs.Running)
	t.Logf("caught up %.1f s after the last fault, with what the dead had leased", time.Since(lastFault).Seconds())
	for _, cmd := range deliverers {
		kill(t, cmd)
	}
	if took := time.Since(began); took > siegeLease {
		t.Fatalf("it took %v, so leases may have ended with their time: nothing is shown", took)
	}
	s.judge(t)
}

// siegeLease is longer than a siege, so that a lease that ends has ended with its process.
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

// awaitNone waits until no run has one of some statuses.
func awaitNone(t *testing.T, st store.Store, statuses ...runs.Status) {
	t.Helper()
	for {
		page, err := st.List(t.Context(), runs.Filter{Statuses: statuses}, "", 1)
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
	underWay  map[string]int64 // runs that were leased at a kill or a crash, with the fence of that lease

	mu           sync.Mutex
	acknowledged map[string]bool // by the event's id
}

func newSiege(t *testing.T, dsn string) *siege {
	st := openDatabase(t, dsn, postgres.Options{})
	d, err := webhook.NewDispatcher(st, webhook.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s := &siege{dsn: dsn, witness: newWitness(t), store: st, host: d, underWay: map[string]int64{}, acknowledged: map[string]bool{}}
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
	b.excuse(t)
}

// crash crashes the server.
func (s *siege) crash(t *testing.T, server *need.Server) {
	t.Helper()
	s.excuse(t)
	server.Restart(t)
	s.faults.crashes++
	s.excuse(t)
}

// excuse notes the runs that are leased, by whomever: one whose lease ends by the fault may arrive twice.
func (s *siege) excuse(t *testing.T) {
	t.Helper()
	var ids []string
	var fences []int64
	err := insist(t.Context(), func(ctx context.Context) error {
		admin, err := pgx.Connect(ctx, s.dsn)
		if err != nil {
			return err
		}
		defer admin.Close(context.WithoutCancel(ctx))
		return admin.QueryRow(ctx, "SELECT array_agg(id), array_agg(fence) FROM tenterhook.runs WHERE status = 0 AND leased").Scan(&ids, &fences)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if _, before := s.underWay[id]; !before {
			s.underWay[id] = fences[i]
		}
	}
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

// read returns the runs in the store by id.
func (s *siege) read(t *testing.T) map[string]runs.Run {
	t.Helper()
	found, cursor := map[string]runs.Run{}, ""
	for {
		page, err := s.store.List(t.Context(), runs.Filter{Account: account}, cursor, 500)
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

// judge reports acknowledged events without a run that arrived, and runs that arrived again although no fault had ended a lease
// of theirs.
func (s *siege) judge(t *testing.T) {
	t.Helper()
	arrived, again, cut, wrong := map[string]int{}, 0, 0, []string{}
	s.witness.mu.Lock()
	for _, seen := range s.witness.got {
		arrived[seen.run]++
	}
	s.witness.mu.Unlock()
	all := s.read(t)
	for id, r := range all {
		fence, leased := s.underWay[id]
		excused := leased && r.Fence > fence
		if excused {
			cut++
		}
		if n := arrived[id]; n == 0 || n > 1 && !excused || r.Status != runs.Succeeded {
			wrong = append(wrong, fmt.Sprintf("run %s is %s, arrived %d times, a fault ended a lease: %v", id, r.Status, n, excused))
		}
		again += max(0, arrived[id]-1)
		delete(s.acknowledged, r.Event)
	}
	if len(s.acknowledged) > 0 || len(wrong) > 0 {
		t.Errorf("acknowledged events without a run: %d; wrong runs: %d, such as %q", len(s.acknowledged), len(wrong), wrong[:min(3, len(wrong))])
	}
	if err := storetest.Check(t.Context(), s.store); err != nil {
		t.Error(err)
	}
	t.Logf("%d kills, %d connections cut, %d crashes of the server: %d runs, leases of %d ended by a kill or a crash, which arrived %d times again",
		s.faults.kills, s.faults.cuts, s.faults.crashes, len(all), cut, again)
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
