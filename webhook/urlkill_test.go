package webhook_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
)

// stuck is a directory that says which change it begins, and ends none.
type stuck struct{}

// UpdateRespondent implements [webhook.Respondents].
func (stuck) UpdateRespondent(_ context.Context, r automation.Respondent) error {
	fmt.Println(r.Run)
	select {}
}

// AddRespondent implements [webhook.Respondents].
func (s stuck) AddRespondent(ctx context.Context, r automation.Respondent) error {
	return s.UpdateRespondent(ctx, r)
}

// Invite implements [webhook.Inviter]. It ends.
func (stuck) Invite(_ context.Context, i automation.Invitation) error {
	fmt.Println(i.Run)
	return nil
}

// serveForEver returns only with an error.
func serveForEver(ctx context.Context, d *webhook.Dispatcher) error {
	c, err := d.EnableURLWebhooks(ctx, account)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String() + c.Path("/webhooks", automation.UpdateRespondent))
	mux := http.NewServeMux()
	mux.Handle("/in/", webhook.NewReceiver(d, webhook.ReceiverOptions{}))
	mux.Handle("/webhooks/", webhook.NewURLReceiver(d, webhook.ReceiverOptions{}))
	return http.Serve(listener, mux)
}

// serving starts a process that serves over a store, and returns it, the address of its URL webhook, and what it prints then.
func serving(t *testing.T, place string) (cmd *exec.Cmd, address string, lines *bufio.Reader) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimFile+"="+place, victimTask+"="+taskServe, victimLife+"=1", victimAhead+"=0s")
	lines = need.Talk(t, cmd)
	return cmd, need.Line(t, lines), lines
}

// I8, R6: a change that a killed process had begun is made by the next one, under the same run.
func TestChangeOutlivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	cmd, address, lines := serving(t, path)
	failed := make(chan error, 1)
	go func() {
		resp, err := http.Get(address + "?id_survey=1&id_respondent=2&l1=vip")
		if err == nil {
			_ = resp.Body.Close()
		}
		failed <- err
	}()
	begun, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if err := <-failed; err == nil {
		t.Error("who called was answered by a dead process")
	}

	later := func() time.Time { return time.Now().Add(2 * time.Minute) } // when the lease of the dead has ended
	st, err := sqlite.Options{Now: later}.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	g := &guests{}
	dispatch(t, st, webhook.Options{Respondents: g})
	r := awaitEnd(t, st, strings.TrimSpace(begun))
	if r.Status != runs.Succeeded || len(g.changes()) != 1 {
		t.Fatalf("run is %s after %d changes", r.Status, len(g.changes()))
	}
	if got := g.changes()[0]; got.Run != r.ID || got.ID != "2" || got.Labels["l1"] != "vip" {
		t.Errorf("made %+v", got)
	}
}
