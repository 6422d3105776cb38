package postgres_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// How a test tells a process of its own binary what to do, see TestMain.
const (
	roleVariable = "TENTERHOOK_TEST_ROLE"
	dsnVariable  = "TENTERHOOK_TEST_DSN"
)

const (
	processRuns  = 1500
	processBatch = 25
)

// play publishes runs named after its role and claims what is due, in turns, and prints what it did; or see beStopped, beKilled.
func play(role, dsn string) int {
	part := func(ctx context.Context) error { return beStopped(ctx, dsn) }
	switch role {
	case stoppedRole:
	case killedRole:
		part = func(ctx context.Context) error { return beKilled(ctx, dsn) }
	default:
		_, _ = io.ReadAll(os.Stdin) // until all processes are there
		part = func(ctx context.Context) error { return publishAndClaim(ctx, role, dsn) }
	}
	if err := part(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

const (
	stoppedRole  = "stopped"
	stoppedLease = 300 * time.Millisecond
)

// beStopped claims a run for each line that it reads, and settles it as failed after the next one.
func beStopped(ctx context.Context, dsn string) error {
	st, err := postgres.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer st.Close()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		c, err := st.Claim(ctx, store.Lease{Max: 1, For: stoppedLease})
		if err != nil || len(c.Runs) != 1 {
			return fmt.Errorf("claim gave %d runs, error %w", len(c.Runs), err)
		}
		fmt.Println(c.Runs[0].ID)
		lines.Scan()
		done, err := st.Settle(ctx, []store.Outcome{resultOf(c.Runs[0], 410)})
		if err != nil {
			return err
		}
		fmt.Println(done.Stale)
	}
	return nil
}

func resultOf(r runs.Run, status int) store.Outcome {
	attempt := runs.Attempt{At: time.Now(), StatusCode: status, Class: runs.ClassOf(status)}
	return store.Outcome{Automation: r.Automation, Result: runs.Decide(r, attempt, runs.Policy{})}
}

func publishAndClaim(ctx context.Context, role, dsn string) error {
	st, err := postgres.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer st.Close()
	for n := 0; ; n++ {
		if n < processRuns/processBatch {
			list := batch(fmt.Sprint(role, n), processBatch)
			if _, err := st.Publish(ctx, list); err != nil {
				return err
			}
			for _, e := range list {
				fmt.Println("published", e.Run.ID)
			}
		}
		c, err := st.Claim(ctx, store.Lease{Max: processBatch + 5, For: time.Hour})
		if err != nil {
			return err
		}
		for _, r := range c.Runs {
			fmt.Println("claimed", r.ID)
		}
		if len(c.Runs) == 0 && n >= processRuns/processBatch {
			return nil
		}
	}
}

// batch returns n runs to create, whose ids begin alike.
func batch(prefix string, n int) []store.Entry {
	list := make([]store.Entry, n)
	for i := range list {
		id := fmt.Sprintf("run_%s_%06d", prefix, i)
		list[i] = store.Entry{Planned: automation.Planned{Run: runs.Run{
			ID: id, Account: "acct_1", Automation: fmt.Sprint("auto_", i%10), Action: "1", Event: "evt_" + id,
			EventType: "contact.tag.added", URL: "https://example.com/hook", Message: []byte(`{"id":"` + id + `"}`),
			Respondent: runs.Respondent{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com"},
		}}}
	}
	return list
}

// process starts this test binary in a role; it begins when begin is closed.
func process(t *testing.T, role, dsn string) (cmd *exec.Cmd, begin io.WriteCloser) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, dsnVariable+"="+dsn)
	begin, err = cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, begin
}

// SPEC D2: none lost, none twice.
func TestTwoProcessesShareADatabase(t *testing.T) {
	dsn := need.Postgres(t)
	var cmds []*exec.Cmd
	var begins []io.Closer
	outs := [2]bytes.Buffer{}
	for i, role := range []string{"a", "b"} {
		cmd, begin := process(t, role, dsn)
		cmd.Stdout, cmd.Stderr = &outs[i], os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds, begins = append(cmds, cmd), append(begins, begin)
	}
	for _, begin := range begins {
		begin.Close()
	}
	for _, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	st := open(t, postgres.Options{}, dsn)
	c, err := st.Claim(t.Context(), store.Lease{Max: 10 * processRuns, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	published, claimed := map[string]int{}, map[string]int{}
	for _, r := range c.Runs {
		claimed[r.ID]++
	}
	for _, out := range outs {
		for line := range strings.Lines(out.String()) {
			switch verb, id, _ := strings.Cut(strings.TrimSpace(line), " "); verb {
			case "published":
				published[id]++
			case "claimed":
				claimed[id]++
			}
		}
	}
	if len(published) != 2*processRuns {
		t.Errorf("%d runs were published, want %d", len(published), 2*processRuns)
	}
	if diff := cmp.Diff(published, claimed); diff != "" {
		t.Errorf("how often each run was published and claimed (-published +claimed):\n%s", diff)
	}
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	sound(t, connect(t, dsn))
}

// SPEC R6: what was acknowledged is there, whatever dies.
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	dsn := need.Postgres(t)
	cmd, begin := process(t, "a", dsn)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	begin.Close()
	var acknowledged []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "published "); ok {
			acknowledged = append(acknowledged, id)
		}
		if len(acknowledged) == processRuns/3 {
			if err := cmd.Process.Kill(); err != nil { // what it printed before it died is read to the end
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(acknowledged) == processRuns {
		t.Fatalf("the process ended by itself after %d runs, error %v", len(acknowledged), err)
	}
	st := open(t, postgres.Options{}, dsn)
	for _, id := range acknowledged {
		if _, err := st.Get(t.Context(), "acct_1", id); err != nil {
			t.Error(err)
		}
	}
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	sound(t, connect(t, dsn))
}
