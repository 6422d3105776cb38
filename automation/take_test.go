package automation_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
)

// inviting returns an automation that invites whom requests tell of, with a field of each type.
func inviting() automation.Automation {
	return automation.Automation{
		ID: "aut_9", Account: "acct_1", Name: "Invite guests",
		Trigger: automation.Trigger{Survey: "sv_214", Incoming: &automation.Incoming{Fields: []automation.Field{
			{Name: "guest.email", Type: automation.TypeEmail, Required: true},
			{Name: "guest.first", Type: automation.TypeText},
			{Name: "guest.last", Type: automation.TypeText},
			{Name: "nights", Type: automation.TypeNumber, Variable: "7"},
			{Name: "member", Type: automation.TypeBoolean, Excluded: true},
			{Name: "stays.0.from", Type: automation.TypeDate},
			{Name: "tags", Type: automation.TypeList, Variable: "102"},
		}}},
		Actions: []automation.Action{{ID: "1", Invite: &automation.Invite{
			Recipient: "guest.email", FirstName: "guest.first", LastName: "guest.last",
			Template: automation.Template{Subject: "How was it, [guest.first]?", Text: "Tell us: [SURVEY_LINK]"},
		}}},
	}
}

const guestJSON = `{"guest":{"email":"ewa@zielinska.example","first":"Ewa","last":"Zielińska"},"nights":3,"member":true,` +
	`"stays":[{"from":"2026-03-14"}],"tags":["boat",2],"other":{"ignored":null}}`

func guest() automation.Request {
	return automation.Request{ID: "booking-1", JSON: json.RawMessage(guestJSON)}
}

func take(t testing.TB, a automation.Automation, r automation.Request) automation.Intake {
	t.Helper()
	got, err := a.Take(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// refusals returns what a request is refused for: the pointer and message of each violation.
func refusals(t testing.TB, a automation.Automation, r automation.Request) map[string]string {
	t.Helper()
	_, err := a.Take(r)
	refused, ok := errors.AsType[*automation.RequestError](err)
	if !ok {
		t.Fatalf("got %v; want a RequestError", err)
	}
	found := map[string]string{}
	for _, v := range refused.Violations {
		if !errors.Is(err, automation.ErrField) || v.Rule != automation.ErrField || strings.Contains(v.Message, "%!") {
			t.Errorf("violation %+v", v)
		}
		found[v.Field] += v.Message
	}
	return found
}

// I2, I3, I5, R2: what a request becomes, and the run that it makes.
func TestRequestBecomesAnInvitation(t *testing.T) {
	got := take(t, inviting(), guest())
	given := func(name, variable, given, value string) automation.Taken {
		return automation.Taken{Field: name, Variable: variable, Given: json.RawMessage(given), Value: json.RawMessage(value)}
	}
	want := automation.Intake{
		Fields: []automation.Taken{
			given("guest.email", "", `"ewa@zielinska.example"`, `"ewa@zielinska.example"`),
			given("guest.first", "", `"Ewa"`, `"Ewa"`),
			given("guest.last", "", `"Zielińska"`, `"Zielińska"`),
			given("nights", "7", `3`, `3`),
			given("member", "", `true`, `true`),
			given("stays.0.from", "", `"2026-03-14"`, `"2026-03-14"`),
			given("tags", "102", `["boat",2]`, `["boat",2]`),
		},
		Runs: []automation.Planned{{Run: runs.Run{
			ID: got.Runs[0].Run.ID, Account: "acct_1", Automation: "aut_9", Action: "1",
			Event: got.Runs[0].Run.Event, EventType: "incoming.request",
			Respondent: runs.Respondent{FirstName: "Ewa", LastName: "Zielińska", Email: "ewa@zielinska.example"},
			Message: []byte(`{"account":"acct_1","survey":"sv_214","recipient":"ewa@zielinska.example","first_name":"Ewa","last_name":"Zielińska",` +
				`"template":{"subject":"How was it, [guest.first]?","text":"Tell us: [SURVEY_LINK]"},` +
				`"variables":[{"variable":"7","value":3},{"variable":"102","value":["boat",2]}],` +
				`"fields":{"guest.email":"ewa@zielinska.example","guest.first":"Ewa","guest.last":"Zielińska","nights":3,"stays.0.from":"2026-03-14","tags":["boat",2]}}`),
		}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("intake (-want +got):\n%s", diff)
	}
}

// The message is what an inviter reads.
func TestMessageReadsBackAsTheInvitation(t *testing.T) {
	var got automation.Invitation
	if err := json.Unmarshal(take(t, inviting(), guest()).Runs[0].Run.Message, &got); err != nil {
		t.Fatal(err)
	}
	if got.Recipient != "ewa@zielinska.example" || len(got.Variables) != 2 || got.Template.Text == "" || string(got.Fields["nights"]) != "3" {
		t.Errorf("read %+v", got)
	}
}

// I2: the parameters of a form, by their whole names, and no value is guessed to be more than a text.
func TestFormBecomesAnInvitation(t *testing.T) {
	form := url.Values{
		"guest.email": {"ewa@zielinska.example"}, "nights": {"3"}, "member": {"false"}, "stays.0.from": {""}, "tags": {"boat", "2"}, "other": {"x", "y"},
	}
	values := map[string]string{}
	for _, f := range take(t, inviting(), automation.Request{ID: "1", Values: form}).Fields {
		values[f.Field] = string(f.Value)
	}
	want := map[string]string{
		"guest.email": `"ewa@zielinska.example"`, "guest.first": "", "guest.last": "", "nights": "3", "member": "false", "stays.0.from": "", "tags": `["boat","2"]`,
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// I7: the same request makes the same runs, another one others.
func TestRunIDsFollowFromTheRequest(t *testing.T) {
	first := take(t, inviting(), guest()).Runs[0].Run
	if again := take(t, inviting(), guest()).Runs[0].Run; again.ID != first.ID || again.Event != first.Event {
		t.Errorf("the same request made %s and %s", first.ID, again.ID)
	}
	if !strings.HasPrefix(first.ID, "run_") || len(first.ID) != 30 || !strings.HasPrefix(first.Event, "req_") || len(first.Event) != 30 {
		t.Errorf("ids %q and %q", first.ID, first.Event)
	}
	seen := map[string]bool{first.ID: true, first.Event: true}
	for name, edit := range map[string]func(*automation.Automation, *automation.Request){
		"another request":    func(_ *automation.Automation, r *automation.Request) { r.ID = "booking-2" },
		"another automation": func(a *automation.Automation, _ *automation.Request) { a.ID = "aut_10" },
		"another account":    func(a *automation.Automation, _ *automation.Request) { a.Account = "acct_2" },
	} {
		a, r := inviting(), guest()
		edit(&a, &r)
		got := take(t, a, r).Runs[0].Run
		if seen[got.ID] || seen[got.Event] {
			t.Errorf("%s: the ids are those of another: %s, %s", name, got.ID, got.Event)
		}
		seen[got.ID], seen[got.Event] = true, true
	}
	a := inviting()
	a.Actions[0].ID = "2"
	if got := take(t, a, guest()).Runs[0].Run; seen[got.ID] || got.Event != first.Event {
		t.Errorf("another action: run %s, event %s of %s", got.ID, got.Event, first.Event)
	}
}

// Of an id that was drawn, run and event keep the time in front, so that a store's index grows at one end.
func TestDrawnRequestIDsKeepTheirTime(t *testing.T) {
	r := guest()
	r.ID = "req_01jn5y8k3ma0b1c2d3e4f5g6h7"
	got := take(t, inviting(), r).Runs[0].Run
	if !strings.HasPrefix(got.ID, "run_01jn5y8k3m") || !strings.HasPrefix(got.Event, "req_01jn5y8k3m") || got.Event == r.ID {
		t.Errorf("run %s of event %s", got.ID, got.Event)
	}
}

// I5: a delay, and a second invitation after the first.
func TestInvitationAndReminderAreDelayed(t *testing.T) {
	a := inviting()
	a.Actions[0].Delay = 48 * time.Hour
	a.Actions[0].Invite.Reminder = &automation.Reminder{After: 72 * time.Hour}
	planned := take(t, a, guest()).Runs
	if len(planned) != 2 {
		t.Fatalf("%d runs; want 2", len(planned))
	}
	if planned[0].Delay != 48*time.Hour || planned[1].Delay != 120*time.Hour || planned[1].Run.Action != "1.reminder" || planned[0].Run.ID == planned[1].Run.ID {
		t.Errorf("in %v and %v, the second as %q", planned[0].Delay, planned[1].Delay, planned[1].Run.Action)
	}
	if want := strings.TrimSuffix(string(planned[0].Run.Message), "}") + `,"reminder":true}`; string(planned[1].Run.Message) != want {
		t.Errorf("reminder is %s; want %s", planned[1].Run.Message, want)
	}
	if act, ok := a.Action("1.reminder"); !ok || act.ID != "1" {
		t.Errorf("the reminder's action is %+v, %v; want that of the invitation", act, ok)
	}
	if _, ok := inviting().Action("1.reminder"); ok {
		t.Error("an action without a reminder has one")
	}
	a.Actions[0].Invite.Reminder.Template = automation.Template{ID: "msg_2"}
	if got := string(take(t, a, guest()).Runs[1].Run.Message); !strings.Contains(got, `"template":{"id":"msg_2"}`) {
		t.Errorf("reminder is %s; want its own template", got)
	}
}

// O5.
func TestDisabledAutomationTakesNothing(t *testing.T) {
	a := inviting()
	a.Disabled = &automation.Disabled{Reason: automation.ByUser}
	if got := take(t, a, guest()); len(got.Runs) != 0 || len(got.Fields) != 7 {
		t.Errorf("%d runs of %d fields; want none of 7", len(got.Runs), len(got.Fields))
	}
	a.RecordDisabled = true
	if got := take(t, a, guest()).Runs; len(got) != 1 || got[0].Run.Held != runs.HoldDisabled {
		t.Errorf("recorded %+v; want one held run", got)
	}
}

// S8: run, list and search know nobody; only the message does, for who is to be invited.
func TestInvitationToAnAnonymousSurveyIsAnonymous(t *testing.T) {
	a := inviting()
	a.Trigger.Incoming.Anonymous = true
	got := take(t, a, guest()).Runs[0].Run
	if got.Respondent != (runs.Respondent{Anonymous: true}) || got.Respondent.Name() != "Anonymous" {
		t.Errorf("respondent %+v; want an anonymous one", got.Respondent)
	}
}

// R2, R3: what lists show is bounded.
func TestLongNamesAreCutInLists(t *testing.T) {
	long := strings.Repeat("é", automation.MaxName+1)
	run := take(t, inviting(), automation.Request{ID: "1", Values: url.Values{"guest.email": {"a@example.com"}, "guest.first": {long}}}).Runs[0].Run
	if want := strings.Repeat("é", automation.MaxName); run.Respondent.FirstName != want {
		t.Errorf("the run shows a name of %d bytes, want %d", len(run.Respondent.FirstName), len(want))
	}
	if !strings.Contains(string(run.Message), `"first_name":"`+long+`"`) {
		t.Error("the inviter does not get the whole name")
	}
}

// R4: whoever is invited can be erased, and nobody else with him.
func TestInvitedPersonCanBeErased(t *testing.T) {
	for name, anonymous := range map[string]bool{"named": false, "anonymous": true} {
		a := inviting()
		a.Trigger.Incoming.Anonymous = anonymous
		for _, address := range []string{"ewa@zielinska.example", "o'neil+a&b@example.com"} {
			r := automation.Request{ID: "1", Values: url.Values{"guest.email": {address}}}
			got := take(t, a, r).Runs[0].Run
			if !(runs.Erasure{Account: "acct_1", Email: strings.ToUpper(address)}).Covers(got) {
				t.Errorf("%s: the run of %s is not covered by the erasure", name, address)
			}
			if (runs.Erasure{Account: "acct_1", Email: "b@zielinska.example"}).Covers(got) {
				t.Errorf("%s: the run of %s is covered by the erasure of another", name, address)
			}
		}
	}
}

// I3: an excluded field is checked and filtered by, and goes nowhere.
func TestExcludedFieldGoesNowhere(t *testing.T) {
	a := inviting()
	a.Trigger.Filter = &automation.Condition{Field: "member", Op: automation.Equals, Value: true}
	got := take(t, a, guest())
	if len(got.Runs) != 1 || strings.Contains(string(got.Runs[0].Run.Message), "member") {
		t.Errorf("runs %+v; want one without the excluded field", got.Runs)
	}
	bad := automation.Request{JSON: json.RawMessage(`{"guest":{"email":"a@example.com"},"member":"maybe"}`)}
	if found := refusals(t, a, bad); len(found) != 1 || found["/member"] == "" {
		t.Errorf("refused %v; want the excluded field", found)
	}
}

func TestTooLargeAnInvitationIsRefused(t *testing.T) {
	form := url.Values{"guest.email": {"a@example.com"}, "guest.first": {strings.Repeat("a", automation.MaxMessage/2)}}
	if got, err := inviting().Take(automation.Request{Values: form}); !errors.Is(err, automation.ErrTooLarge) {
		t.Errorf("got %d runs, %v; want ErrTooLarge", len(got.Runs), err)
	}
}

func TestOnlyIncomingAutomationsTakeRequests(t *testing.T) {
	calls := automation.Automation{Trigger: automation.Trigger{Incoming: &automation.Incoming{URLWebhooks: true}}}
	for name, a := range map[string]automation.Automation{"of events": rule(), "of calls": calls} {
		if _, err := a.Take(guest()); !errors.Is(err, automation.ErrTrigger) {
			t.Errorf("%s: %v; want ErrTrigger", name, err)
		}
	}
	if planned := plan(t, tagAdded(), nil, inviting()); len(planned) != 0 {
		t.Errorf("an event made %d runs of an incoming automation", len(planned))
	}
	both := inviting()
	both.Trigger.Types, both.Actions = []string{"*"}, rule().Actions
	if planned := plan(t, tagAdded(), nil, both); len(planned) != 0 {
		t.Errorf("an event made %d runs of an incoming automation that was saved unchecked", len(planned))
	}
}

// A Taker is kept and used by many at once.
func TestTakerTakesManyAtOnce(t *testing.T) {
	taker := automation.NewTaker(inviting())
	want := take(t, inviting(), guest())
	done := make(chan string)
	for range 8 {
		go func() {
			got, err := taker.Take(guest())
			if err != nil {
				done <- err.Error()
				return
			}
			done <- cmp.Diff(want, got)
		}()
	}
	for range 8 {
		if diff := <-done; diff != "" {
			t.Error(diff)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	taker := automation.NewTaker(inviting())
	take(b, inviting(), guest())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := taker.Take(guest()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
