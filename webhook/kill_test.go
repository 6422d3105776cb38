package webhook_test

import (
	"bufio"
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

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// witness is a receiver that notes in which life of the victim each run arrived.
type witness struct {
	*httptest.Server

	mu   sync.Mutex
	life int
	seen map[string][]int // lives by webhook-id
}

type lifeKey struct{}

func newWitness(t *testing.T) *witness {
	w := &witness{seen: map[string][]int{}}
	w.Server = httptest.NewUnstartedServer(w)
	// A connection belongs to the life in which it was opened, even if its last request is read after the kill.
	w.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		w.mu.Lock()
		defer w.mu.Unlock()
		return context.WithValue(ctx, lifeKey{}, w.life)
	}
	w.Start()
	t.Cleanup(w.Close)
	return w
}

// ServeHTTP notes a whole request; of one that was cut off nobody can tell whether it arrived.
func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	id, life := r.Header.Get("webhook-id"), r.Context().Value(lifeKey{}).(int)
	w.mu.Lock()
	w.seen[id] = append(w.seen[id], life)
	w.mu.Unlock()
	rw.WriteHeader(http.StatusNoContent)
}

// start begins a life of the victim. Its clock is beyond the leases of the life before.
func (w *witness) start(t *testing.T, path string, number int, drains bool) *exec.Cmd {
	t.Helper()
	w.mu.Lock()
	w.life = number
	w.mu.Unlock()
	task := number
	if drains {
		task = 0
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimFile+"="+path, victimURL+"="+w.URL, victimLife+"="+strconv.Itoa(task),
		victimAhead+"="+(time.Duration(number)*2*time.Minute).String())
	cmd.Stderr = os.Stderr
	return cmd
}

// killSoon lets a life acknowledge something and, at a moment of chance after that, kills it. It returns the ids of all
// runs that were acknowledged.
func killSoon(t *testing.T, cmd *exec.Cmd) (acknowledged []string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
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
	if testing.Short() {
		kills = 5
	}
	path := filepath.Join(t.TempDir(), "store.db")
	w := newWitness(t)
	var acknowledged []string
	for life := 1; life <= kills; life++ {
		acknowledged = append(acknowledged, killSoon(t, w.start(t, path, life, false))...)
	}
	if out, err := w.start(t, path, kills+1, true).Output(); err != nil {
		t.Fatalf("drain: %v %s", err, out)
	}
	repeated := w.judge(t, acknowledged, kills)
	t.Logf("%d kills: %d runs acknowledged, %d arrived, %d of them again after a kill", kills, len(acknowledged), len(w.seen), repeated)
	checkFile(t, path, len(w.seen))
}

// judge reports runs that did not arrive, or twice in one life, and returns how many arrived again in a later one.
func (w *witness) judge(t *testing.T, acknowledged []string, kills int) (repeated int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range acknowledged {
		if len(w.seen[id]) == 0 {
			t.Errorf("run %s was acknowledged and never arrived", id)
		}
	}
	for id, lives := range w.seen {
		repeated += len(lives) - 1
		for i, life := range lives[1:] {
			if life <= lives[i] {
				t.Errorf("run %s arrived in lives %v: twice without a kill in between", id, lives)
			}
		}
	}
	// What a kill may repeat: attempts under way, and outcomes on their way to the store.
	if most := kills * (64 + 4*64 + 1000); repeated > most {
		t.Errorf("%d runs arrived again, want at most %d", repeated, most)
	}
	return repeated
}

// checkFile reports a damaged file, and one that holds other than these many succeeded runs.
func checkFile(t *testing.T, path string, want int) {
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
	c, err := st.Count(t.Context(), runs.Filter{})
	if err != nil || c[runs.Succeeded] != want || len(c) != 1 {
		t.Errorf("the store holds runs %v, want %d succeeded: %v", c, want, err)
	}
}
