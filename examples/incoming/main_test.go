package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
)

// TestMain lets the test binary be the command: see TestNothingIsLeftWhenNobodyReads.
func TestMain(m *testing.M) {
	need.Command(main)
	goleak.VerifyTestMain(m)
}

// SPEC I1 to I8: requests become runs, runs become mails, and a call changes the directory; nothing is left behind.
func TestRequestsBecomeInvitations(t *testing.T) {
	dir := t.TempDir()
	need.TempFolder(t, dir)
	for _, args := range [][]string{nil, {"-memory"}} {
		var out bytes.Buffer
		if err := run(t.Context(), args, &out); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, &out)
		}
		for _, text := range []string{
			"Ann     scheduled", "Cem     succeeded", "Mail to \"Ann\" <ann@example.com>: Ann, how was it?\n", "you ordered for 1041.99.",
			"Mail to \"Bob\" <bob@example.com>", "Mail to \"Cem\" <cem@example.com>", "\t202 {\"status\":\"skipped\"}\n",
			"before:\n\t17  dan@example.com  l1=new l2=NL\n", "after:\n\t17  dan@example.com  l1=vip l2=NL\n",
		} {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%q: output lacks %q:\n%s", args, text, &out)
			}
		}
		if strings.Contains(out.String(), "Mail to \"Eve\"") || strings.Contains(out.String(), "Mail to \"Test\"") {
			t.Errorf("%q: a skipped or test request invited somebody:\n%s", args, &out)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTemporaryFolderMayHaveAnyName(t *testing.T) {
	need.OddTempFolder(t)
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestMissingTemporaryFolderIsNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	need.TempFolder(t, dir)
	err := run(t.Context(), nil, new(bytes.Buffer))
	if err == nil || !strings.HasPrefix(err.Error(), "make temporary folder: ") || !strings.Contains(err.Error(), "may be written") {
		t.Errorf("error %v; want one that says what it was for and what to do", err)
	}
}

// As in a pipe to head.
func TestNothingIsLeftWhenNobodyReads(t *testing.T) {
	for _, args := range [][]string{nil, {"-serve"}} {
		need.Unread(t, 1, args...)
	}
}

// trigger does something once, when a text is printed.
type trigger struct {
	bytes.Buffer
	text string
	once sync.Once
	do   func(printed string)
}

func (w *trigger) Write(b []byte) (int, error) {
	n, err := w.Buffer.Write(b)
	if strings.Contains(w.String(), w.text) {
		w.once.Do(func() { w.do(w.String()) })
	}
	return n, err
}

// The printed commands do what they say, in a shell.
func TestPrintedCommandsWork(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skipf("needs a shell: %v", err)
	}
	need.Tool(t, "curl")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answers := 0
	out := &trigger{text: "until Ctrl-C", do: func(printed string) {
		defer cancel()
		lines := strings.Split(printed, "\n")
		for i, line := range lines {
			command := strings.TrimSpace(line)
			if !strings.HasPrefix(command, "curl ") {
				continue
			}
			got, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", command+` -s -w '\n%{http_code}'`).Output()
			body, status, _ := strings.Cut(string(got), "\n")
			want := strings.TrimSpace(lines[i+1])
			if strings.Contains(want, `"accepted"`) { // one without an id makes another run
				body, want = body[:20], want[:24]
			}
			if err != nil || strings.TrimSpace(status)+" "+body != want {
				t.Errorf("%s answered %s %s, error %v; want %s", command, status, body, err, want)
			}
			answers++
		}
	}}
	if err := run(ctx, []string{"-serve"}, out); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if answers != 9 {
		t.Errorf("%d commands were printed, want 9", answers)
	}
}

func TestWhatIsNotAsItShouldBeIsAnError(t *testing.T) {
	h, err := open(t.Context(), settings{memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	}()
	h.people.(*memoryDirectory).people["18"] = respondent{id: "18"} // whom the service should not know
	if err := h.show(t.Context(), new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), "does not know") {
		t.Errorf("a respondent too many: error %v", err)
	}
	if err := h.table(t.Context(), new(bytes.Buffer), "none", 1); err == nil {
		t.Error("a run too few is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("under a context that has ended: error %v", err)
	}
}

func TestCommandLineIsChecked(t *testing.T) {
	for _, args := range [][]string{{"-none"}, {"x"}} {
		if err := run(t.Context(), args, new(bytes.Buffer)); exitStatus(err) != 2 {
			t.Errorf("%q: %v", args, err)
		}
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &out); err != nil || !strings.Contains(out.String(), "-serve") {
		t.Errorf("-help: %v, %q", err, &out)
	}
	if exitStatus(nil) != 0 || exitStatus(errors.New("x")) != 1 {
		t.Error("exit statuses are other than 0 and 1")
	}
}

// Both directories do the same, also when a call is done again.
func TestDirectoriesAgree(t *testing.T) {
	change := func(run, id, email string, labels map[string]string) automation.Respondent {
		return automation.Respondent{Run: run, Account: account, Survey: survey, ID: id, Email: email, Labels: labels}
	}
	calledAt := func(second int64, r automation.Respondent) automation.Respondent {
		r.CalledAt = time.Unix(second, 0)
		return r
	}
	var lists [][]respondent
	for _, s := range []settings{{}, {memory: true}} {
		d, err := openDirectory(t.Context(), s, filepath.Join(t.TempDir(), "service.db"))
		if err != nil {
			t.Fatal(err)
		}
		other := change("run_9", "17", "", nil)
		other.Survey = "sv_none"
		for _, step := range []struct {
			do      func(context.Context, automation.Respondent) error
			with    automation.Respondent
			refused bool
		}{
			{d.UpdateRespondent, change("run_1", "17", "", map[string]string{"l1": "o'vip", "l3": ""}), false},
			{d.UpdateRespondent, change("run_2", "", "", map[string]string{"l1": "nobody"}), false},
			{d.UpdateRespondent, change("run_2", "", "", map[string]string{"l1": "nobody"}), false},
			{d.UpdateRespondent, change("run_3", "99", "", nil), true},
			{d.AddRespondent, change("run_4", "", "eva@example.com", nil), false},
			{d.AddRespondent, change("run_5", "", "eva@example.com", map[string]string{"l2": "DE"}), false},
			{d.UpdateRespondent, calledAt(2, change("run_6", "run_4", "", map[string]string{"l2": "FR", "l3": "x"})), false},
			{d.UpdateRespondent, calledAt(1, change("run_7", "run_4", "", map[string]string{"l2": "NL", "l4": "y"})), false}, // it was retried
			{d.UpdateRespondent, other, true},
			{d.AddRespondent, other, true},
		} {
			if err := step.do(t.Context(), step.with); errors.Is(err, automation.ErrRefused) != step.refused || err != nil && !step.refused {
				t.Errorf("%+v of %+v: error %v", s, step.with, err)
			}
		}
		list, err := d.list(t.Context(), survey)
		if err != nil {
			t.Error(err)
		}
		lists = append(lists, list)
		if err := d.close(); err != nil {
			t.Error(err)
		}
	}
	want := []respondent{
		{id: "17", email: "dan@example.com", labels: map[string]string{"l1": "o'vip", "l2": "NL", "l3": ""}},
		{id: "run_2", labels: map[string]string{"l1": "nobody"}},
		{id: "run_4", email: "eva@example.com", labels: map[string]string{"l2": "FR", "l3": "x", "l4": "y"}},
	}
	for _, got := range lists {
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(respondent{}), cmpopts.IgnoreFields(respondent{}, "called"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("directory (-want +got):\n%s", diff)
		}
	}
}
