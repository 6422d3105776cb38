package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/egress"
	"github.com/tenterhook/tenterhook/notify"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/memory"
)

// responded is a response of Ewa's to survey 42 of [surveyed].
func responded() events.Event {
	ev := events.New(account, events.SurveyResponseCompleted{
		Survey:     events.Survey{ID: "42"},
		Respondent: &events.SurveyRespondent{ID: "rsp_88", FirstName: "Ewa", Email: "ewa@zielinska.example"},
		Answers:    []events.Answer{{VariableID: "q1", Value: json.RawMessage(`41`)}, {VariableID: "q2", Value: json.RawMessage(`"Gdańsk/Oliwa"`)}},
		Background: []events.Answer{{VariableID: "segment", Value: json.RawMessage(`"VIP"`)}},
	})
	ev.ID = "evt_00001"
	return ev
}

// sentTo reports if requests went elsewhere than to these URLs in turn.
func (r *rig) sentTo(want ...string) {
	r.Helper()
	var got []string
	for _, a := range r.net.at("") {
		got = append(got, a.URL)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("requests went to (-want +got):\n%s", diff)
	}
}

// O3: attempts of a run go to one URL, whose values are fixed with its message; runs made later go to the one of now.
func TestURLWithMacrosIsFixedWithTheRun(t *testing.T) {
	inBubble(t, surveyed, func(r *rig) {
		a := ofSurvey("42", "q1")
		a.Actions[0].Push.URL = "https://example.com/[ID_RESPONDENT]/[q_q1]?s=[b_segment]"
		const first = "https://example.com/rsp_88/41?s=VIP"
		r.net.set(first, answers(500))
		a = r.save(a)
		run := r.publishesOne(responded())
		r.pass(time.Second)
		if run.URL != first || run.Warnings != nil {
			r.Errorf("the run is to be sent to %s, with warnings %q", run.URL, run.Warnings)
		}

		a.Actions[0].Push.URL = "https://example.org/[FIRST_NAME]"
		a = r.save(a)
		second := responded()
		second.ID = "evt_00002"
		r.publishesOne(second)
		r.pass(5 * time.Second)
		r.sentTo(first, "https://example.org/Ewa", first)

		a.Actions[0].Push.URL = hook // without macros, so it holds for every attempt
		r.save(a)
		r.pass(5 * time.Minute)
		r.sentTo(first, "https://example.org/Ewa", first, hook)
		var to []string
		got := r.get(run.ID)
		for _, attempt := range got.Attempts {
			to = append(to, attempt.URL)
		}
		if got.Status != runs.Succeeded || got.URL != first || !slices.Equal(to, []string{first, first, hook}) {
			r.Errorf("run %s for %s kept attempts at %q", got.Status, got.URL, to)
		}
	})
}

// O3: a macro is known by the trigger's variables and data labels, and refused else; then nothing is saved or sent.
func TestUnknownMacroIsRefused(t *testing.T) {
	inBubble(t, surveyed, func(r *rig) {
		ctx := context.Background()
		a := ofSurvey("42")
		a.Actions[0].Push.URL = "https://example.com/[city]"
		refused := func() {
			r.Helper()
			for _, o := range []SaveOptions{{}, {Untested: true}} {
				_, err := r.Save(ctx, a, o)
				var all *automation.ValidationError
				if !errors.As(err, &all) || len(all.Violations) != 1 || all.Violations[0].Field != "/actions/0/push/url" {
					r.Errorf("Save: %v, want a violation at /actions/0/push/url", err)
				}
			}
			if _, err := r.Test(ctx, a, "1", ""); !errors.Is(err, automation.ErrURL) {
				r.Errorf("Test: %v, want %v", err, automation.ErrURL)
			}
			r.savedAre()
			r.sentTo()
		}
		refused()
		if _, err := r.SetLabels(ctx, account, "42", map[string]string{"q2": "city"}); err != nil {
			r.Fatal(err)
		}
		r.savedAre(r.save(a))
		r.publishesOne(responded())
		r.pass(time.Second)
		r.sentTo("https://example.com/Gda%C5%84sk%2FOliwa")
	})
	inBubble(t, surveyed, func(r *rig) {
		for _, trigger := range []automation.Trigger{
			{Types: []string{surveyCompleted}}, {Types: []string{"contact.*"}}, {Types: []string{"parcel.sent"}},
		} {
			a := anAutomation("https://example.com/[q_q1]")
			a.Trigger = trigger
			if _, err := r.Save(context.Background(), a, SaveOptions{Untested: true}); !errors.Is(err, automation.ErrURL) {
				r.Errorf("%v: %v, want %v", trigger, err, automation.ErrURL)
			}
		}
		r.savedAre()
	})
}

// O3, O4: a test goes where a run by the sample would go.
func TestTestFillsMacrosFromTheSample(t *testing.T) {
	inBubble(t, surveyed, func(r *rig) {
		a := ofSurvey("42", "q1")
		a.Actions[0].Push.URL = "https://example.com/[EMAIL]?s=[ID_SURVEY]&a=[q_q2]"
		const want = "https://example.com/respondent%40example.com?s=42&a=Sample%20answer"
		if got, err := r.Test(context.Background(), a, "1", ""); err != nil || got.URL != want {
			r.Errorf("Test: sent to %s, %v; want %s", got.URL, err, want)
		}
		r.sentTo(want)
	})
}

// S8, X1: whatever becomes of a run whose URL names a person, and of its automation, no log tells that URL.
func TestValuesInURLsAreNotLogged(t *testing.T) {
	for name, e := range map[string]endpoint{
		"delivered": answers(200), "gone": answers(410), "failing": answers(500), "broken": breaks(egress.ErrConnect), "unusable": breaks(egress.ErrURL),
		"panicking": func(context.Context, int) (egress.Response, error) { panic("zielinska") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lines bytes.Buffer
				log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
				o := surveyed
				o.Notifier, o.Poll = notify.Slog(log), longPoll.Poll
				r := newRig(t, memory.New(), o)
				r.options.Log = log
				stop := r.start()
				a := ofSurvey("42")
				a.Actions[0].Push.URL = "https://example.com/[EMAIL]"
				a = r.save(a)
				r.net.set("https://example.com/ewa%40zielinska.example", e)
				r.publishesOne(responded())
				r.pass(100 * time.Hour)
				log.Info("end of test")
				stop()
				if strings.Contains(strings.ToLower(lines.String()), "zielinska") || !strings.Contains(lines.String(), "end of test") {
					t.Errorf("logged:\n%s", lines.String())
				}
				if len(r.net.at("")) == 0 {
					t.Error("nothing was sent")
				}
			})
		})
	}
}

// X1: what keeps a run from being sent is told without its URL, which may name a person.
func TestErrorsOfTheSenderDoNotRepeatTheURL(t *testing.T) {
	d, err := NewDispatcher(memory.New(), Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AllowPorts: []uint16{9}})
	if err != nil {
		t.Fatal(err)
	}
	client := d.connect()
	defer client.Close()
	for url, class := range map[string]error{
		"https://169.254.1.1/ewa": egress.ErrAddress, "https://example.com:22/ewa": egress.ErrPort, "http://127.0.0.1:9/ewa": egress.ErrConnect,
		"https://127.0.0.1/ewa\n": egress.ErrURL, "https://example.com/ewa%zz": egress.ErrURL, "https://example.com:ewa/": egress.ErrURL,
		"https://example.com/" + strings.Repeat("ewa", 1000): egress.ErrURL,
	} {
		_, err := client.Post(t.Context(), egress.Request{URL: url, Timeout: time.Second})
		if !errors.Is(err, class) || strings.Contains(err.Error(), "ewa") {
			t.Errorf("Post to %.40q: %v, want %v without the path", url, err, class)
		}
	}
}
