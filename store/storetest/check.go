package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// maxContradictions bounds how many Check tells.
const maxContradictions = 20

// Check looks through all that st holds for contradictions, and returns them as one error, one a line. It changes
// nothing. Nobody else may write meanwhile; leases may end.
func Check(ctx context.Context, st store.Store) error {
	c := checker{ctx: ctx, st: st, seqs: map[string]int64{}, holds: map[string]runs.Hold{}, hashes: map[string]string{}}
	if err := c.runs(); err != nil {
		return err
	}
	if err := c.configuration(); err != nil {
		return err
	}
	if more := len(c.found) - maxContradictions; more > 0 {
		c.found = append(c.found[:maxContradictions], fmt.Errorf("and %d more", more))
	}
	return errors.Join(c.found...)
}

// listAll returns all that f selects, newest first, by pages of this size.
func listAll(ctx context.Context, st store.Reader, f runs.Filter, size int) (all []runs.Run, err error) {
	for cursor := ""; ; {
		page, err := st.List(ctx, f, cursor, size)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Runs...)
		switch {
		case len(page.Runs) > size:
			return nil, fmt.Errorf("a page of at most %d has %d runs", size, len(page.Runs))
		case page.Next == "":
			return all, nil
		case len(page.Runs) == 0 || page.Next == cursor:
			return nil, fmt.Errorf("the page after %q leads to %q and has %d runs: it never ends", cursor, page.Next, len(page.Runs))
		}
		cursor = page.Next
	}
}

// checker goes through a store and collects what contradicts itself.
type checker struct {
	ctx    context.Context
	st     store.Store
	found  []error
	seqs   map[string]int64
	holds  map[string]runs.Hold // by automation, of its held runs
	hashes map[string]string    // of keys, with the id that has it
}

func (c *checker) report(format string, args ...any) {
	c.found = append(c.found, fmt.Errorf(format, args...))
}

func (c *checker) runs() error {
	before, err := c.st.Count(c.ctx, runs.Filter{})
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	all, err := listAll(c.ctx, c.st, runs.Filter{}, 500)
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	after, err := c.st.Count(c.ctx, runs.Filter{})
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	counts := runs.Counts{}
	above := map[string]int64{} // by account: a store may spread them
	for _, r := range all {
		counts[r.Status]++
		if last, ok := above[r.Account]; ok && r.Seq >= last {
			c.report("run %q has sequence number %d and is listed below %d: a list is newest first", r.ID, r.Seq, last)
		}
		above[r.Account] = r.Seq
		c.listed(r)
		if err := c.read(r); err != nil {
			return err
		}
	}
	if maps.Equal(before, after) && !cmp.Equal(counts, after, cmpopts.EquateEmpty()) { // else a lease ended meanwhile
		c.report("the list has runs by status %v, counted are %v", counts, after)
	}
	return c.accounts(all)
}

// listed checks what a run says of itself.
func (c *checker) listed(r runs.Run) {
	_, err := runs.ParseStatus(string(r.Status))
	_, twice := c.seqs[r.ID]
	c.seqs[r.ID] = r.Seq
	for _, claim := range []struct {
		holds bool
		text  string
	}{
		{err == nil, "its status is none that a run can have"},
		{!twice, "it is there twice"},
		{r.Seq >= 1, "its sequence number is below 1"},
		{r.ID != "", "it has no id"},
		{!r.CreatedAt.IsZero() && !r.StatusAt.Before(r.CreatedAt), "its status was reached before it was created"},
		{r.Status.Ended() == r.Due.IsZero(), "it has ended and is due, or has not and is not"},
		{!r.Status.Ended() || r.Held == "", "it has ended and is held"},
		{r.Status != runs.Running || r.Held == "", "it is running and held"},
		{r.Held != "" || r.HeldUntil.IsZero(), "it is not held, but until a time"},
		{r.Held == "" || c.holds[r.Automation] == "" || r.Held == c.holds[r.Automation], "it is held for something else than others of its automation"},
		{r.Status != runs.Running || r.Fence >= 1, "it is running without a lease"},
		{r.Tries >= 0 && r.Replays >= 0, "it has a negative number of tries or replays"},
		{int64(r.Tries) <= r.Fence, "it has more tries than it had leases"},
		{len(r.Message) == 0 && len(r.Attempts) == 0, "its message or attempts are in a list"},
	} {
		if !claim.holds {
			c.report("run %q: %s: %+v", r.ID, claim.text, r)
		}
	}
	if r.Held != "" {
		c.holds[r.Automation] = r.Held
	}
}

// read checks a run by itself against what the list says of it.
func (c *checker) read(listed runs.Run) error {
	r, err := c.st.Get(c.ctx, listed.Account, listed.ID)
	if errors.Is(err, store.ErrNotFound) {
		c.report("run %q is listed, but %w", listed.ID, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	for i, a := range r.Attempts {
		if a.N != i+1 {
			c.report("run %q: attempt %d has number %d", r.ID, i+1, a.N)
		}
	}
	if int64(len(r.Attempts)) > r.Fence {
		c.report("run %q has %d attempts of %d leases", r.ID, len(r.Attempts), r.Fence)
	}
	r.Message, r.Attempts = nil, nil
	if listed.Status == runs.Running {
		listed.Status = r.Status // its lease may have ended meanwhile
	}
	if r.HeldUntil.IsZero() {
		listed.HeldUntil = time.Time{} // so may the pause of its lane
	}
	if diff := difference(listed, r); diff != "" {
		c.report("run %q differs (-in the list +by itself):\n%s", r.ID, diff)
	}
	if _, err := c.st.Get(c.ctx, r.Account+"x", r.ID); !errors.Is(err, store.ErrNotFound) {
		c.report("run %q of account %q is another account's too: error %v", r.ID, r.Account, err)
	}
	return nil
}

// accounts checks that counting by account and automation finds the same runs as listing all.
func (c *checker) accounts(all []runs.Run) error {
	want := map[[2]string]int{} // by account or automation
	for _, r := range all {
		want[[2]string{r.Account, ""}]++
		want[[2]string{"", r.Automation}]++
	}
	for key, n := range want {
		f := runs.Filter{Account: key[0], Automation: key[1]}
		counts, err := c.st.Count(c.ctx, f)
		if err != nil {
			return fmt.Errorf("check store: %w", err)
		}
		got := 0
		for _, each := range counts {
			got += each
		}
		if got != n {
			c.report("account %q automation %q has %d runs by count, %d by list", f.Account, f.Automation, got, n)
		}
	}
	return nil
}

func (c *checker) configuration() error {
	all, err := c.st.Changes(c.ctx, "")
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	var ids []string
	saved := map[string]int64{} // the last version, by account
	for _, a := range all.Automations {
		ids = append(ids, a.ID)
		if a.Deleted || a.Version <= saved[a.Account] || a.UpdatedAt.Before(a.CreatedAt) {
			c.report("automation %q of version %d stands after %d, deleted: %v, made %v, changed %v",
				a.ID, a.Version, saved[a.Account], a.Deleted, a.CreatedAt, a.UpdatedAt)
		}
		saved[a.Account] = a.Version
		if err := c.keys(a); err != nil {
			return err
		}
		hold, enabled := c.holds[a.ID], a.Disabled == nil
		if hold != "" && enabled == (hold == runs.HoldDisabled) && (enabled || a.Disabled.Reason != automation.ByUnreadable) {
			c.report("automation %q is enabled: %v, but its runs are held as %q", a.ID, enabled, hold)
		}
	}
	for id, h := range all.Health {
		if !slices.Contains(ids, id) || h == (automation.Health{}) {
			c.report("health %+v of automation %q is told, which is healthy or not there", h, id)
		}
	}
	clear(saved)
	for _, l := range all.Labels {
		if l.Version <= saved[l.Account] {
			c.report("labels of survey %q of account %q have version %d and stand after %d",
				l.Survey, l.Account, l.Version, saved[l.Account])
		}
		saved[l.Account] = l.Version
		got, err := c.st.Labels(c.ctx, l.Account, l.Survey)
		if err != nil {
			return fmt.Errorf("check store: %w", err)
		}
		if diff := cmp.Diff(l, got, cmpopts.EquateEmpty()); diff != "" {
			c.report("labels of survey %q of account %q differ (-among changes +by themselves):\n%s", l.Survey, l.Account, diff)
		}
	}
	return nil
}

// keys checks the keys of an automation.
func (c *checker) keys(a automation.Automation) error {
	list, err := c.st.Keys(c.ctx, a.Account, a.ID)
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	foreign, err := c.st.Keys(c.ctx, a.Account+"x", a.ID)
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	if len(foreign) > 0 {
		c.report("keys of automation %q of account %q are another account's too", a.ID, a.Account)
	}
	for i, k := range list {
		_, twice := c.hashes[string(k.Hash)]
		c.hashes[string(k.Hash)] = k.ID
		for _, claim := range []struct {
			holds bool
			text  string
		}{
			{k.ID != "" && len(k.Hash) > 0, "it has no id or no hash"},
			{!twice, "its hash is there twice"},
			{k.Account == a.Account && k.Automation == a.ID, "it is listed for an automation that is not its own"},
			{i == 0 || !k.CreatedAt.Before(list[i-1].CreatedAt), "it stands after a younger one"},
			{!k.CreatedAt.IsZero() && (k.UsedAt.IsZero() || !k.UsedAt.Before(k.CreatedAt)), "it was used before it was created"},
			{k.TestedAt.IsZero() == (len(k.Test) == 0), "it was tested, and what the test held is not there, or the other way round"},
		} {
			if !claim.holds {
				c.report("key %q of automation %q: %s", k.ID, a.ID, claim.text)
			}
		}
	}
	return nil
}
