package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
)

// mostAttempts returns the run that took the most attempts, the oldest of several.
func mostAttempts(list []runs.Run) runs.Run {
	most := list[0]
	for _, r := range list[1:] {
		if len(r.Attempts) > len(most.Attempts) {
			most = r
		}
	}
	return most
}

// reportAttempts prints the attempts of a run.
func reportAttempts(out io.Writer, r runs.Run) {
	fmt.Fprintf(out, "\nAttempts of %s (%s):\n\n", r.ID, printable(r.EventType))
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "#\tafter\ttook\tstatus\tclass")
	for _, a := range r.Attempts {
		fmt.Fprintf(w, "%d\t%.3f s\t%.3f s\t%s\t%s\n", a.N, a.At.Sub(r.CreatedAt).Seconds(), a.Duration.Seconds(),
			statusText(a.StatusCode), cmp.Or(string(a.Class), "delivered"))
	}
	w.Flush()
}

func statusText(code int) string {
	if code == 0 {
		return "none"
	}
	return fmt.Sprint(code)
}

// reportMessage prints what was sent of the first response to the survey.
func reportMessage(out io.Writer, list []runs.Run) {
	kind := events.SurveyResponseCompleted{}.EventType()
	i := slices.IndexFunc(list, func(r runs.Run) bool { return r.EventType == kind })
	if i < 0 {
		return
	}
	fmt.Fprintf(out, "\nMessage of %s, with selected variables under data labels:\n\n%s\n", list[i].ID, printable(string(list[i].Message)))
}

// reportCounts prints how many runs there are of each status.
func (h *host) reportCounts(ctx context.Context, out io.Writer) error {
	counts, err := h.store.Count(ctx, runs.Filter{Account: account})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nRuns: %s.\n", countsText(counts))
	return nil
}

func countsText(counts runs.Counts) string {
	var parts []string
	for _, s := range runs.Statuses() {
		parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
	}
	return strings.Join(parts, ", ")
}

// check says what did not go well: a run that did not succeed or that the receiver did not accept, a request that it did
// not verify, a webhook-id beyond those of the runs and the tests before them.
func check(list []runs.Run, tests, got tally) error {
	var wrong []error
	for _, r := range list {
		switch m := got.messages[r.ID]; {
		case r.Status != runs.Succeeded:
			wrong = append(wrong, fmt.Errorf("run %s did not succeed (%s): %s", r.ID, r.Status, lastDetail(r)))
		case m.accepted == 0:
			wrong = append(wrong, fmt.Errorf("run %s succeeded, but the receiver did not accept it", r.ID))
		}
	}
	if ids := len(got.messages) - len(tests.messages); ids != len(list) {
		wrong = append(wrong, fmt.Errorf("webhook-ids that the receiver got: %d, runs: %d", ids, len(list)))
	}
	if got.refused > 0 {
		wrong = append(wrong, fmt.Errorf("requests that the receiver could not verify: %d", got.refused))
	}
	return errors.Join(wrong...)
}

func lastDetail(r runs.Run) string {
	if len(r.Attempts) == 0 {
		return "it was never sent"
	}
	return r.Attempts[len(r.Attempts)-1].Detail
}
