package automation_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/internal/pushurl"
	"github.com/tenterhook/tenterhook/runs"
)

// pushTo returns an automation that pushes to a URL.
func pushTo(url string) automation.Automation {
	a := rule()
	a.Actions[0].Push.URL = url
	return a
}

// sentTo returns where the run of an event is sent by a push URL, and its warnings.
func sentTo(t testing.TB, ev events.Event, url string) (string, []string) {
	t.Helper()
	planned := plan(t, ev, map[string]string{"102": "Ausflüge", "7": "season", "9": "l2", "n": "note"}, pushTo(url))
	return planned[0].Run.URL, planned[0].Run.Warnings
}

// named returns a response by somebody of that first name.
func named(name string) events.Event {
	s := response()
	s.Respondent.FirstName = name
	return identified(s)
}

// O3.
func TestMacrosAreReplacedByValues(t *testing.T) {
	s := response()
	s.Answers = append(s.Answers, events.Answer{VariableID: "L3", Value: json.RawMessage(`"a question"`)},
		events.Answer{VariableID: "n", Value: json.RawMessage("null")})
	s.Background = append(s.Background, events.Answer{VariableID: "l1", Value: json.RawMessage(`"by id"`)},
		events.Answer{VariableID: "9", Value: json.RawMessage(`"by label"`)}, events.Answer{VariableID: "L10", Value: json.RawMessage("10")})
	survey := identified(s)
	parcel := raw(`{"o":{},"list":[1,"a, b",null,[true]],"yes":true,"price":1.50,"big":9007199254740993,"EMAIL":"a field"}`)
	for _, tt := range []struct {
		ev        events.Event
		url, want string
	}{
		{survey, "https://h/r/[ID_RESPONDENT]?s=[ID_SURVEY]", "https://h/r/rsp_88?s=sv_214"},
		{survey, "https://h/[FIRST_NAME]-[LAST_NAME]/?e=[EMAIL]&", "https://h/Ewa-Zieli%C5%84ska/?e=ewa%40zielinska.example&"},
		{survey, "https://h?[q_101]=[q_102]", "https://h?9007199254740993=tower%2Cboat"},
		{survey, "https://h/?a=[Ausflüge]&b=[Ausflu\u0308ge]", "https://h/?a=tower%2Cboat&b=tower%2Cboat"},
		{survey, "https://h/[season]/[b_7]", "https://h/spring/spring"},
		{survey, "https://h/[L1]/[L2]?ten=[L10]", "https://h/by%20id/by%20label?ten=10"},
		{survey, "https://h/?q=[L3]&none=[L9]&null=[note]", "https://h/?q=&none=&null="},
		{survey, "https://[2001:db8::1]:8443/[EMAIL]", "https://[2001:db8::1]:8443/ewa%40zielinska.example"},
		{survey, "https://h/%5BEMAIL%5D", "https://h/%5BEMAIL%5D"},
		{tagAdded(), "https://h/[ID_RESPONDENT]/[tag__name]?s=[ID_SURVEY]", "https://h/905511/Sailing%20course?s="},
		{tagAdded(), "https://h/[FIRST_NAME]+[LAST_NAME]/[L1]", "https://h/Noor+Lindqvist/"},
		{parcel, "https://h/[o]/[list]/[yes]/[price]/[big]", "https://h/%7B%7D/1%2Ca%2C%20b%2C%2Ctrue/true/1.50/9007199254740993"},
		{parcel, "https://h/[EMAIL]", "https://h/"}, // of the two that the macro might mean, the person's
	} {
		if got, warnings := sentTo(t, tt.ev, tt.url); got != tt.want || warnings != nil {
			t.Errorf("%s: sent to %s with warnings %q; want %s", tt.url, got, warnings, tt.want)
		}
	}
}

// O3, S7.
func TestMacroOfAVariableThatIsGoneIsLeftOutWithAWarning(t *testing.T) {
	a := pushTo("https://h/[q_1]/[q_101]?[q_1]=[lost]")
	a.Actions[0].Push.Body = selection("gone", "7")
	run := plan(t, identified(response()), nil, a)[0].Run
	if want := "https://h//9007199254740993?="; run.URL != want {
		t.Errorf("sent to %s, want %s", run.URL, want)
	}
	if w := run.Warnings; len(w) != 3 || !strings.Contains(w[0], `"gone"`) || !strings.Contains(w[1], "[q_1]") || !strings.Contains(w[2], "[lost]") {
		t.Errorf("warnings are %q; want one for each variable and macro that is gone", w)
	}
}

// S4: a name once sent keeps its meaning, so a macro follows the data label and not the variable made for that name later.
func TestMacroFollowsTheDataLabel(t *testing.T) {
	ev := identified(response())
	planned := plan(t, ev, map[string]string{"7": "q_101"}, pushTo("https://h/[q_101]"))
	if got, want := planned[0].Run.URL, "https://h/spring"; got != want {
		t.Errorf("sent to %s, want %s", got, want)
	}
}

// ATTACKS 7, O3: whatever a value is, it stays in its place, and the receiver reads it as it was.
func TestValueCannotChangeTheURL(t *testing.T) {
	const climbs, long = "lead elsewhere", "too long"
	for _, tt := range []struct{ value, segment, warning string }{
		{"a/b", "a%2Fb", ""}, {`a\b`, "a%5Cb", ""}, {"?x=1#y", "%3Fx%3D1%23y", ""}, {"&a=b;c", "%26a%3Db%3Bc", ""},
		{"\r\nX: y", "%0D%0AX%3A%20y", ""}, {"\x00", "%00", ""}, {"a\xffb", "a%EF%BF%BDb", ""}, {"ﬁ😀", "%EF%AC%81%F0%9F%98%80", ""},
		{"%", "%25", ""}, {"%41", "%2541", ""}, {"%zz", "%25zz", ""}, {"a+b c", "a%2Bb%20c", ""}, {"-._~!*'()", "-._~%21%2A%27%28%29", ""},
		{"@evil.example", "%40evil.example", ""}, {"//evil.example", "%2F%2Fevil.example", ""}, {"[EMAIL]", "%5BEMAIL%5D", ""},
		{"..;", "..%3B", ""}, {"...a", "...a", ""}, {"v1.2", "v1.2", ""}, {"", "", ""},
		{".", "", climbs}, {"..", "", climbs}, {"...", "", climbs}, {"%2e%2E", "", climbs}, {"%252e%252e", "", climbs}, {"../../admin", "", climbs},
		{`a\..\b`, "", climbs}, {"a/%2e%2e", "", climbs}, {"..\x00", "", climbs}, {" ..\t", "", climbs}, {"..%2f%zz", "", climbs},
		{strings.Repeat("a", 100_000), "", long}, {strings.Repeat("ü", pushurl.MaxLength/6), "", long},
	} {
		got, warnings := sentTo(t, named(tt.value), "https://h.example/to/[FIRST_NAME]/in?id=[ID_SURVEY]")
		if want := "https://h.example/to/" + tt.segment + "/in?id=sv_214"; got != want {
			t.Errorf("%.40q: sent to %.200s, want %s", tt.value, got, want)
		}
		if tt.warning == "" && warnings != nil ||
			tt.warning != "" && (len(warnings) != 1 || !strings.Contains(warnings[0], tt.warning) || !strings.Contains(warnings[0], "[FIRST_NAME]")) {
			t.Errorf("%.40q: warnings are %q, want %q", tt.value, warnings, tt.warning)
		}
		if tt.warning == long {
			continue
		}
		got, _ = sentTo(t, named(tt.value), "https://h/?v=[FIRST_NAME]&end=1")
		want := url.Values{"v": {strings.ToValidUTF8(tt.value, "\uFFFD")}, "end": {"1"}}
		if u, err := pushurl.Parse(got); err != nil || cmp.Diff(want, u.Query()) != "" {
			t.Errorf("%q: sent to %s, whose query reads as %v, %v", tt.value, got, u.Query(), err)
		}
	}
}

func TestMacrosOfOneSegmentAreJudgedTogether(t *testing.T) {
	s := response()
	s.Respondent.FirstName, s.Respondent.LastName = ".", "."
	for template, want := range map[string]string{
		"https://h/a/[FIRST_NAME][LAST_NAME]/b":           "https://h/a//b",
		"https://h/a/[FIRST_NAME]%2F[LAST_NAME]x":         "https://h/a/%2Fx",
		"https://h/a/[FIRST_NAME]x[LAST_NAME]/b":          "https://h/a/.x./b",
		"https://h/[FIRST_NAME]/[ID_SURVEY]/[LAST_NAME]?": "https://h//sv_214/?",
	} {
		if got, _ := sentTo(t, identified(s), template); got != want {
			t.Errorf("%s: sent to %s, want %s", template, got, want)
		}
	}
	s.Respondent.FirstName = strings.Repeat("a", pushurl.MaxLength) // when it goes, dots are left
	s.Respondent.LastName = ".."
	if got, warnings := sentTo(t, identified(s), "https://h/a/[FIRST_NAME][LAST_NAME]/b"); got != "https://h/a//b" || len(warnings) != 2 {
		t.Errorf("sent to %.100s with warnings %q", got, warnings)
	}
}

func TestLongestValueGoesFirst(t *testing.T) {
	s := response()
	s.Respondent.FirstName, s.Respondent.LastName = strings.Repeat("a", 1500), strings.Repeat("b", 1400)
	got, warnings := sentTo(t, identified(s), "https://h/[FIRST_NAME]?[LAST_NAME]&[ID_SURVEY]")
	if want := "https://h/?" + s.Respondent.LastName + "&sv_214"; got != want || len(warnings) != 1 {
		t.Errorf("sent to %.100s with warnings %q; want %.100s", got, warnings, want)
	}
	exact := strings.Repeat("a", pushurl.MaxLength-len("https://h/"))
	if got, warnings := sentTo(t, named(exact), "https://h/[FIRST_NAME]"); len(got) != pushurl.MaxLength || warnings != nil {
		t.Errorf("a URL of %d bytes was cut to %d with warnings %q", pushurl.MaxLength, len(got), warnings)
	}
}

// S8.
func TestAnonymousRespondentIsNotInTheURL(t *testing.T) {
	s := response()
	s.Survey.Anonymous = true
	s.Respondent = &events.SurveyRespondent{ID: "canary-id", FirstName: "Canary-First", LastName: "Canary-Last", Email: "canary@mail.example"}
	s.Background[0] = events.Answer{VariableID: "L1", Value: json.RawMessage(`"Canary@Mail.example"`)}
	encoded, err := identified(s).EncodeData()
	if err != nil {
		t.Fatal(err)
	}
	const template = "https://h/[ID_RESPONDENT]/[EMAIL]/[FIRST_NAME]?l=[LAST_NAME]&b=[L1]&c=[b_L1]&s=[ID_SURVEY]&q=[q_101]"
	for _, ev := range []events.Event{identified(s), identified(events.Raw{Name: s.EventType(), JSON: encoded})} {
		got, warnings := sentTo(t, ev, template)
		if want := "https://h///?l=&b=&c=&s=sv_214&q=9007199254740993"; got != want || warnings != nil {
			t.Errorf("sent to %s with warnings %q, want %s", got, warnings, want)
		}
	}
	s.Survey.Anonymous = false
	if got, _ := sentTo(t, identified(s), template); strings.Count(strings.ToLower(got), "canary") != 6 {
		t.Errorf("a respondent who is not anonymous is missing in %s", got)
	}
}

// O3: what no value may fill, or nothing fills, is refused when saved.
func TestMacrosAreCheckedWhenSaved(t *testing.T) {
	for complaint, urls := range map[string][]string{
		"": {
			"https://h/[ID_RESPONDENT]/[ID_SURVEY]?[EMAIL]&[FIRST_NAME]&[LAST_NAME]", "https://h/[L1][L2][L3][L4][L5][L6][L7][L8][L9][L10]",
			"https://h/[q_101]/[b_7]?[Ausflüge]&[q_102]", "https://[::1]/[EMAIL]", "https://[2001:db8::1]:443?[EMAIL]", "https://h/%5B%5D", "https://h/%41[L1]",
			"https://h/[L1]...a/../[L2]", "https://h/a?/../.[L1]&%25[L2]", "https://h/" + strings.Repeat("[L1]", automation.MaxMacros),
			"https://h/" + strings.Repeat("a", pushurl.MaxLength-len("https://h/?x")) + "?[FIRST_NAME]",
		},
		"stands for nothing": {
			"https://h/[q_103]", "https://h/[7]", "https://h/[season]", "https://h/[email]", "https://h/[ EMAIL]", "https://h/[]", "https://h/?a[]=1",
			"https://h/[L0]", "https://h/[L01]", "https://h/[L11]", "https://h/[L+1]", "https://h/[l1]", "https://h/[L]", "https://h/[EMAIL\r\n]",
		},
		"not in pairs": {
			"https://h/[", "https://h/]", "https://h/[EMAIL", "https://h/EMAIL]", "https://h/[[EMAIL]]", "https://h/][", "https://h/[L1]]", "https://h?[L1][",
		},
		"path and query only": {"https://[EMAIL]/", "https://[L1]:443/", "https://h[L1]/", "https://h:[L1]/", "https://[EMAIL]@h/", "[L1]://h/", "https:[EMAIL]", "[EMAIL]", "https://[127.0.0.1]/"},
		"has a fragment":      {"https://h/#[EMAIL]", "https://h#[EMAIL]", "https://h/[EMAIL]#"},
		"has no host":         {"https:///[EMAIL]", "https://?[EMAIL]"},
		"percent-encoded":     {"https://h/%[L1]", "https://h/%4[L1]", "https://h/?%[L1]", "https://h/?a=%2[L1]6"},
		"dots":                {"https://h/.[L1]", "https://h/[L1]./", "https://h/a/.[L1].?", "https://h/%2e[L1]%2E/", "https://h/[L1]%2f..", `https://h/...[L1]`},
		"it holds":            {"https://h/[EMAIL]\r\n", "https://h/[EMAIL] x", "https://h/[EMAIL]ü"},
		"21 macros":           {"https://h/" + strings.Repeat("[L1]", automation.MaxMacros+1)},
		"use at most 2048":    {"https://h/[EMAIL]" + strings.Repeat("a", pushurl.MaxLength)},
		"it is http":          {"http://h/[EMAIL]"},
	} {
		for _, text := range urls {
			a := valid(t)
			a.Actions = append(a.Actions, automation.Action{ID: "2", Push: &automation.Push{URL: text}})
			switch err := a.Validate(known); {
			case complaint == "" && err != nil:
				t.Errorf("%.100q is refused: %v", text, err)
			case complaint != "" && (err == nil || !strings.Contains(err.Error(), "/actions/1/push/url: push URL: ") || !strings.Contains(err.Error(), complaint)):
				t.Errorf("%.100q: got %v; want a refusal that says %q", text, err, complaint)
			}
		}
	}
}

func TestEachUnknownMacroIsReportedOnce(t *testing.T) {
	a := valid(t)
	a.Actions[0].Push.URL = "https://h/[gone]/[lost]/[gone]/[EMAIL]"
	mustRefuse(t, a, slices.Repeat([]string{refusal(automation.ErrURL, "/actions/0/push/url")}, 2)...)
}

// ATTACKS 24: attempts go to the URL of now, unless macros fixed it with the run.
func TestURLWithMacrosIsFixedWithTheRun(t *testing.T) {
	run := runs.Run{URL: "https://then.example/ewa"}
	for now, want := range map[string]string{
		"https://now.example/[EMAIL]": run.URL, "https://now.example/": "https://now.example/", "https://[::1]/": "https://[::1]/", "https://h/[": "https://h/[",
	} {
		if got := (automation.Push{URL: now}).URLFor(run); got != want {
			t.Errorf("URLFor of %s = %s, want %s", now, got, want)
		}
	}
}

// FuzzMacros holds a URL with values against the same with plain ones: but for the places of the macros they are alike,
// also to a receiver that decodes the path and resolves its dots.
func FuzzMacros(f *testing.F) {
	for _, value := range []string{"..", "%2e%2e", "a/b", "?x=1#y", "\r\n\x00\xff", strings.Repeat("ü", 999), "", `\..`, "%25%32%65."} {
		f.Add("https://[::1]:443/a/[FIRST_NAME][L1]/..?[L1]=[FIRST_NAME]&b", value, value)
		f.Add("https://h/%2f[FIRST_NAME].[L1]/[q_101]", value, ".")
	}
	f.Fuzz(func(t *testing.T, template, first, l1 string) {
		a := valid(t)
		a.Actions[0].Push.URL = template
		if a.Validate(known) != nil {
			return
		}
		fill := func(first, l1 string) *url.URL {
			s := response()
			s.Respondent.FirstName = first
			value, err := json.Marshal(l1)
			if err != nil {
				t.Fatal(err)
			}
			s.Background = append(s.Background, events.Answer{VariableID: "L1", Value: value})
			text := plan(t, identified(s), known.Labels, a)[0].Run.URL
			u, err := pushurl.Parse(text)
			if err != nil {
				t.Fatalf("%q with %.100q and %.100q is sent to %q: %v", template, first, l1, text, err)
			}
			return u
		}
		if got, want := shapeOf(fill(first, l1)), shapeOf(fill("x", "x")); got != want {
			t.Errorf("%q with %.100q and %.100q has the shape %s, want %s", template, first, l1, got, want)
		}
	})
}

// shapeOf returns what no value may change: scheme, host, numbers of segments and parameters, and of steps within the path,
// to a receiver that decodes it as often as it can.
func shapeOf(u *url.URL) string {
	path, steps := u.EscapedPath(), 0
	for plain, err := url.PathUnescape(path); err == nil && plain != path; plain, err = url.PathUnescape(path) {
		path = plain
	}
	for segment := range strings.SplitSeq(strings.ReplaceAll(path, `\`, "/"), "/") {
		if segment == "." || segment == ".." {
			steps++
		}
	}
	return fmt.Sprintf("%s://%s, %d segments, %d steps, %d parameters, query %v, fragment %v", u.Scheme, u.Host,
		strings.Count(u.EscapedPath(), "/"), steps, strings.Count(u.RawQuery, "&"), u.RawQuery != "" || u.ForceQuery, u.Fragment)
}
