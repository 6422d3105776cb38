package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
)

// invitee is an Inviter and a directory that notes when it was asked, and answers as a test says.
type invitee struct {
	answer func(n int) error // to the n-th call, from 1; default: nil

	mu sync.Mutex
	at []time.Time
}

// Invite implements [Inviter].
func (v *invitee) Invite(ctx context.Context, _ automation.Invitation) error {
	v.mu.Lock()
	v.at = append(v.at, time.Now())
	n := len(v.at)
	v.mu.Unlock()
	if v.answer == nil {
		return nil
	}
	return v.answer(n)
}

// UpdateRespondent implements [Respondents].
func (v *invitee) UpdateRespondent(ctx context.Context, _ automation.Respondent) error {
	return v.Invite(ctx, automation.Invitation{})
}

// AddRespondent implements [Respondents].
func (v *invitee) AddRespondent(ctx context.Context, _ automation.Respondent) error {
	return v.Invite(ctx, automation.Invitation{})
}

// after returns when it was asked, from a time on.
func (v *invitee) after(begun time.Time) []time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []time.Duration
	for _, at := range v.at {
		all = append(all, at.Sub(begun))
	}
	return all
}

// lobby is a rig with an automation that invites, and its receiver.
type lobby struct {
	*rig
	*invitee
	a   automation.Automation
	key APIKey
}

func inLobby(t *testing.T, delay time.Duration, test func(l *lobby)) {
	t.Helper()
	v := &invitee{}
	inBubble(t, Options{Inviter: v, Respondents: v, Poll: longPoll.Poll}, func(r *rig) {
		l := &lobby{rig: r, invitee: v}
		l.a = r.save(automation.Automation{
			Account: account, Name: "Invite customers",
			Trigger: automation.Trigger{Survey: "sur_1", Incoming: &automation.Incoming{
				Fields: []automation.Field{{Name: "email", Type: automation.TypeEmail, Required: true}},
			}},
			Actions: []automation.Action{{Delay: delay, Invite: &automation.Invite{
				Recipient: "email", Template: automation.Template{ID: "tpl_1"}, Timeout: 2 * time.Second, Retry: runs.Policy{Exact: true},
			}}},
		})
		var err error
		if l.key, _, err = r.IssueKey(context.Background(), account, l.a.ID, "sender"); err != nil {
			t.Fatal(err)
		}
		test(l)
	})
}

// comesIn posts data and returns the run that it made.
func (l *lobby) comesIn(email string) runs.Run {
	l.Helper()
	q := httptest.NewRequest(http.MethodPost, "/in/"+l.a.ID, strings.NewReader(fmt.Sprintf(`{"email":%q}`, email)))
	q.Header.Set("X-Api-Key", l.key.Reveal())
	q.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	NewReceiver(l.Dispatcher, ReceiverOptions{}).ServeHTTP(w, q)
	id, ok := strings.CutPrefix(w.Body.String(), `{"status":"accepted","run":"`)
	if !ok {
		l.Fatalf("answered %d %s", w.Code, w.Body)
	}
	return l.get(strings.TrimSuffix(id, `"}`))
}

func (l *lobby) invitedAfter(want ...time.Duration) {
	l.Helper()
	if diff := cmp.Diff(want, l.after(l.begun)); diff != "" {
		l.Errorf("invited after (-want +got):\n%s", diff)
	}
}

const days = 24 * time.Hour

// I5: an invitation that is delayed by three days is scheduled until then, and made once, at the hour.
func TestDelayedInvitationIsMadeAtItsHour(t *testing.T) {
	inLobby(t, 3*days, func(l *lobby) {
		r := l.comesIn("ada@example.com")
		if r.Status != runs.Scheduled || !r.Due.Equal(l.begun.Add(3*days)) {
			t.Errorf("run is %s, due %v", r.Status, r.Due)
		}
		l.pass(3*days - time.Second)
		l.invitedAfter()
		l.pass(10 * days)
		l.invitedAfter(3 * days)
		if got := l.get(r.ID); got.Status != runs.Succeeded || len(got.Attempts) != 1 || !got.Attempts[0].Accepted {
			t.Errorf("run is %s after %+v", got.Status, got.Attempts)
		}
	})
}

// I5, R5: a delayed invitation that is replayed is made now instead of later.
func TestReplayInvitesNow(t *testing.T) {
	inLobby(t, 3*days, func(l *lobby) {
		r := l.comesIn("ada@example.com")
		l.pass(time.Hour)
		if got, err := l.Replay(context.Background(), runs.Filter{Account: account, IDs: []string{r.ID}}, ReplayOptions{}); err != nil || got.Runs != 1 {
			t.Fatalf("Replay: %+v, %v", got, err)
		}
		l.pass(10 * days)
		l.invitedAfter(time.Hour)
	})
}

// R4: who was erased meanwhile is not invited.
func TestErasedPersonIsNotInvited(t *testing.T) {
	inLobby(t, 3*days, func(l *lobby) {
		l.comesIn("ada@example.com")
		l.comesIn("bob@example.com")
		if got, err := l.Erase(context.Background(), runs.Erasure{Account: account, Email: "ada@example.com"}); err != nil || got.Runs != 1 {
			t.Fatalf("Erase: %+v, %v", got, err)
		}
		l.pass(10 * days)
		l.invitedAfter(3 * days)
	})
}

// I5, ATTACKS 29: an inviter that panics, fails or takes too long fails this attempt only, and the next comes as the policy says.
func TestInviterThatFailsIsAskedAgain(t *testing.T) {
	inLobby(t, 0, func(l *lobby) {
		l.answer = func(n int) error {
			switch n {
			case 1:
				panic("10.0.0.3 has no such template")
			case 2:
				return errors.New("dial 10.0.0.3: refused")
			case 3:
				return context.DeadlineExceeded
			}
			return nil
		}
		r := l.comesIn("ada@example.com")
		l.pass(10 * days)
		l.invitedAfter(0, 5*time.Second, 5*time.Minute+5*time.Second, 35*time.Minute+5*time.Second)
		got := l.get(r.ID)
		var classes []runs.Class
		for _, a := range got.Attempts {
			classes = append(classes, a.Class)
			if strings.Contains(a.Detail, "10.0.0.3") {
				t.Errorf("the host's trouble is told: %q", a.Detail)
			}
		}
		want := []runs.Class{runs.ClassInviter, runs.ClassInviter, runs.ClassInviter, ""}
		if diff := cmp.Diff(want, classes); diff != "" || got.Status != runs.Succeeded {
			t.Errorf("run is %s, attempts (-want +got):\n%s", got.Status, diff)
		}
	})
}

// I5: what the inviter refuses fails for good, in its words.
func TestRefusedInvitationIsNotTriedAgain(t *testing.T) {
	inLobby(t, 0, func(l *lobby) {
		l.answer = func(int) error { return fmt.Errorf("template tpl_1 was deleted: %w", automation.ErrRefused) }
		r := l.comesIn("ada@example.com")
		l.pass(10 * days)
		l.invitedAfter(0)
		if got := l.get(r.ID); got.Status != runs.Failed || got.Attempts[0].Class != runs.ClassRefused || got.Attempts[0].Detail != "template tpl_1 was deleted: refused" {
			t.Errorf("run is %s after %+v", got.Status, got.Attempts)
		}
	})
}

// I5: a reminder follows its invitation, in a run of its own; of a URL webhook too.
func TestReminderFollowsItsInvitation(t *testing.T) {
	inLobby(t, time.Hour, func(l *lobby) {
		a := l.current(l.a.ID)
		a.Actions[0].Invite.Reminder = &automation.Reminder{After: 2 * days}
		l.save(a)
		q := httptest.NewRequest(http.MethodPost, "/in/"+l.a.ID, strings.NewReader(`{"email":"ada@example.com"}`))
		q.Header.Set("X-Api-Key", l.key.Reveal())
		q.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		NewReceiver(l.Dispatcher, ReceiverOptions{}).ServeHTTP(w, q)
		if w.Code != http.StatusAccepted || strings.Count(w.Body.String(), "run_") != 2 || !strings.Contains(w.Body.String(), `"runs":[`) {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
		c, err := l.EnableURLWebhooks(context.Background(), account)
		if err != nil {
			t.Fatal(err)
		}
		w = httptest.NewRecorder()
		NewURLReceiver(l.Dispatcher, ReceiverOptions{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet,
			c.Path("/webhooks", automation.SendInvitation)+"?id_survey=1&id_template=2&email=bob@example.com&delay=30&reminder_delay=24", nil))
		if w.Code != http.StatusOK {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
		l.pass(10 * days)
		l.invitedAfter(30*time.Minute, time.Hour, days+30*time.Minute, 2*days+time.Hour)
		l.countsAre(runs.Counts{runs.Succeeded: 4})
	})
}

// O4, I6: there is nothing to call to test an incoming automation, and Test says so.
func TestIncomingAutomationIsNotCalled(t *testing.T) {
	inLobby(t, 0, func(l *lobby) {
		if _, err := l.Test(context.Background(), l.a, "1", ""); !errors.Is(err, ErrIncoming) {
			t.Errorf("Test: %v", err)
		}
		if _, err := l.DryRun(context.Background(), anAutomation(hook), automation.Request{}); err == nil {
			t.Error("a dry run of an outgoing automation is no error")
		}
	})
}

// I5: an attempt is bounded by the action's timeout.
func TestSlowInviterIsNotWaitedFor(t *testing.T) {
	inLobby(t, 0, func(l *lobby) {
		slow := l.host.handing(*l.a.Actions[0].Invite, func(ctx context.Context, _ runs.Run) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if a := slow.attempt(context.Background(), nil, runs.Run{}); a.Class != runs.ClassInviter || a.Duration != 2*time.Second {
			t.Errorf("attempt is %+v", a)
		}
	})
}

// I8, R6: a change whose outcome is lost, as by the death of the process that makes it, is made again when its lease ends.
func TestUnsettledChangeIsMadeAgain(t *testing.T) {
	v := &invitee{}
	synctest.Test(t, func(t *testing.T) {
		st := &unsettling{Store: memory.New()}
		r := newRig(t, st, Options{Inviter: v, Respondents: v})
		r.start()
		c, err := r.EnableURLWebhooks(context.Background(), account)
		if err != nil {
			t.Fatal(err)
		}
		st.dead.Store(true)
		w := httptest.NewRecorder()
		NewURLReceiver(r.Dispatcher, ReceiverOptions{}).ServeHTTP(w,
			httptest.NewRequest(http.MethodGet, c.Path("/webhooks", automation.UpdateRespondent)+"?id_survey=1", nil))
		if w.Code != http.StatusOK {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
		st.dead.Store(false)
		r.pass(time.Hour)
		if diff := cmp.Diff([]time.Duration{0, time.Minute}, v.after(r.begun)); diff != "" {
			t.Errorf("made after (-want +got):\n%s", diff)
		}
		r.countsAre(runs.Counts{runs.Succeeded: 1})
	})
}

// unsettling is a store that loses outcomes while its process is dead.
type unsettling struct {
	store.Store
	dead atomic.Bool
}

// Settle implements [store.Queue].
func (u *unsettling) Settle(ctx context.Context, outcomes []store.Outcome) (store.Settled, error) {
	if u.dead.Load() {
		return store.Settled{}, errors.New("nobody is there")
	}
	return u.Store.Settle(ctx, outcomes)
}

// I5, I8: what needs somebody whom the host does not supply is refused when it is saved.
func TestNobodyInvitesWithoutAnInviter(t *testing.T) {
	inBubble(t, Options{}, func(r *rig) {
		a := automation.Automation{Account: account, Name: "Invite", Trigger: automation.Trigger{Survey: "sur_1", Incoming: &automation.Incoming{
			Fields: []automation.Field{{Name: "email", Type: automation.TypeEmail, Required: true}}}},
			Actions: []automation.Action{{Invite: &automation.Invite{Recipient: "email", Template: automation.Template{ID: "tpl_1"}}}}}
		if _, err := r.Save(context.Background(), a, SaveOptions{}); !errors.Is(err, ErrNoInviter) {
			t.Errorf("Save: %v", err)
		}
		if _, err := r.EnableURLWebhooks(context.Background(), account); !errors.Is(err, ErrNoRespondents) {
			t.Errorf("EnableURLWebhooks: %v", err)
		}
	})
}
