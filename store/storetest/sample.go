package storetest

import (
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// What the sample runs belong to, unless a proof says otherwise.
const (
	account = "acct_1"
	lane    = "auto_1"
)

// entry returns a run of an id to create, due at once.
func entry(id string) store.Entry {
	return store.Entry{Planned: automation.Planned{Run: runs.Run{
		ID: id, Account: account, Automation: lane, Action: "1", Event: "evt_" + id, EventType: "contact.tag.added",
		Respondent: runs.Respondent{ID: "7", FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com"},
		URL:        "https://example.com/hook?run=" + id,
		Message:    []byte(`{"id":"` + id + `"}`),
	}}}
}

func entries(ids ...string) []store.Entry {
	list := make([]store.Entry, len(ids))
	for i, id := range ids {
		list[i] = entry(id)
	}
	return list
}

// entriesOf returns runs of another automation.
func entriesOf(automation string, ids ...string) []store.Entry {
	list := entries(ids...)
	for i := range list {
		list[i].Run.Automation = automation
	}
	return list
}

// numbered returns n ids that begin alike.
func numbered(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s_%05d", prefix, i)
	}
	return ids
}

// born returns what a store makes of e at the time of now, its sequence number aside.
func born(e store.Entry, now time.Time) runs.Run {
	r := e.Run
	r.CreatedAt, r.StatusAt, r.Status = now, now, runs.Scheduled
	r.Due = now.Add(e.Delay)
	if e.Lease > 0 {
		r.Status, r.Fence, r.Tries, r.Due = runs.Running, 1, 1, now.Add(e.Lease)
	}
	return r
}

// The outcomes of a run that was claimed: what became of it, with an attempt unless it is given back.

func succeeded(r runs.Run) store.Outcome { return outcome(r, runs.Succeeded, 204) }

func failed(r runs.Run) store.Outcome { return outcome(r, runs.Failed, 400) }

func again(r runs.Run, after time.Duration) store.Outcome {
	o := outcome(r, runs.Scheduled, 503)
	o.After = after
	return o
}

func givenBack(r runs.Run, after time.Duration) store.Outcome {
	return store.Outcome{Result: runs.GiveBack(r, after), Automation: r.Automation}
}

func outcome(r runs.Run, status runs.Status, statusCode int) store.Outcome {
	return store.Outcome{Automation: r.Automation, Result: runs.Result{
		ID: r.ID, Seq: r.Seq, Fence: r.Fence, Status: status, Attempt: attempt(statusCode),
	}}
}

func attempt(statusCode int) *runs.Attempt {
	return &runs.Attempt{
		At: begin, Duration: 15 * time.Millisecond, URL: "https://example.com/hook",
		StatusCode: statusCode, Class: runs.ClassOf(statusCode),
	}
}

// each returns one outcome for each run.
func each(list []runs.Run, of func(runs.Run) store.Outcome) []store.Outcome {
	outcomes := make([]store.Outcome, len(list))
	for i, r := range list {
		outcomes[i] = of(r)
	}
	return outcomes
}
