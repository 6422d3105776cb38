package main

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tenterhook/tenterhook/events"
)

func TestReadLinesNamesWhatIsWrong(t *testing.T) {
	tests := []struct {
		name, text string
		want       string
	}{
		{"not JSON", "{", "f:1: validate event"},
		{"after blank lines", "\n\r\n  \n[]", "f:4: "},
		{"wrong type", tagged + "\n" + strings.Replace(tagged, `"id":1`, `"id":"1"`, 1), "/data/tag/id"},
		{"too long", tagged + "\n" + `{"type":"` + strings.Repeat("x", maxLine), "f:2: the line is longer than"},
		{"nothing", "\n\n", "f: there is no event in it"},
		{"too many", strings.Repeat(`{"type":"a","data":{}}`+"\n", maxEvents+1), "f:10001: there are more than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			evs, err := readLines(events.Standard(), "f", strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) || evs != nil {
				t.Errorf("readLines = %d events, %v; want no events and an error with %q", len(evs), err, tt.want)
			}
		})
	}
}

func TestReadLinesNamesFewBadLines(t *testing.T) {
	_, err := readLines(events.Standard(), "f", strings.NewReader(strings.Repeat("{\n", 1000)))
	if got := strings.Count(err.Error(), "\n") + 1; got != maxBad {
		t.Errorf("%d lines are complained of, want %d", got, maxBad)
	}
}

func TestReadErrorIsNoEnd(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := readLines(events.Standard(), "f", iotest.ErrReader(broken))
	if !errors.Is(err, broken) {
		t.Errorf("error = %v, want %v", err, broken)
	}
}

func TestEventsBelongToTheCustomer(t *testing.T) {
	evs, err := readLines(events.Standard(), "f", strings.NewReader(`{"type":"a","data":{},"account":{"id":"somebody_else"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if evs[0].Account.ID != account || evs[0].ID != "f:1" {
		t.Errorf("event %q of account %q, want f:1 of %q", evs[0].ID, evs[0].Account.ID, account)
	}
}

func FuzzReadLines(f *testing.F) {
	f.Add(tagged)
	f.Add(unknown + "\n{\n" + unwanted)
	f.Add("\xff\n[]\n\"")
	catalogue := events.Standard()
	f.Fuzz(func(t *testing.T, text string) {
		evs, err := readLines(catalogue, "f", strings.NewReader(text))
		switch {
		case (err == nil) == (len(evs) == 0):
			t.Errorf("readLines(%q) = %d events, %v: want either", text, len(evs), err)
		case err != nil && !strings.HasPrefix(err.Error(), "f:"):
			t.Errorf("error %q names no place", err)
		}
		for _, ev := range evs {
			if _, err := ev.Encode(); err != nil {
				t.Errorf("event %s cannot be published: %v", ev.ID, err)
			}
		}
	})
}
