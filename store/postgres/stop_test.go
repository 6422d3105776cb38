//go:build unix

package postgres_test

import (
	"fmt"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
)

// SPEC R6: a worker that stood still for three leases, while another did its work, changes nothing when it goes on.
func TestLateResultOfAStoppedProcessChangesNothing(t *testing.T) {
	workers, times := 4, 25
	if need.Quick() {
		times = 3
	}
	var stale atomic.Int64
	g := errgroup.Group{}
	for range workers { // each over a database of its own, so that it claims what is meant for it
		dsn := need.Postgres(t)
		st := open(t, postgres.Options{}, dsn)
		g.Go(func() error { return stopAndGoOn(t, st, dsn, times, &stale) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if want := int64(workers * times); stale.Load() != want {
		t.Errorf("%d late results were ignored, want %d", stale.Load(), want)
	}
	t.Logf("%d processes were stopped %d times each for three leases: %d late results, all ignored", workers, times, stale.Load())
}

func stopAndGoOn(t *testing.T, st *postgres.Store, dsn string, times int, stale *atomic.Int64) error {
	cmd, in := process(t, stoppedRole, dsn)
	lines := need.Talk(t, cmd)
	line := func() (string, error) { text, err := lines.ReadString('\n'); return strings.TrimSpace(text), err }
	for n := range times {
		if _, err := st.Publish(t.Context(), batch(fmt.Sprint(n), 1)); err != nil {
			return err
		}
		fmt.Fprintln(in, "claim")
		id, err := line()
		if err != nil {
			return err
		}
		if err := stop(cmd); err != nil {
			return err
		}
		fmt.Fprintln(in, "settle") // which it reads when it goes on
		<-time.After(3 * stoppedLease)
		c, err := st.Claim(t.Context(), store.Lease{Max: 10, For: time.Hour})
		if err != nil || len(c.Runs) != 1 || c.Runs[0].ID != id {
			return fmt.Errorf("after three leases another claimed %v, error %w; want %s", c.Runs, err, id)
		}
		if done, err := st.Settle(t.Context(), []store.Outcome{resultOf(c.Runs[0], 204)}); err != nil || done.Stale > 0 {
			return fmt.Errorf("the other settled %+v, error %w", done, err)
		}
		before, err := st.Get(t.Context(), "acct_1", id)
		if err != nil {
			return err
		}
		if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
			return err
		}
		ignored, err := line()
		if err != nil {
			return err
		}
		after, err := st.Get(t.Context(), "acct_1", id)
		if err != nil || ignored != "1" || after.Status != runs.Succeeded || len(after.Attempts) != 1 || !after.StatusAt.Equal(before.StatusAt) {
			return fmt.Errorf("the late result was ignored %s times, and the run is %s with %d attempts, error %w", ignored, after.Status, len(after.Attempts), err)
		}
		stale.Add(1)
	}
	if err := in.Close(); err != nil {
		return err
	}
	return cmd.Wait()
}

// stop stops a process, and returns when none of its threads runs any more: on a machine that is busy the signal takes its time.
func stop(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for {
		var status syscall.WaitStatus
		switch _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); {
		case err == syscall.EINTR:
		case err != nil || !status.Stopped():
			return fmt.Errorf("the process did not stop: status %v, error %w", status, err)
		default:
			return nil
		}
	}
}
