package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/tenterhook/tenterhook/runs"
)

func TestLinesTellEachChangeOnce(t *testing.T) {
	var out bytes.Buffer
	l := newScreen(&out, time.Now())
	list := []runs.Run{{ID: "run_a", Status: runs.Running, Tries: 1}, {ID: "run_b", Status: runs.Scheduled}}
	l.show(list)
	l.show(list)
	list[0].Status = runs.Succeeded
	l.show(list)
	if got := strings.Count(out.String(), "run_a"); got != 2 {
		t.Errorf("run_a is told of %d times, want 2:\n%s", got, out.String())
	}
	if got := strings.Count(out.String(), "run_b"); got != 1 {
		t.Errorf("run_b is told of %d times, want 1:\n%s", got, out.String())
	}
}

func TestTableIsDrawnOverItself(t *testing.T) {
	var out bytes.Buffer
	tb := &table{out: &out, rows: 10}
	list := []runs.Run{{ID: "run_a", Status: runs.Running}, {ID: "run_b", Status: runs.Running}}
	tb.show(list)
	if strings.Contains(out.String(), "\x1b[2A") {
		t.Errorf("the first frame goes up: %q", out.String())
	}
	out.Reset()
	tb.show(list)
	if frame := out.String(); !strings.Contains(frame, "\x1b[2A\r") || strings.Count(frame, "\n") != 2 {
		t.Errorf("the second frame does not begin where the first did: %q", frame)
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	var out bytes.Buffer
	tb := &table{out: &out, rows: 2}
	list := []runs.Run{{Status: runs.Running}, {Status: runs.Running}, {Status: runs.Failed}, {Status: runs.Succeeded}}
	tb.show(list)
	if frame := out.String(); strings.Count(frame, "\n") != 3 || !strings.Contains(frame, "and 2 more: 0 scheduled, 0 running, 1 failed, 1 succeeded") {
		t.Errorf("frame = %q, want two runs and a line about two more", frame)
	}
}

func TestCutCountsCharacters(t *testing.T) {
	if got := cut("łódźx", 4); got != "łód…" {
		t.Errorf("cut = %q", got)
	}
	if got := cut("łódź", 4); got != "łódź" {
		t.Errorf("cut = %q", got)
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("Zielińska")
	f.Add("\x1b[2J\r\n\u202e\u009b\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := printable(text)
		if i := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("printable(%q) = %q", text, got)
		}
		if again := printable(got); again != got {
			t.Errorf("printable(%q) = %q, and of that %q", text, got, again)
		}
	})
}
