package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/webhook"
)

// dsnVariable tells a process of the test binary to deliver what is in a database, see TestMain.
const dsnVariable = "TENTERHOOK_BENCH_DSN"

// BenchmarkProcesses measures how fast processes that share a database deliver what waits there: they have published nothing
// of it, so all of it is claimed.
func BenchmarkProcesses(b *testing.B) {
	for _, n := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkProcesses(b, n) })
	}
}

func benchmarkProcesses(b *testing.B, processes int) {
	url, arrived := receiver(b)
	pool := newPool(b, 8)
	st := newStore(b, pool)
	d := newDispatcher(b, st)
	save(b, d, url)
	for left := b.N; left > 0; left -= 500 { // it does not run: they wait
		evs := make([]events.Event, min(left, 500))
		for i := range evs {
			evs[i] = kilobyte()
		}
		if _, err := d.Publish(b.Context(), evs...); err != nil {
			b.Fatal(err)
		}
	}
	begin := spawn(b, processes, pool.Config().ConnString())
	arrived.Store(0) // of the test of the connection
	m := start(b, pool)
	begin()
	for ended := 0; ended < b.N; {
		time.Sleep(2 * time.Millisecond)
		if arrived.Load() < int64(b.N) {
			continue
		}
		counts, err := st.Count(b.Context(), runs.Filter{Account: "acct_1"})
		if err != nil {
			b.Fatal(err)
		}
		ended = counts[runs.Succeeded]
	}
	m.stop(b.N, "deliveries")
	b.ReportMetric(float64(arrived.Load()-int64(b.N)), "sent-twice")
}

// spawn starts processes that deliver once begin is called, until b ends.
func spawn(b *testing.B, processes int, dsn string) (begin func()) {
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var inputs []io.Closer
	for range processes {
		gate, hold, err := os.Pipe()
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), dsnVariable+"="+dsn)
		cmd.ExtraFiles = []*os.File{gate}
		stdin, err := cmd.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		lines := need.Talk(b, cmd)
		gate.Close()
		b.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
		need.Line(b, lines)
		inputs = append(inputs, hold)
	}
	return func() {
		for _, each := range inputs {
			each.Close()
		}
	}
}

// dispatch is what such a process does: it says that it is there, waits until file 3 ends, and delivers until its input does.
func dispatch(dsn string) int {
	ctx, stop := context.WithCancel(context.Background())
	err := func() error {
		st, err := postgres.Open(ctx, dsn)
		if err != nil {
			return err
		}
		defer st.Close()
		d, err := webhook.NewDispatcher(st, dispatcherOptions)
		if err != nil {
			return err
		}
		fmt.Println("ready")
		_, _ = io.ReadAll(os.NewFile(3, "gate"))
		go func() { _, _ = io.ReadAll(os.Stdin); stop() }()
		return d.Run(ctx)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
