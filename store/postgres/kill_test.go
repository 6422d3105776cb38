//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
)

const killedRole = "killed"

// beKilled listens, leases a run that it publishes and one that it claims for an hour, says so, and lives on.
func beKilled(ctx context.Context, dsn string) error {
	st, err := postgres.Open(ctx, dsn)
	if err != nil {
		return err
	}
	if err := st.Wait(ctx); err != nil { // begins to listen
		return err
	}
	list := batch("killed", 2)
	list[0].Lease = time.Hour
	if _, err := st.Publish(ctx, list); err != nil {
		return err
	}
	c, err := st.Claim(ctx, store.Lease{Max: 10, For: time.Hour})
	if err != nil || len(c.Runs) != 1 {
		return fmt.Errorf("claim gave %d runs, error %w", len(c.Runs), err)
	}
	fmt.Println("leased")
	for {
		if err := st.Wait(ctx); err != nil {
			return err
		}
	}
}

// SPEC D2, R6: what a process had leased is another's some seconds after it was killed, long before the leases would have ended.
// One that is stopped may go on at any time: its leases last for their time.
func TestLeasesEndWithAKillAndNotWithAStop(t *testing.T) {
	dsn := need.Postgres(t)
	cmd, _ := process(t, killedRole, dsn)
	need.Line(t, need.Talk(t, cmd))
	st := open(t, postgres.Options{}, dsn)
	if err := st.Wait(t.Context()); err != nil { // begins to listen
		t.Fatal(err)
	}
	claim := func(until func(n int) bool) (got []runs.Run) {
		for !until(len(got)) {
			c, err := st.Claim(t.Context(), store.Lease{Max: 10, For: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, c.Runs...)
			<-time.After(100 * time.Millisecond)
		}
		return got
	}
	if err := stop(cmd); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if got := claim(func(int) bool { return time.Since(begun) > 7*time.Second }); len(got) > 0 {
		t.Errorf("%d runs of a stopped process were claimed", len(got))
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	begun = time.Now()
	got := claim(func(n int) bool { return n == 2 || time.Since(begun) > time.Minute })
	if len(got) != 2 || got[0].Fence != 2 || got[1].Fence != 2 {
		t.Errorf("claimed %+v of a process that was killed, want both runs under a new fence", got)
	}
	t.Logf("%d runs claimed %.1f s after the kill", len(got), time.Since(begun).Seconds())
	if err := cmd.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
}
