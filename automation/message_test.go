package automation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
)

// counted is a payload that counts how often it is written.
type counted struct{ times *int }

func (counted) EventType() string { return "parcel.counted" }

func (c counted) MarshalJSON() ([]byte, error) {
	*c.times++
	return []byte(`{"a":1}`), nil
}

func TestEqualMessagesAreRenderedOnceAndShared(t *testing.T) {
	bodies := []automation.Body{{}, {Form: automation.Selected}, selection("a"), {}, {Form: automation.Selected}, selection("a")}
	var one, many int
	plan(t, identified(counted{&one}), nil, rule(bodies...))
	planned := plan(t, identified(counted{&many}), nil, slices.Repeat([]automation.Automation{rule(bodies...)}, 50)...)
	if one == 0 || many != one {
		t.Errorf("the payload was written %d times for one automation and %d times for 50", one, many)
	}
	for i, p := range planned {
		if first := planned[i%3].Run.Message; &p.Run.Message[0] != &first[0] {
			t.Fatalf("run %d has a message of its own, want that of run %d", i, i%3)
		}
	}
	if a, b := planned[0].Run.Message, planned[1].Run.Message; &a[0] == &b[0] {
		t.Error("different messages share their bytes")
	}
}

func TestBodiesThatLookAlikeAreKeptApart(t *testing.T) {
	ev := raw(`{"a":1,"b":2,"a\u0000b":3}`)
	planned := plan(t, ev, nil, rule(selection("a", "b"), selection("b", "a"), selection("a\x00b"), selection("a"), automation.Body{Form: automation.Selected}))
	seen := map[string]bool{}
	for _, p := range planned {
		seen[string(p.Run.Message)] = true
	}
	if len(seen) != 5 {
		t.Errorf("5 selections gave %d messages", len(seen))
	}
	all := automation.Body{Form: automation.Selected}
	labelled := automation.Body{Form: automation.Selected, Labels: automation.Data}
	planned = plan(t, identified(response()), map[string]string{"7": "season"}, rule(all, labelled))
	if string(planned[0].Run.Message) == string(planned[1].Run.Message) {
		t.Errorf("automatic and data labels gave one message, %s", planned[0].Run.Message)
	}
}

// O2, ATTACKS 25: what is sent is what happened, byte for byte.
func TestWholeEventIsSentAsItEncodes(t *testing.T) {
	strange := `{ "b":1, "a":"` + "\u2028" + `\u0000<&>","a":1e308,"n":1` + strings.Repeat("0", 308) + `.0,"big":9007199254740993 }`
	for _, ev := range []events.Event{tagAdded(), identified(response()), raw(strange), raw("null"), raw(`[1,2]`)} {
		want, err := ev.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got := message(t, ev, nil, automation.Body{}); got != string(want) {
			t.Errorf("message is\n%s\nwant\n%s", got, want)
		}
	}
	if got := message(t, raw(strange), nil, automation.Body{}); !strings.Contains(got, `"data":`+strange+`,"account"`) {
		t.Errorf("the data did not survive as it was: %s", got)
	}
}

const envelope = `,"account":{"id":"acct_1","email":""},"created_at":"2026-03-14T09:26:53+00:00"}`

// O2, S3, S4, S7: {label: value} within the envelope, in the chosen order, values as they were.
func TestSelectedVariablesAreSentUnderTheirLabels(t *testing.T) {
	data := map[string]string{"102": "Ausflüge", "7": "season", "gone": "lost"}
	all := automation.Body{Form: automation.Selected}
	labelled := automation.Body{Form: automation.Selected, Labels: automation.Data}
	chosen := labelled
	chosen.Variables = []string{"7", "101"}
	for name, tt := range map[string]struct {
		body automation.Body
		want string
	}{
		"all, automatic labels":  {all, `{"q_101":9007199254740993,"q_102":["tower","boat"],"b_7":"spring"}`},
		"all, data labels":       {labelled, `{"q_101":9007199254740993,"Ausflüge":["tower","boat"],"season":"spring"}`},
		"some, automatic labels": {selection("102", "7"), `{"q_102":["tower","boat"],"b_7":"spring"}`},
		"some, data labels":      {chosen, `{"season":"spring","q_101":9007199254740993}`},
	} {
		want := `{"type":"survey.response.completed","data":` + tt.want + envelope
		if got := message(t, identified(response()), data, tt.body); got != want {
			t.Errorf("%s: message is\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestSelectedFieldsOfAnyEventAreSent(t *testing.T) {
	got := message(t, raw(`{"to":{"name":"N","zip":1.50},"note":null,"tags":[ 1 ]}`), nil, selection("to.zip", "tags", "note"))
	if want := `{"type":"parcel.sent","data":{"to__zip":1.50,"tags":[ 1 ],"note":null}` + envelope; got != want {
		t.Errorf("message is\n%s\nwant\n%s", got, want)
	}
}

// S7.
func TestAllIncludesVariablesCreatedLater(t *testing.T) {
	s := response()
	s.Answers = append(s.Answers, events.Answer{VariableID: "999", Value: json.RawMessage("true")})
	if got := message(t, identified(s), nil, automation.Body{Form: automation.Selected}); !strings.Contains(got, `"q_999":true`) {
		t.Errorf("message %s lacks the new question", got)
	}
	if got := message(t, identified(s), nil, selection("101")); strings.Contains(got, "999") {
		t.Errorf("message %s has a question that was not chosen", got)
	}
}

// S7.
func TestDeletedVariableIsSkippedWithAWarning(t *testing.T) {
	planned := plan(t, identified(response()), map[string]string{"gone": "lost"}, rule(selection("gone", "7", "also gone"), selection("7")))
	if got, want := string(planned[0].Run.Message), string(planned[1].Run.Message); got != want {
		t.Errorf("message is %s, want %s", got, want)
	}
	warnings := planned[0].Run.Warnings
	if len(warnings) != 2 || !strings.Contains(warnings[0], `"gone"`) || !strings.Contains(warnings[1], `"also gone"`) {
		t.Errorf("warnings are %q; want one for each variable that is gone", warnings)
	}
	if planned[1].Run.Warnings != nil {
		t.Errorf("warnings are %q without cause", planned[1].Run.Warnings)
	}
}

// S3, S4: whatever people chose as data labels, and whatever the host sends, no label stands for two values.
func TestLabelsOfAMessageAreUnique(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"q_1", "q_2", "q_3", "b_1", "Ä", "A\u0308", "same", "", "no label", "1"}
	for range 500 {
		var s events.SurveyResponseCompleted
		data := map[string]string{}
		for range 1 + r.IntN(6) {
			id := fmt.Sprint(r.IntN(4))
			s.Answers = append(s.Answers, events.Answer{VariableID: id, Value: json.RawMessage("1")})
			s.Background = append(s.Background, events.Answer{VariableID: fmt.Sprint(r.IntN(4)), Value: json.RawMessage("2")})
			data[id] = words[r.IntN(len(words))]
		}
		for _, kind := range []automation.Labelling{automation.Automatic, automation.Data} {
			got := message(t, identified(s), data, automation.Body{Form: automation.Selected, Labels: kind})
			if _, err := events.Decode([]byte(got)); err != nil {
				t.Fatalf("%+v with labels %v: %v", s, data, err)
			}
			if twice := keyTwice(t, got); twice != "" {
				t.Fatalf("labels %v: %q occurs twice in %s", data, twice, got)
			}
		}
	}
}

// keyTwice returns a key that occurs twice in the data of a message, or "".
func keyTwice(t *testing.T, message string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(message[strings.Index(message, `"data":`)+len(`"data":`):]))
	seen := map[json.Token]bool{}
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		key, _ := d.Token()
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		if seen[key] {
			return key.(string)
		}
		seen[key] = true
	}
	return ""
}

// S8: nothing of a run or its message tells who answered an anonymous survey.
func TestAnonymousRunTellsNothingOfItsRespondent(t *testing.T) {
	s := response()
	s.Survey.Anonymous = true
	s.Respondent = &events.SurveyRespondent{ID: "canary-id", FirstName: "Canary-First", LastName: "Canary-Last", Email: "Canary@mail.example", Language: "pl"}
	s.Background[0].Value = json.RawMessage(`"canary@MAIL.example"`)
	typed := identified(s)
	typed.Extra = map[string]json.RawMessage{"by": json.RawMessage(`"canary@mail.example"`)}
	encoded, err := typed.EncodeData()
	if err != nil {
		t.Fatal(err)
	}
	untyped := identified(events.Raw{Name: s.EventType(), JSON: encoded})
	for name, ev := range map[string]events.Event{"typed": typed, "raw": untyped} {
		a := rule(automation.Body{}, automation.Body{Form: automation.Selected}, selection("7", "respondent.email"))
		for _, p := range plan(t, ev, map[string]string{"7": "mail"}, a) {
			shown := strings.ToLower(fmt.Sprintf("%+v %s", p.Run, p.Run.Message))
			if strings.Contains(shown, "canary") {
				t.Errorf("%s, action %s: %s", name, p.Run.Action, shown)
			}
			if got := p.Run.Respondent.Name(); got != "Anonymous" {
				t.Errorf("%s: the respondent is called %q", name, got)
			}
		}
	}
}

// S8: nor does a filter that asks who it was.
func TestAnonymousRespondentCannotBeFilteredBy(t *testing.T) {
	s := response()
	s.Survey.Anonymous = true
	s.Background[0].Value = json.RawMessage(`"ewa@zielinska.example"`)
	a := rule()
	a.Trigger.Filter = &automation.Condition{Field: "7", Op: automation.Equals, Value: "ewa@zielinska.example"}
	if planned := plan(t, identified(s), nil, a); len(planned) != 0 {
		t.Errorf("the filter found the respondent: %+v", planned)
	}
}

func TestMessageIsBoundInSize(t *testing.T) {
	empty := len(message(t, raw(`""`), nil, automation.Body{}))
	fits := raw(`"` + strings.Repeat("a", automation.MaxMessage-empty) + `"`)
	if got := len(message(t, fits, nil, automation.Body{})); got != automation.MaxMessage {
		t.Errorf("message has %d bytes, want %d", got, automation.MaxMessage)
	}
	over := raw(`"` + strings.Repeat("a", automation.MaxMessage-empty+1) + `"`)
	if _, err := automation.Plan(over, []automation.Automation{rule()}, nil); !errors.Is(err, automation.ErrTooLarge) {
		t.Errorf("got %v; want %v", err, automation.ErrTooLarge)
	}
	large := raw(`{"a":1,"b":"` + strings.Repeat("a", automation.MaxMessage) + `"}`)
	if got := len(message(t, large, nil, selection("a"))); got > 200 {
		t.Errorf("a selection of a large event has %d bytes", got)
	}
}
