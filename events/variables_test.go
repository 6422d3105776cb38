package events

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/labels"
)

// sampleOf returns the event of a file in samples.
func sampleOf(tb testing.TB, name string) Event {
	tb.Helper()
	return mustDecode(tb, string(sample(name)))
}

func fieldVariable(path, kind, value, text string) Variable {
	return Variable{labels.Variable{ID: path, Kind: labels.Field, Name: path}, kind, []byte(value), text}
}

func TestVariablesOfAnEventAreItsFieldsInOrder(t *testing.T) {
	want := []Variable{
		fieldVariable("tag.id", "number", `3302`, "3302"),
		fieldVariable("tag.name", "string", `"Sailing course"`, "Sailing course"),
		fieldVariable("contact.id", "number", `905511`, "905511"),
		fieldVariable("contact.email", "string", `"noor@lindqvist.example"`, "noor@lindqvist.example"),
		fieldVariable("contact.fields.first_name", "string", `"Noor"`, "Noor"),
		fieldVariable("contact.fields.surname", "string", `"Lindqvist"`, "Lindqvist"),
		fieldVariable("contact.ip", "null", `null`, ""),
		fieldVariable("contact.referred_by_contact_id", "null", `null`, ""),
		fieldVariable("contact.referred_by_contact_email", "null", `null`, ""),
	}
	if diff := cmp.Diff(want, sampleOf(t, "contact.tag.removed").Variables()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVariablesOfRawData(t *testing.T) {
	e := mustDecode(t, `{"type":"x","data":{"b":[1, {"c":2}],"a.b":{"\\":true},"e":{},"d":1,"d":2}}`)
	want := []Variable{
		fieldVariable("b", "array", `[1, {"c":2}]`, `[1, {"c":2}]`),
		fieldVariable(`a\.b.\\`, "boolean", `true`, "true"),
		fieldVariable("e", "object", `{}`, "{}"),
		fieldVariable("d", "number", `2`, "2"),
	}
	got := e.Variables()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, v := range got {
		if found, ok := e.Lookup(v.ID); !ok || string(found) != string(v.Value) {
			t.Errorf("Lookup(%q) = %s, %v", v.ID, found, ok)
		}
	}
	for _, text := range []string{`{"type":"x"}`, `{"type":"x","data":[1]}`, `{"type":"contact.tag.added"}`} {
		if got := mustDecode(t, text).Variables(); len(got) > 0 && text[9] == 'x' || len(got) > 1 {
			t.Errorf("%s has %+v", text, got)
		}
	}
}

// E4, E5
func TestEveryVariableOfAnEventCanBeLookedUp(t *testing.T) {
	for _, d := range documents(t) {
		e := mustDecode(t, string(d.text))
		if e.isSurvey() {
			continue
		}
		for _, v := range e.Variables() {
			if found, ok := e.Lookup(v.ID); !ok || string(found) != string(v.Value) {
				t.Errorf("%s: Lookup(%q) = %s, %v", d.name, v.ID, found, ok)
			}
		}
	}
}

func TestLookupOfWhatIsNotThere(t *testing.T) {
	e := sampleOf(t, "contact.tag.added")
	for _, path := range []string{"", "contact.", ".contact", "contact.email.x", "Contact", "contact.fields.0", `contact\.email`, `contact\`} {
		if got, ok := e.Lookup(path); ok {
			t.Errorf("Lookup(%q) = %s", path, got)
		}
	}
	if got, ok := e.Lookup("contact.fields"); !ok || string(got) != "[]" {
		t.Errorf("contact.fields is %s, %v", got, ok)
	}
}

// S1, S2
func TestVariablesOfASurveyAreQuestionsThenBackground(t *testing.T) {
	var got []string
	for _, v := range sampleOf(t, "survey.response.completed").Variables() {
		got = append(got, strings.Join([]string{string(v.Kind), v.ID, v.Name, v.Type, string(v.Value), v.Text}, "|"))
	}
	want := []string{
		`question|q101|q_q101|single_choice|"guided"|The guided tour`,
		`question|q102|q_q102|multiple_choice|["boat","tower"]|Boat trip, Watch tower`,
		`question|q103|q_q103|ranking|["price","guide","weather"]|Price, Guide, Weather`,
		`question|q104|q_q104|rating|9|9`,
		`question|q105|q_q105|open_text|null|`,
		`background|b7|b_b7|text|"spring"|Spring`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRespondentIsThePersonTheEventIsAbout(t *testing.T) {
	tests := []struct {
		name string
		e    Event
		want Respondent
	}{
		{"survey", sampleOf(t, "survey.response.completed"), Respondent{ID: "rsp_88", Email: "ewa@zielinska.example", FirstName: "Ewa", LastName: "Zielińska"}},
		{"contact", sampleOf(t, "contact.tag.removed"), Respondent{ID: "905511", Email: "noor@lindqvist.example", FirstName: "Noor", LastName: "Lindqvist"}},
		{"contact without fields", sampleOf(t, "contact.tag.added"), Respondent{ID: "905511", Email: "noor@lindqvist.example"}},
		{"customer", sampleOf(t, "customer.sale.completed"), Respondent{ID: "905514", Email: "ines@moreau.example", FirstName: "Inès", LastName: "Moreau"}},
		{"raw", mustDecode(t, `{"type":"contact.x","data":{"contact":{"id":"c1","email":null,"fields":{"first_name":["a"]}}}}`), Respondent{ID: "c1"}},
		{"nobody", New("a", Raw{"x", []byte(`[1]`)}), Respondent{}},
		{"no data", Event{}, Respondent{}},
		{"survey without respondent", New("a", SurveyResponseCompleted{}), Respondent{}},
		{"anonymous by pointer", New("a", &SurveyResponseCompleted{Survey: Survey{Anonymous: true}, Respondent: &SurveyRespondent{ID: "1"}}), Respondent{Anonymous: true}},
		{"anonymous and raw", New("a", Raw{surveyType, []byte(`{"survey":{"anonymous":true},"respondent":{"id":"1"},"contact":{"id":2}}`)}), Respondent{Anonymous: true}},
		{"unreadable survey", New("a", Raw{surveyType, []byte(`{"survey":1,"contact":{"id":2}}`)}), Respondent{Anonymous: true}},
	}
	for _, tt := range tests {
		if got := tt.e.Respondent(); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// E5: a payload of a standard type tells whom it is about without being encoded, and
// tells the same as its JSON does.
func TestEveryStandardTypeTellsWhomItIsAbout(t *testing.T) {
	for _, d := range documents(t) {
		e := mustDecode(t, string(d.text))
		if e.isSurvey() {
			continue
		}
		p, ok := e.Data.(personal)
		if !ok {
			t.Errorf("%s: a %T has no respondent", d.name, e.Data)
			continue
		}
		want := New("", Raw{"x", dataOf(t, e)}).Respondent()
		if got := p.respondent(); got != want || got.ID == "" || got.Email == "" {
			t.Errorf("%s: got %+v, want %+v", d.name, got, want)
		}
	}
}

func TestSurveyIDIsOfSurveysOnly(t *testing.T) {
	if got := sampleOf(t, "survey.response.completed").SurveyID(); got != "sv_214" {
		t.Errorf("got %q", got)
	}
	if got := sampleOf(t, "contact.tag.added").SurveyID(); got != "" {
		t.Errorf("got %q", got)
	}
}

const anonymousText = `{"type":"survey.response.completed","trace":"t","who":{"m":["EWA@x.example"]},"data":{"zz":1,
	"survey":{"id":"s","name":"n","anonymous":true,"zz":1},
	"respondent":{"id":"zz7","first_name":"zzEwa","last_name":"zzZ","email":" Ewa@x.example","language":"pl","zz":1},
	"answers":[{"variable_id":"1","label":"l","type":"t","value":"ewa@x.example","text":"Ewa@X.example"},
		{"variable_id":"2","label":"m","type":"t","value":["a","b"],"text":"A","zz":1},
		{"variable_id":"3","label":"n","type":"t","value":3,"text":"write to ewa@x.example"}],
	"background":[{"variable_id":"4","label":"o","type":"t","value":["x",{"k":"EWA@x.example"}],"text":null},
		{"variable_id":"5","label":"p","type":"t","value":"\u0065wa@x.example","text":""}]}}`

// S8
func TestRedactedAnonymousResponseDoesNotTellWhoAnswered(t *testing.T) {
	e := mustDecode(t, anonymousText)
	for _, event := range []Event{e, New("a", Raw{surveyType, dataOf(t, e)}), {Type: surveyType, Data: new(e.Data.(SurveyResponseCompleted))}} {
		got := mustEncode(t, event.Redacted())
		if lower := strings.ToLower(got); strings.Contains(lower, "zz") || strings.Contains(lower, "ewa") || strings.Contains(lower, "x.example") {
			t.Errorf("still has the respondent: %s", got)
		}
	}
	want := `{"type":"survey.response.completed","data":{"survey":{"id":"s","name":"n","anonymous":true},"respondent":{"language":"pl"},` +
		`"answers":[{"variable_id":"1","label":"l","type":"t","value":null,"text":null},` +
		`{"variable_id":"2","label":"m","type":"t","value":["a","b"],"text":"A"},` +
		`{"variable_id":"3","label":"n","type":"t","value":null,"text":null}],` +
		`"background":[{"variable_id":"4","label":"o","type":"t","value":null,"text":null},` +
		`{"variable_id":"5","label":"p","type":"t","value":null,"text":null}]},"trace":"t"}`
	if got := mustEncode(t, e.Redacted()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !sameJSON(t, []byte(anonymousText), []byte(mustEncode(t, e))) {
		t.Error("Redacted changed the event it was called on")
	}
}

// S8: the address is not told in links either, where it is escaped, however often; what only looks like it stays.
func TestRedactedAnonymousResponseHasNoLinkThatNamesTheRespondent(t *testing.T) {
	for text, kept := range map[string]bool{
		"https://x.example/?e=ewa%40x.example": false, "https://x.example/?e=Ewa%2Bnews%40X%2eexample&n=1": false,
		"https://x.example/?to=%2F%3Fe%3D%2565wa%252Bnews%2540x.example": false, "100% ewa%2bnews@x.example": false,
		"https://x.example/?e=jan%40x.example": true, "100%": true, "%4": true, "%zz%": true, strings.Repeat("%25", 100_000): true,
	} {
		email := "ewa+news@x.example"
		if strings.Contains(text, "ewa%40") {
			email = "ewa@x.example"
		}
		value, err := json.Marshal([]any{map[string]any{"link": text}})
		if err != nil {
			t.Fatal(err)
		}
		e := New("a", SurveyResponseCompleted{
			Survey: Survey{ID: "s", Anonymous: true}, Respondent: &SurveyRespondent{Email: email},
			Answers: []Answer{{VariableID: "1", Text: &text}}, Background: []Answer{{VariableID: "2", Value: value}},
		})
		e.Extra = map[string]json.RawMessage{"link": value}
		got := e.Redacted()
		s := got.Data.(SurveyResponseCompleted)
		is := [3]bool{s.Answers[0].Text != nil, s.Background[0].Value != nil, got.Extra["link"] != nil}
		if is != [3]bool{kept, kept, kept} {
			t.Errorf("%.80q of %s is kept as text, value and extra: %v, want %v", text, email, is, kept)
		}
	}
}

// S8: a background value came with the respondent, so it tells of him by being his id or name alone; an answer may be the same by chance.
func TestRedactedAnonymousResponseHasNoBackgroundValueThatNamesTheRespondent(t *testing.T) {
	for _, tt := range []struct {
		id, value string
		kept      bool
	}{
		{"R-17", `"R-17"`, false}, {"17", `17`, false}, {"R-17", `17`, true}, {"", `""`, true},
		{"R-17", `"ann"`, false}, {"R-17", `" Ann  de Vries "`, false}, {"R-17", `"DE VRIES ANN"`, false}, {"R-17", `["x",{"n":"Ann"}]`, false},
		{"R-17", `"Anna"`, true}, {"R-17", `"Ann is here"`, true},
	} {
		e := New("a", SurveyResponseCompleted{
			Survey: Survey{ID: "s", Anonymous: true}, Respondent: &SurveyRespondent{ID: tt.id, FirstName: "Ann", LastName: "de  Vries"},
			Answers: []Answer{{VariableID: "1", Value: []byte(tt.value)}}, Background: []Answer{{VariableID: "2", Value: []byte(tt.value)}},
		})
		s := e.Redacted().Data.(SurveyResponseCompleted)
		if (s.Background[0].Value != nil) != tt.kept || s.Answers[0].Value == nil {
			t.Errorf("of respondent %q: background %s became %s, answer %s", tt.id, tt.value, s.Background[0].Value, s.Answers[0].Value)
		}
	}
}

func dataOf(tb testing.TB, e Event) []byte {
	tb.Helper()
	data, err := e.EncodeData()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// S8
func TestRedactedLeavesOtherEventsAlone(t *testing.T) {
	for _, d := range documents(t) {
		e := mustDecode(t, string(d.text))
		if got := mustEncode(t, e.Redacted()); got != mustEncode(t, e) {
			t.Errorf("%s became %s", d.name, got)
		}
	}
}

// S8
func TestRedactedUnreadableResponseHasNoData(t *testing.T) {
	e := New("", Raw{surveyType, []byte(`{"survey":1,"email":"x"}`)})
	if got, want := mustEncode(t, e.Redacted()), `{"type":"survey.response.completed","data":null}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
