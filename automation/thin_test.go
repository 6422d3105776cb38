package automation_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
)

var thin = automation.Body{Form: automation.Thin}

// O2: ids where the whole event has them, in the same envelope.
func TestThinMessageHoldsIDs(t *testing.T) {
	anonymous := response()
	anonymous.Survey.Anonymous = true
	const strange = `{"id":9007199254740993,"event_id":{"id":1},"a":{"id":" x"},"b":{"id":"a@b.example"},"c":{"id":{"id":1}},"d":{"id":null},` +
		`"e":{"ID":1},"f":[{"id":1}],"no key":{"id":1},"a@b.example":{"id":1},"g":{"id":""},"h":{"id":1e2},"i":{"i":{"id":1}},"h":{"id":"\u0041-1"}}`
	for name, tt := range map[string]struct {
		ev   events.Event
		want string
	}{
		"a contact":           {tagAdded(), `"contact":{"id":905511},"tag":{"id":3302}`},
		"a response":          {identified(response()), `"respondent":{"id":"rsp_88"},"survey":{"id":"sv_214"}`},
		"an anonymous one":    {identified(anonymous), `"survey":{"id":"sv_214"}`}, // S8
		"the host's own type": {identified(counted{new(int)}), ``},
		"an unknown type":     {raw(strange), `"h":{"id":"\u0041-1"},"id":9007199254740993`},
		"a list":              {raw(`[{"id":1}]`), ``},
		"nothing":             {raw(`null`), ``},
	} {
		want := `{"type":"` + tt.ev.Type + `","data":{"event_id":"evt_1"`
		if tt.want != "" {
			want += "," + tt.want
		}
		tt.ev.Account.Email = "owner@mail.example"
		tt.ev.Extra = map[string]json.RawMessage{"by": json.RawMessage(`"noor"`)}
		if got := message(t, tt.ev, nil, thin); got != want+"}"+envelope {
			t.Errorf("%s: message is\n%s\nwant\n%s", name, got, want+"}"+envelope)
		}
	}
}

// TestThinMessageTellsNothingElse looks for every text of every sample in the message that is made of it.
func TestThinMessageTellsNothingElse(t *testing.T) {
	samples := 0
	for _, typ := range events.Standard().Types() {
		for _, sample := range append([][]byte{typ.Sample}, typ.OtherSamples...) {
			ev, err := events.Decode(sample)
			if err != nil {
				t.Fatal(err)
			}
			ev.ID, ev.Account.ID, ev.CreatedAt = "evt_1", "acct_1", events.At(happened)
			got := message(t, ev, nil, thin)
			_, told, _ := strings.Cut(got, `,"data":`)
			told = regexp.MustCompile(`"[a-z_]+":`).ReplaceAllString(told, "") // its keys may occur in it
			var whole struct{ Data, Account any }
			if err := json.Unmarshal(sample, &whole); err != nil {
				t.Fatal(err)
			}
			texts := append(textsOf(whole.Data, 0), textsOf(whole.Account, 0)...)
			if len(texts) < 3 {
				t.Fatalf("%s: only %q were found in its sample", typ.Name, texts)
			}
			for _, text := range texts {
				if strings.Contains(told, text) {
					t.Errorf("%s: %q is told by %s", typ.Name, text, got)
				}
			}
			if data, _, _ := strings.Cut(got, `,"account":`); !strings.Contains(data, `{"id":`) {
				t.Errorf("%s: no object is named by %s", typ.Name, got)
			}
			samples++
		}
	}
	if samples < 20 {
		t.Errorf("%d samples were looked at", samples)
	}
}

// textsOf returns the texts of more than two characters in a JSON value at that depth, but for the ids that may be told.
func textsOf(value any, depth int) []string {
	var texts []string
	switch v := value.(type) {
	case string:
		if len(v) > 2 {
			texts = append(texts, v)
		}
	case []any:
		for _, element := range v {
			texts = append(texts, textsOf(element, depth+1)...)
		}
	case map[string]any:
		for key, member := range v {
			if key != "id" || depth != 1 {
				texts = append(texts, textsOf(member, depth+1)...)
			}
		}
	}
	return texts
}
