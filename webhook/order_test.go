package webhook_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook"
)

// O11: two processes deliver ordered lanes from one file while a third publishes, both are killed again and again, and one
// request in twenty fails: all runs arrive in order, each after the one before it was answered or given up.
//
// The leases of a dead process hold the lanes of which it had a run, for up to a minute by the store's clock. That clock
// passes them between rounds, when both processes are dead: it never ends a lease of a living one.
func TestOrderSurvivesKillsOfTwoProcesses(t *testing.T) {
	const automations = 5
	rounds, events := orderLoad()
	path := filepath.Join(t.TempDir(), "store.db")
	w := newWitness(t)
	w.answer = fickle
	st := openFile(t, path)
	d, err := webhook.NewDispatcher(st, webhook.Options{Log: slog.New(slog.DiscardHandler)}) // it does not run
	if err != nil {
		t.Fatal(err)
	}
	for n := range automations {
		save(t, d, orderedTo(fmt.Sprintf("%s/%d", w.URL, n)))
	}
	created := map[string][]string{}
	for round := range rounds {
		w.begin(t, round+1)
		var publishing sync.WaitGroup
		publishing.Go(func() { publishMany(t, d, events/rounds, created) })
		w.killBoth(t, path)
		publishing.Wait()
	}
	w.begin(t, rounds+1)
	w.drainBoth(t, path)
	failed := givenUp(t, st)
	repeated := 0
	for url, ids := range created {
		repeated += w.judgeOrder(t, url, ids, failed)
	}
	t.Logf("%d kills: %d runs, %d given up, %d times again after a kill", 3*rounds, automations*events, len(failed), repeated)
	checkFile(t, path, runs.Counts{runs.Succeeded: automations*events - len(failed), runs.Failed: len(failed)})
}

// orderLoad returns how much is done.
func orderLoad() (rounds, events int) {
	if need.Quick() {
		return 4, 120
	}
	return 16, 2000
}

// fickle fails one request in twenty, and takes its time with as many.
func fickle() (status int, after time.Duration) {
	status = http.StatusNoContent
	if rand.IntN(20) == 0 {
		status = http.StatusInternalServerError
	}
	if rand.IntN(20) == 0 {
		after = time.Duration(rand.IntN(50)) * time.Millisecond
	}
	return status, after
}

// orderedTo returns an ordered automation whose runs are given up after two attempts.
func orderedTo(url string) automation.Automation {
	a := pushTo(url)
	a.Limits.Ordered = true
	a.Actions[0].Push.Retry = runs.Policy{Schedule: []time.Duration{0, 10 * time.Millisecond}, Exact: true}
	return a
}

// publishMany publishes events one after the other, and notes the runs that it made by URL.
func publishMany(t *testing.T, d *webhook.Dispatcher, events int, created map[string][]string) {
	for range events {
		list, err := d.Publish(t.Context(), tag("VIP"))
		if err != nil {
			t.Error(err)
			return
		}
		for _, r := range list {
			created[r.URL] = append(created[r.URL], r.ID)
		}
	}
}

// killBoth lets two victims deliver, kills one of them at a moment of chance, lets another take its place, and then kills
// both.
func (w *witness) killBoth(t *testing.T, path string) {
	t.Helper()
	start := func() *exec.Cmd {
		cmd := w.victim(t, path, taskDeliver)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	kill := func(victims ...*exec.Cmd) {
		<-time.After(time.Duration(300+rand.IntN(700)) * time.Millisecond)
		for _, cmd := range victims {
			_ = cmd.Process.Kill()
		}
		for _, cmd := range victims {
			if err := cmd.Wait(); cmd.ProcessState.ExitCode() != -1 {
				t.Errorf("a victim ended by itself: %v", err)
			}
		}
	}
	one, other := start(), start()
	kill(one)
	kill(other, start())
}

// drainBoth lets two processes deliver until nothing waits, or until it takes far too long: an ordered lane goes on when
// the outcome of its run is written, not when somebody next looks.
func (w *witness) drainBoth(t *testing.T, path string) {
	t.Helper()
	one, other := w.victim(t, path, taskDrain), w.victim(t, path, taskDrain)
	if err := one.Start(); err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() {
		_, _ = one.Process.Kill(), other.Process.Kill()
	})
	defer late.Stop()
	if err := errors.Join(one.Wait(), other.Wait()); err != nil {
		t.Errorf("drain: %v", err)
	}
}

// givenUp returns the ids of all failed runs.
func givenUp(t *testing.T, st store.Store) map[string]bool {
	t.Helper()
	page, err := st.List(t.Context(), runs.Filter{Statuses: []runs.Status{runs.Failed}}, "", 1000)
	if err != nil || page.Next != "" {
		t.Fatalf("%d runs failed or more, want about one in 400: %v", len(page.Runs), err)
	}
	failed := map[string]bool{}
	for _, r := range page.Runs {
		failed[r.ID] = true
	}
	return failed
}

// judgeOrder reports what came to a URL otherwise than as these runs one after the other, each when the one before it had
// ended, and again only after a failure or a kill. It returns how often one came again after a kill.
func (w *witness) judgeOrder(t *testing.T, url string, ids []string, failed map[string]bool) (repeated int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	arrived := 0
	var last sighting
	for n, s := range w.got {
		switch {
		case s.url != url:
			continue
		case s.run == last.run && s.life > last.life:
			repeated++
		case s.run == last.run && (last.ok() || !last.answeredBefore(n)):
			t.Errorf("run %d of %s came twice without a failure or a kill in between: %+v, %+v", arrived, url, last, s)
		case s.run == last.run:
		case arrived == len(ids) || s.run != ids[arrived]:
			t.Errorf("run %s came after run %d of %s, which is not its turn: %+v", s.run, arrived, url, s)
			return repeated
		case arrived > 0 && !last.ended(n, failed):
			t.Errorf("run %d of %s came before the one before it had ended: %+v, %+v", arrived+1, url, last, s)
			fallthrough
		default:
			arrived++
		}
		last = s
	}
	if arrived < len(ids) || !last.ended(len(w.got), failed) {
		t.Errorf("%d of %d runs of %s came, the last as %+v", arrived, len(ids), url, last)
	}
	return repeated
}

func (s sighting) ok() bool { return s.status/100 == 2 }

// answeredBefore tells whether a request was answered before the n-th came.
func (s sighting) answeredBefore(n int) bool { return s.status != 0 && s.answered <= n }

// ended tells whether this request ended its run before the n-th came.
func (s sighting) ended(n int, failed map[string]bool) bool {
	return s.answeredBefore(n) && (s.ok() || failed[s.run])
}
