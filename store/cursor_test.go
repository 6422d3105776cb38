package store_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

var account = runs.Filter{Account: "acct_1"}

func TestCursorLeadsBackToWhereItStood(t *testing.T) {
	for _, seq := range []int64{0, 1, 2, 255, 256, 1 << 40, math.MaxInt64} {
		got, err := store.Resume(account, store.Cursor(account, seq))
		if err != nil || got != seq {
			t.Errorf("Resume(Cursor(%d)) = %d, %v", seq, got, err)
		}
	}
}

func TestEmptyCursorStandsForTheNewest(t *testing.T) {
	got, err := store.Resume(account, "")
	if err != nil || got != math.MaxInt64 {
		t.Errorf("Resume of no cursor = %d, %v; want the largest number", got, err)
	}
}

func TestAlteredCursorIsRefused(t *testing.T) {
	cursor := store.Cursor(account, 12345)
	altered := []string{cursor + "A", cursor + "=", cursor + "\n", " " + cursor, cursor + cursor, "A", "12345", "\x00", "ü"}
	for i := range cursor {
		altered = append(altered, cursor[:i]+"_"+cursor[i+1:])
		if i > 0 {
			altered = append(altered, cursor[:i], cursor[i:])
		}
	}
	for _, text := range altered {
		if got, err := store.Resume(account, text); text != cursor && !errors.Is(err, store.ErrCursor) {
			t.Errorf("Resume(%q) = %d, %v; want store.ErrCursor", text, got, err)
		}
	}
}

func TestCursorIsBoundToItsFilter(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	filters := []runs.Filter{
		{}, {Account: "a"}, {Account: "b"}, {Automation: "a"}, {EventType: "a"}, {Person: "a"}, {From: at}, {To: at}, {From: at.Add(1)},
		{IDs: []string{"a"}}, {IDs: []string{"a", "b"}}, {IDs: []string{"ab"}},
		{Statuses: []runs.Status{runs.Failed}}, {Statuses: []runs.Status{runs.Succeeded}}, {Account: "a", Automation: "b"}, {Account: "b", Automation: "a"},
	}
	for i, f := range filters {
		for j, g := range filters {
			if _, err := store.Resume(g, store.Cursor(f, 7)); (err == nil) != (i == j) {
				t.Errorf("cursor of %+v for %+v: error %v", f, g, err)
			}
		}
	}
}

// A cursor comes from a stranger's query string.
func FuzzResume(f *testing.F) {
	f.Add("acct_1", store.Cursor(account, 7))
	f.Add("", "")
	f.Add("acct_2", "AAAAAAAAAAcAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, of, cursor string) {
		filter := runs.Filter{Account: of}
		seq, err := store.Resume(filter, cursor)
		switch {
		case err != nil:
			if !errors.Is(err, store.ErrCursor) || seq != 0 {
				t.Errorf("Resume = %d, %v; want 0 and store.ErrCursor", seq, err)
			}
		case cursor != "" && store.Cursor(filter, seq) != cursor:
			t.Errorf("Resume took %q for %d, whose cursor is %q", cursor, seq, store.Cursor(filter, seq))
		}
	})
}

func ExampleCursor() {
	failed := runs.Filter{Account: "acct_1", Statuses: []runs.Status{runs.Failed}}
	cursor := store.Cursor(failed, 1041)
	seq, err := store.Resume(failed, cursor)
	fmt.Println(seq, err)
	_, err = store.Resume(runs.Filter{Account: "acct_2"}, cursor)
	fmt.Println(errors.Is(err, store.ErrCursor))
	// Output:
	// 1041 <nil>
	// true
}
