package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tenterhook/tenterhook/events"
)

const (
	maxLine   = 1 << 20 // bytes
	maxEvents = 10_000
	maxBad    = 10 // lines that are complained of
)

// load returns the events to publish.
func (s settings) load(stdin io.Reader) ([]events.Event, error) {
	catalogue := events.Standard() // to which a host adds the types of its own
	switch s.events {
	case "":
		return samples(catalogue)
	case "-":
		return readLines(catalogue, "stdin", stdin)
	}
	f, err := os.Open(s.events)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	defer f.Close()
	return readLines(catalogue, s.events, f)
}

// samples returns an event of each shape of each type.
func samples(catalogue *events.Catalogue) ([]events.Event, error) {
	var evs []events.Event
	for _, t := range catalogue.Types() {
		for _, sample := range append([][]byte{t.Sample}, t.OtherSamples...) {
			ev, err := catalogue.Decode(sample)
			if err != nil {
				return nil, fmt.Errorf("read sample of %q: %w", t.Name, err)
			}
			evs = append(evs, owned(ev, fmt.Sprintf("sample:%d", len(evs)+1)))
		}
	}
	return evs, nil
}

// readLines returns the events of r, one JSON object a line, or what is wrong with each bad line as name:line.
func readLines(catalogue *events.Catalogue, name string, r io.Reader) ([]events.Event, error) {
	var evs []events.Event
	var bad []error
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for len(bad) < maxBad && lines.Scan() {
		n++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		ev, err := read(catalogue, bytes.Clone(line))
		switch {
		case err != nil:
			bad = append(bad, fmt.Errorf("%s:%d: %w", name, n, err))
		case len(evs) == maxEvents:
			return nil, fmt.Errorf("%s:%d: there are more than %d events: split them into several files", name, n, maxEvents)
		default:
			evs = append(evs, owned(ev, fmt.Sprintf("%s:%d", name, n)))
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		bad = append(bad, fmt.Errorf("%s:%d: the line is longer than %d bytes: shorten the event", name, n+1, maxLine))
	case err != nil:
		bad = append(bad, fmt.Errorf("%s:%d: %w", name, n+1, err))
	case len(evs)+len(bad) == 0:
		bad = append(bad, fmt.Errorf("%s: there is no event in it: write one JSON object a line", name))
	}
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	return evs, nil
}

// read checks before it decodes, so that all that is wrong is told at once.
func read(catalogue *events.Catalogue, line []byte) (events.Event, error) {
	if err := catalogue.Validate(line); err != nil {
		return events.Event{}, err
	}
	return catalogue.Decode(line)
}

// owned makes ev an event of the customer's, whatever account it names: whose event it is, the host knows best. An id of
// the host's own makes publishing again harmless, and names the event in errors.
func owned(ev events.Event, id string) events.Event {
	ev.ID, ev.Account.ID = id, account
	return ev
}
