package automation_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
)

const surveyLink = "https://survey.example/s/1?t=a&u=b"

func render(t testing.TB, x automation.Template, fields string) automation.Rendered {
	t.Helper()
	var values map[string]json.RawMessage
	if err := json.Unmarshal([]byte(fields), &values); err != nil {
		t.Fatal(err)
	}
	got, err := x.Render(values, surveyLink)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// I5: the message of an invitation, its HTML made of its text.
func TestTemplateIsRendered(t *testing.T) {
	got := render(t, automation.Template{
		Subject: "[name], how were your [nights] nights?",
		Text:    "Dear [name],\r\n\r\nyou liked [tags] & [gone] [[sic].\nTell us: [SURVEY_LINK]\n",
	}, `{"name":"Ewa <Zielińska>","nights":3.0,"tags":["boat",2,true],"unused":{}}`)
	want := automation.Rendered{
		Subject: "Ewa <Zielińska>, how were your 3.0 nights?",
		Text:    "Dear Ewa <Zielińska>,\n\nyou liked boat, 2, true &  [sic].\nTell us: " + surveyLink + "\n",
		HTML: "<p>Dear Ewa &lt;Zielińska&gt;,</p>\n<p>you liked boat, 2, true &amp;  [sic].<br>\n" +
			`Tell us: <a href="https://survey.example/s/1?t=a&amp;u=b">https://survey.example/s/1?t=a&amp;u=b</a></p>` + "\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rendered (-want +got):\n%s", diff)
	}
}

// Values are escaped for the place where they stand in a document of the account's own.
func TestValuesStayInTheirPlaceInHTML(t *testing.T) {
	fields := `{"v":"\"><script>alert(1)</script>' onload=x","u":"javascript:alert(1)"}`
	for _, tt := range []struct{ html, want string }{
		{`<p>[v]</p>`, `<p>&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39; onload=x</p>`},
		{`<p title="[v]">`, `<p title="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39; onload=x">`},
		{`<p title=[v]>`, `<p title=&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&#32;onload&#61;x>`},
		{`<a href="[u]">`, `<a href="#ZgotmplZ">`},
		{`<a href="[SURVEY_LINK]">`, `<a href="https://survey.example/s/1?t=a&amp;u=b">`},
		{`<a href="https://x.example/?q=[v]">`, `<a href="https://x.example/?q=%22%3e%3cscript%3ealert%281%29%3c%2fscript%3e%27%20onload%3dx">`},
		{`{{.}} {{[v]}}`, `{{.}} {{&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39; onload=x}}`},
		{"a\x01index . 9\x02b", `aindex . 9b`},
		{`<style>[[a]{}</style>[[if]`, `<style>[a]{}</style>[if]`},
	} {
		if got := render(t, automation.Template{HTML: tt.html}, fields).HTML; got != tt.want {
			t.Errorf("%s became\n%s, want\n%s", tt.html, got, tt.want)
		}
	}
}

// ATTACKS 27: a value adds no header, and does not show the reader something else.
func TestSubjectIsOneLine(t *testing.T) {
	for name, tt := range map[string]struct{ value, want string }{
		"line breaks":      {`a\r\nBcc: b@example.com`, "Re: a  Bcc: b@example.com"},
		"line separators":  {`a\u2028b\u2029c\u0085d`, "Re: a b c d"},
		"NUL and escape":   {`a\u0000b\u001b[31m`, "Re: a b [31m"},
		"turned direction": {`a\u202eb\u2066c\u200fd\u061ce`, "Re: abcde"},
		"spaces at an end": {`a \t`, "Re: a"},
		"half a character": {`a\ud800b`, "Re: a\uFFFDb"},
		"many characters":  {strings.Repeat("ö", 500), "Re: " + strings.Repeat("ö", automation.MaxSubject-4)},
	} {
		if got := render(t, automation.Template{Subject: "Re: [v]"}, `{"v":"`+tt.value+`"}`).Subject; got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestTextKeepsItsLinesOnly(t *testing.T) {
	got := render(t, automation.Template{Text: "a\r\n[v]\tb\r"}, `{"v":"1\r2\u0000\u0007\u001b[31m\u0085"}`)
	if got.Text != "a\n1\n2[31m\tb\n" {
		t.Errorf("text %q", got.Text)
	}
}

// What is no address of a page is shown and not linked to.
func TestOnlyPagesAreLinkedTo(t *testing.T) {
	for _, link := range []string{"javascript:alert(1)", "", "data:text/html,x", "https://a\n.example/", "//a.example/"} {
		got, err := automation.Template{Text: "[SURVEY_LINK]", HTML: ""}.Render(nil, link)
		if err != nil || strings.Contains(got.HTML, "<a") {
			t.Errorf("%q: %s, %v; want no link", link, got.HTML, err)
		}
	}
}

func TestTemplateThatCannotBeRenderedIsAnError(t *testing.T) {
	large := map[string]json.RawMessage{"v": json.RawMessage(`"` + strings.Repeat("<", 1<<19) + `"`)}
	for name, tt := range map[string]struct {
		template automation.Template
		want     error
	}{
		"a host's":            {automation.Template{ID: "msg_1"}, automation.ErrTemplate},
		"an open macro":       {automation.Template{Subject: "[a"}, automation.ErrTemplate},
		"an open tag":         {automation.Template{HTML: "<a href='"}, automation.ErrTemplate},
		"too large a subject": {automation.Template{Subject: strings.Repeat("[v]", 3)}, automation.ErrTooLarge},
		"too large a text":    {automation.Template{Text: strings.Repeat("[v]", 3)}, automation.ErrTooLarge},
		"too large, escaped":  {automation.Template{Text: "[v]"}, automation.ErrTooLarge},
		"too large an HTML":   {automation.Template{HTML: "[v]"}, automation.ErrTooLarge},
	} {
		if got, err := tt.template.Render(large, surveyLink); !errors.Is(err, tt.want) {
			t.Errorf("%s: %.50v, %v; want %v", name, got, err, tt.want)
		}
	}
}

// Whatever is written and filled in, a subject is one line of text and a value begins no tag.
func FuzzRender(f *testing.F) {
	f.Add("[v]", "[v] [SURVEY_LINK]", "<a href='[v]'>[v]</a>", "<script>")
	f.Add("[[", "]", "<script>[v]</script><style>[v]</style><!-- [v] -->", "*/ </style>")
	f.Add("\r\n[v]", "\x00[v", "{{[v]}}\x01\x02", "\r\nBcc: a")
	f.Fuzz(func(t *testing.T, subject, text, html, value string) {
		const mark = "<canary"
		quoted, err := json.Marshal(mark + value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := automation.Template{Subject: subject, Text: text, HTML: html}.Render(map[string]json.RawMessage{"v": quoted}, surveyLink)
		if err != nil {
			if !errors.Is(err, automation.ErrTemplate) && !errors.Is(err, automation.ErrTooLarge) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if strings.ContainsFunc(got.Subject, unicode.IsControl) || utf8.RuneCountInString(got.Subject) > automation.MaxSubject || !utf8.ValidString(got.Subject+got.Text) {
			t.Fatalf("subject %q, text %q", got.Subject, got.Text)
		}
		if !strings.Contains(html, mark) && html != "" && strings.Contains(got.HTML, mark) {
			t.Fatalf("%q with %q became %q", html, value, got.HTML)
		}
		if html == "" && !strings.Contains(text, mark) && strings.Contains(got.HTML, mark) {
			t.Fatalf("%q with %q became %q", text, value, got.HTML)
		}
	})
}

func BenchmarkRender(b *testing.B) {
	x := automation.Template{Subject: "[name]", Text: "Dear [name],\n[SURVEY_LINK]", HTML: strings.Repeat("<p style='color:red'>Dear [name]</p>", 50)}
	fields := map[string]json.RawMessage{"name": json.RawMessage(`"Ewa"`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Render(fields, surveyLink); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
