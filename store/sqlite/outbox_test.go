package sqlite_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
)

// ends publishes one run of each of n automations, auto_0 first, and ends it with an answer.
func ends(t *testing.T, st store.Store, name string, n, answer int) {
	t.Helper()
	list := batch(name, n)
	for i := range list {
		list[i].Lease = time.Hour
		a := automation.Automation{ID: list[i].Run.Automation, Account: list[i].Run.Account}
		if _, err := st.Put(t.Context(), []automation.Automation{a}); err != nil && !errors.Is(err, store.ErrConflict) { // it is there
			t.Fatal(err)
		}
	}
	created, err := st.Publish(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []store.Outcome
	for _, r := range created {
		a := runs.Attempt{At: r.CreatedAt, StatusCode: answer}
		if answer == 410 {
			a.Class = runs.ClassGone
		}
		outcomes = append(outcomes, store.Outcome{
			Result: runs.Decide(r, a, runs.Policy{FinalClientErrors: true}), Automation: r.Automation, Rule: &automation.DisableRule{},
		})
	}
	if _, err := st.Settle(t.Context(), outcomes); err != nil {
		t.Fatal(err)
	}
}

func notices(t *testing.T, st store.Store) []store.Notice {
	t.Helper()
	list, _, err := st.ClaimNotices(t.Context(), store.Lease{Max: 10, For: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestToldNoticesAreForgotten(t *testing.T) {
	path := newFile(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	st := open(t, sqlite.Options{Now: func() time.Time { return now }}, path)
	ends(t, st, "a", 2, 400)
	told := notices(t, st)
	if err := st.SettleNotices(t.Context(), told, time.Hour); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	ends(t, st, "b", 1, 204) // a recovery is due: the claim that finds it forgets the rest
	if err := st.SettleNotices(t.Context(), notices(t, st), time.Hour); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := host(t, path).QueryRowContext(t.Context(), "SELECT count(*) FROM tenterhook_notices").Scan(&left); err != nil || left != 1 {
		t.Errorf("%d notices are left, error %v; want the recovery, which was told just now", left, err)
	}

	ends(t, st, "c", 1, 400)
	again := notices(t, st)
	if len(told) != 2 || len(again) != 1 || again[0].Fence <= told[0].Fence {
		t.Errorf("claimed %+v and, once that was forgotten, %+v; want the same under a higher fence", told, again)
	}
}

// ATTACKS 30: what cannot be read is told with what its row is found by, and does not stop the others.
func TestUnreadableNoticeIsTold(t *testing.T) {
	path := newFile(t)
	st := open(t, sqlite.Options{}, path)
	ends(t, st, "a", 2, 400)
	host(t, path, `UPDATE tenterhook_notices SET doc = '{"change":7' WHERE automation = 'auto_0'`)
	got := map[string]automation.Change{}
	for _, n := range notices(t, st) {
		got[n.Automation] = n.Change
	}
	want := map[string]automation.Change{"auto_0": automation.Failing, "auto_1": automation.Failing}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}
