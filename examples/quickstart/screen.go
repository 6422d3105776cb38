package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/tenterhook/tenterhook/runs"
)

// screen shows runs as they move.
type screen interface{ show(list []runs.Run) }

// newScreen returns a table that is redrawn where out is a terminal, else lines.
func newScreen(out io.Writer, began time.Time) screen {
	f, ok := out.(*os.File)
	kind := os.Getenv("TERM") // unset where control sequences cannot be relied on
	if !ok || !term.IsTerminal(int(f.Fd())) || kind == "" || kind == "dumb" {
		return &lines{out: out, began: began, shown: map[string]string{}}
	}
	_, height, err := term.GetSize(int(f.Fd()))
	if err != nil {
		height = 24
	}
	return &table{out: out, rows: max(1, height-3)}
}

// lines prints a line for each change that it sees; what a run passes through between two looks, it does not.
type lines struct {
	out   io.Writer
	began time.Time
	shown map[string]string // by id
}

func (l *lines) show(list []runs.Run) {
	for _, r := range list {
		state := fmt.Sprint(r.Status, r.Tries, r.Held)
		if l.shown[r.ID] == state {
			continue
		}
		l.shown[r.ID] = state
		fmt.Fprintf(l.out, "%6.2f s  %s\n", time.Since(l.began).Seconds(), row(r, time.Now()))
	}
}

// row is a run on one line.
func row(r runs.Run, now time.Time) string {
	next := ""
	if wait := r.Due.Sub(now); r.Status == runs.Scheduled && wait > 0 {
		next = fmt.Sprintf("in %.1f s", wait.Seconds())
	}
	if r.Held != "" {
		next = string(r.Held)
	}
	return fmt.Sprintf("%-9s %-8s try %d  %-30s  %-20s  %s",
		r.Status, next, r.Tries, cut(printable(r.EventType), 30), cut(printable(r.Respondent.Name()), 20), r.ID)
}
