package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/sqlite"
)

// TestMain lets the test binary be the command: see TestNothingIsLeftWhenNobodyReads.
func TestMain(m *testing.M) {
	need.Command(main)
	goleak.VerifyTestMain(m)
}

const (
	tagged   = `{"type":"contact.tag.added","data":{"tag":{"id":1,"name":"Crew"},"contact":{"id":7,"email":"ada@example.com","fields":[]}}}`
	unknown  = `{"type":"order.shipped","data":{"order":1}}`
	unwanted = `{"type":"survey.response.completed","data":{"survey":{"id":"sv_1","name":"x","anonymous":false},"respondent":null,"completed_at":"2026-03-14T11:06:38+00:00","answers":[],"background":[]}}`
)

// quickstart runs the command and returns what it printed.
func quickstart(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, strings.NewReader(stdin), &out)
	return out.String(), err
}

// counts opens a kept store as a host would and counts the runs.
func counts(t *testing.T, dir string) runs.Counts {
	t.Helper()
	st, err := sqlite.Open(t.Context(), filepath.Join(dir, "quickstart.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	got, err := st.Count(t.Context(), runs.Filter{Account: account})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantText(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("output lacks %q:\n%s", text, out)
		}
	}
}

// SPEC O1, O4, O7, O8, O9, R2, R5, S4, S8: the samples go out, those in trouble are retried, one is replayed.
func TestEverySampleThatIsListenedToArrives(t *testing.T) {
	t.Parallel()
	evs, err := samples(events.Standard())
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, ev := range evs {
		if strings.HasPrefix(ev.Type, "contact.") || ev.SurveyID() == survey {
			want++
		}
	}
	out, err := quickstart(t, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantText(t, out,
		fmt.Sprintf("Events published: %d. Runs made: %d. Nobody listens to ", len(evs), want), "customer.sale.completed",
		"503      unsuccessful_status\n2 ", "204      delivered",
		`"data":{"tour":"guided","rating":9,"q_q105":null,"season":"spring"}`,
		"request 4 with it", fmt.Sprintf("0 failed, %d succeeded.", want), "Anonymous",
	)
	if strings.Contains(out, "\x1b") {
		t.Error("output that is no terminal has control sequences")
	}
}

func TestEventsComeFromAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(file, []byte("\n"+tagged+"\n"+unknown+"\n"+unwanted+"\n"+tagged), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := quickstart(t, "", "-events", file)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantText(t, out, "Events published: 4. Runs made: 2. Nobody listens to order.shipped, survey.response.completed.", "2 succeeded")
}

func TestEventsComeFromStandardInput(t *testing.T) {
	t.Parallel()
	out, err := quickstart(t, tagged+"\n", "-events", "-")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantText(t, out, "Runs made: 1.", "1 succeeded")
}

func TestBadLineIsNamedAndNothingIsPublished(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	file := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(file, []byte(tagged+"\n{\"type\":\"contact.tag.added\",\"data\":{}}\n"+tagged+"\n{\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := quickstart(t, "", "-events", file, "-keep", dir)
	if err == nil {
		t.Fatal("a bad line was accepted")
	}
	wantText(t, err.Error(), file+":2: validate event", "missing properties", file+":4: ")
	if strings.Contains(err.Error(), file+":1") || strings.Contains(err.Error(), file+":3") {
		t.Errorf("a good line is named: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) || out != "" {
		t.Errorf("something was made (%v) or printed: %q", err, out)
	}
	if got := exitStatus(err); got != 1 {
		t.Errorf("exit status = %d, want 1", got)
	}
}

func TestKeptStoreOpensAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	if out, err := quickstart(t, tagged, "-events", "-", "-keep", dir); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := counts(t, dir)[runs.Succeeded]; got != 1 {
		t.Errorf("kept store has %d succeeded runs, want 1", got)
	}
	_, err := quickstart(t, tagged, "-events", "-", "-keep", dir)
	if err == nil || !strings.Contains(err.Error(), "name another folder") {
		t.Errorf("second use of the folder: %v, want an error that says what to do", err)
	}
}

func TestTemporaryStoreIsRemoved(t *testing.T) {
	dir := t.TempDir()
	need.TempFolder(t, dir)
	if out, err := quickstart(t, tagged, "-events", "-"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMissingTemporaryFolderIsNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	need.TempFolder(t, dir)
	_, err := quickstart(t, tagged, "-events", "-")
	if err == nil || !strings.HasPrefix(err.Error(), "make temporary folder: ") || !strings.Contains(err.Error(), "may be written") {
		t.Errorf("error %v; want one that says what it was for and what to do", err)
	}
}

// As in a pipe to head.
func TestNothingIsLeftWhenNobodyReads(t *testing.T) {
	need.Unread(t, 0)
	need.Unread(t, 1, "-serve")
}

// trigger ends something when a text is printed.
type trigger struct {
	bytes.Buffer
	text string
	do   func()
}

func (w *trigger) Write(b []byte) (int, error) {
	n, err := w.Buffer.Write(b)
	if strings.Contains(w.String(), w.text) {
		w.do()
	}
	return n, err
}

func TestServeGoesOnUntilItIsEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &trigger{text: "until Ctrl-C", do: cancel}
	if err := run(ctx, []string{"-events", "-", "-serve"}, strings.NewReader(tagged), out); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() == nil {
		t.Errorf("it ended by itself:\n%s", out)
	}
}

// SPEC R6: what was published and not delivered is in the store.
func TestStoppingEarlyKeepsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &trigger{text: "Runs made: 1.", do: cancel} // its first answer is 503, so it needs more time than it gets
	err := run(ctx, []string{"-events", "-", "-keep", dir}, strings.NewReader(tagged), out)
	if err == nil || !strings.Contains(err.Error(), "on their way: 1 of 1") || exitStatus(err) != 1 {
		t.Errorf("error = %v, exit status %d", err, exitStatus(err))
	}
	if got := counts(t, dir)[runs.Scheduled]; got != 1 {
		t.Errorf("%d runs are scheduled, want 1", got)
	}
}

func TestExitStatusTellsUsageFromFailure(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want int
		says string
	}{
		{"help", []string{"-help"}, 0, ""},
		{"unknown flag", []string{"-colour"}, 2, "-colour"},
		{"argument", []string{"events.jsonl"}, 2, `argument "events.jsonl" has no meaning`},
		{"flag without value", []string{"-keep"}, 2, "-keep"},
		{"no such file", []string{"-events", "nowhere.jsonl"}, 1, "nowhere.jsonl"},
		{"no event", []string{"-events", "-"}, 1, "stdin: there is no event in it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := quickstart(t, "", tt.args...)
			if got := exitStatus(err); got != tt.want {
				t.Errorf("exit status of %v = %d, want %d", err, got, tt.want)
			}
			var stderr bytes.Buffer
			complain(&stderr, err)
			if (stderr.Len() > 0) != (tt.want > 0) || !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("complaint = %q, want one with %q", stderr.String(), tt.says)
			}
		})
	}
}

func TestEventsThatNobodyListensToAreAFailure(t *testing.T) {
	t.Parallel()
	_, err := quickstart(t, unknown, "-events", "-")
	if !errors.Is(err, errNothing) {
		t.Errorf("error = %v, want %v", err, errNothing)
	}
}

// ATTACKS 26: text from outside cannot steer the terminal.
func TestTextFromOutsideIsShownAsText(t *testing.T) {
	t.Parallel()
	evil := `{"type":"contact.\u001b[2Jx","data":{"contact":{"id":1,"email":"a\u001b]0;x\u0007\u202e\u009b@example.com","fields":[]}}}`
	out, err := quickstart(t, evil, "-events", "-")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantText(t, out, "contact.·[2Jx")
	_, bad := quickstart(t, `{"type":"contact.tag.added","data":{"\u001b[2J":1}`, "-events", "-")
	var stderr bytes.Buffer
	complain(&stderr, bad)
	complain(&stderr, errors.New("x: \x1b[2J\u202e"))
	for _, text := range []string{out, stderr.String()} {
		if strings.ContainsAny(text, "\x1b\a\u202e\u009b") {
			t.Errorf("control characters reach the terminal: %q", text)
		}
	}
}
