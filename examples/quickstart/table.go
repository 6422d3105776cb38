package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

// table draws all runs over what it drew before.
type table struct {
	out   io.Writer
	rows  int // that the terminal has room for
	drawn int
}

// Control sequences of ECMA-48 and of the terminals that follow xterm.
const (
	up        = "\x1b[%dA"
	clearLine = "\x1b[K"
	noWrap    = "\x1b[?7l" // a line that is too long is cut, or the next frame would miss its place
	wrap      = "\x1b[?7h"
)

func (t *table) show(list []runs.Run) {
	var frame strings.Builder
	frame.WriteString(noWrap)
	if t.drawn > 0 {
		fmt.Fprintf(&frame, up, t.drawn)
	}
	t.drawn = 0
	write := func(text string) {
		frame.WriteString("\r" + text + clearLine + "\n")
		t.drawn++
	}
	now := time.Now()
	for _, r := range list[:min(len(list), t.rows)] {
		write(row(r, now))
	}
	if more := list[t.drawn:]; len(more) > 0 {
		write(fmt.Sprintf("and %d more: %s", len(more), countsText(count(more))))
	}
	frame.WriteString(wrap)
	io.WriteString(t.out, frame.String())
}

func count(list []runs.Run) runs.Counts {
	counts := runs.Counts{}
	for _, r := range list {
		counts[r.Status]++
	}
	return counts
}
