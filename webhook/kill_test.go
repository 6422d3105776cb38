package webhook_test

import (
	"context"
	"database/sql"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// witness is a receiver that notes what arrives, and in which life of its victims.
type witness struct {
	*httptest.Server
	answer func() (status int, after time.Duration) // default: 204 at once

	mu   sync.Mutex
	life int
	got  []sighting
}

// sighting is a request that a witness read whole.
type sighting struct {
	run      string
	url      string
	life     int
	status   int // that it was answered with; 0: not yet
	answered int // how many had arrived by then
}

type lifeKey struct{}

func newWitness(t *testing.T) *witness {
	w := &witness{answer: func() (int, time.Duration) { return http.StatusNoContent, 0 }}
	w.Server = httptest.NewUnstartedServer(w)
	w.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		w.mu.Lock()
		defer w.mu.Unlock()
		return context.WithValue(ctx, lifeKey{}, w.life)
	}
	w.Start()
	t.Cleanup(w.Close)
	return w
}

// begin begins a life, when all victims are dead. Connections are accepted in the order in which they were made, so after
// an answer on a new one all those of the dead belong to the lives in which they were made.
func (w *witness) begin(t *testing.T, life int) {
	t.Helper()
	w.CloseClientConnections()
	res, err := w.Client().Get(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	w.mu.Lock()
	w.life = life
	w.mu.Unlock()
}

// ServeHTTP notes a whole request; of one that was cut off nobody can tell whether it arrived.
func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil || r.Method != http.MethodPost {
		return
	}
	n, ok := w.note(r)
	if !ok {
		return
	}
	status, after := w.answer()
	if after > 0 {
		<-time.After(after)
	}
	w.mu.Lock()
	w.got[n].status, w.got[n].answered = status, len(w.got)
	w.mu.Unlock()
	rw.WriteHeader(status)
}

// note notes the n-th request; not one of the dead that is read only now.
func (w *witness) note(r *http.Request) (n int, ok bool) {
	life := r.Context().Value(lifeKey{}).(int)
	w.mu.Lock()
	defer w.mu.Unlock()
	if life != w.life {
		return 0, false
	}
	w.got = append(w.got, sighting{run: r.Header.Get("webhook-id"), url: w.URL + r.URL.Path, life: life})
	return len(w.got) - 1, true
}

// victim returns a process to be started, with its task. Its clock is beyond the leases of the lives before.
func (w *witness) victim(t *testing.T, path, task string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimFile+"="+path, victimURL+"="+w.URL, victimTask+"="+task,
		victimLife+"="+strconv.Itoa(w.life), victimAhead+"="+(time.Duration(w.life)*2*siegeLease).String())
	cmd.Stderr = os.Stderr
	return cmd
}

// killSoon lets a life acknowledge something and, at a moment of chance after that, kills it. It returns the ids of all
// runs that were acknowledged.
func killSoon(t *testing.T, cmd *exec.Cmd) (acknowledged []string) {
	t.Helper()
	lines := need.Talk(t, cmd)
	var kill *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // a last line that was cut is no acknowledgement that anybody read
			break
		}
		acknowledged = append(acknowledged, strings.TrimSpace(line))
		if kill == nil {
			kill = time.AfterFunc(time.Duration(rand.IntN(150))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); kill == nil || kill.Stop() || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("a victim ended by itself after %d acknowledged runs: %v", len(acknowledged), err)
	}
	return acknowledged
}

// R6: a run whose creation was acknowledged arrives, however often the process is killed; it arrives twice only if a kill
// came in between.
func TestNothingAcknowledgedIsLostToAKill(t *testing.T) {
	kills := 50
	if need.Quick() {
		kills = 8
	}
	path := filepath.Join(t.TempDir(), "store.db")
	w := newWitness(t)
	var acknowledged []string
	for life := 1; life <= kills; life++ {
		w.begin(t, life)
		acknowledged = append(acknowledged, killSoon(t, w.victim(t, path, taskPublish))...)
	}
	w.begin(t, kills+1)
	if out, err := w.victim(t, path, taskDrain).Output(); err != nil {
		t.Fatalf("drain: %v %s", err, out)
	}
	arrived, repeated := w.judge(t, acknowledged, kills)
	t.Logf("%d kills: %d runs acknowledged, %d arrived, %d times again after a kill", kills, len(acknowledged), arrived, repeated)
	checkFile(t, path, runs.Counts{runs.Succeeded: arrived})
}

// judge reports runs that did not arrive, or twice in one life, and returns how many arrived, and how often one did again
// in a later life.
func (w *witness) judge(t *testing.T, acknowledged []string, kills int) (arrived, repeated int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	lives := map[string][]int{}
	for _, s := range w.got {
		lives[s.run] = append(lives[s.run], s.life)
	}
	for _, id := range acknowledged {
		if len(lives[id]) == 0 {
			t.Errorf("run %s was acknowledged and never arrived", id)
		}
	}
	for id, in := range lives {
		repeated += len(in) - 1
		for i, life := range in[1:] {
			if life <= in[i] {
				t.Errorf("run %s arrived in lives %v: twice without a kill in between", id, in)
			}
		}
	}
	// What a kill may repeat: attempts under way, and outcomes on their way to the store.
	if most := kills * (64 + 4*64 + 1000); repeated > most {
		t.Errorf("%d runs arrived again, want at most %d", repeated, most)
	}
	return len(lives), repeated
}

// checkFile reports a damaged file, and one that holds other runs than so many of each status.
func checkFile(t *testing.T, path string, want runs.Counts) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: %q, %v", verdict, err)
	}
	st := openFile(t, path)
	if err := storetest.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	got, err := st.Count(t.Context(), runs.Filter{})
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(statusCounts(want), statusCounts(got)); diff != "" {
		t.Errorf("runs in the store, by %v (-want +got):\n%s", runs.Statuses(), diff)
	}
}
