package email

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
)

// reading is what a reader makes of a mail.
type reading struct {
	Names   []string    `json:"names"` // of the fields, in lower case
	Subject string      `json:"subject"`
	ID      string      `json:"id"`
	To      [][2]string `json:"to"` // name and address
	From    [][2]string `json:"from"`
	Parts   [][2]string `json:"parts"` // type and content
	Kind    string      `json:"kind"`
	Defects []string    `json:"defects"`
}

// read reads a mail with the standard library.
func read(raw []byte) (r reading, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return r, err
	}
	for name, values := range m.Header {
		for range values {
			r.Names = append(r.Names, strings.ToLower(name))
		}
	}
	slices.Sort(r.Names)
	if r.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return r, err
	}
	r.ID = m.Header.Get("Message-ID")
	for name, to := range map[string]*[][2]string{"To": &r.To, "From": &r.From} {
		list, err := m.Header.AddressList(name)
		if err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
		for _, a := range list {
			*to = append(*to, [2]string{a.Name, a.Address})
		}
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return r, err
	}
	r.Kind = kind
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return r, nil
		}
		if err != nil {
			return r, err
		}
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return r, err
		}
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			return r, err
		}
		r.Parts = append(r.Parts, [2]string{kind, string(content)})
	}
}

var fields = []string{"auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to"}

// hostile are texts that want to be more than the value of a field, with what they are in a mail.
var hostile = map[string]string{
	"Ann\r\nBcc: eve@example.net":          "Ann Bcc: eve@example.net",
	"Ann\nSubject: Spam\n\nBody":           "Ann Subject: Spam Body",
	"Ann\r\n\r\n<script>":                  "Ann <script>",
	"\"Ann\" <eve@example.net>, \\":        "\"Ann\" <eve@example.net>, \\",
	"Ann\u202egnp.exe":                     "Anngnp.exe",
	"\u200fעברית\u200f, \u2067x\u2069":     "עברית, x",
	"Zoë 漢字 😀":                             "Zoë 漢字 😀",
	"=?utf-8?q?Ann=0D=0ABcc:_eve?=":        "= ?utf-8?q?Ann=0D=0ABcc:_eve?=",
	"Ann\x00\x07\x1b[31m\u2028\u0085":      "Ann [31m",
	"Zoë \\ Ann":                           "Zoë \\ Ann",
	"\xff\xfeAnn":                          "\ufffdAnn",
	strings.Repeat("a", 1000):              strings.Repeat("a", 199) + "…",
	strings.Repeat("漢", 1000):              strings.Repeat("漢", 199) + "…",
	strings.Repeat("word ", 39) + "Zoë .":  strings.Repeat("word ", 39) + "Zoë .",
	"":                                     "",
	"ann@example.com, eve@example.net;(x)": "ann@example.com, eve@example.net;(x)",
}

// Nothing that a text holds becomes a field, a recipient or a part, whoever reads: the standard library or Python's.
func TestHostileTextsStayWhatTheyAre(t *testing.T) {
	var srv server
	sender := newSender(t, srv.start(t, StartTLS))
	var sent []string
	for text := range hostile {
		body := text + "\r\n.\r\n--boundary\n"
		if err := sender.Send(t.Context(), Message{ID: text, To: "ann@example.com", Name: text, Subject: text, Text: body, HTML: "<p>" + body + "</p>"}); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		sent = append(sent, text)
	}
	var raws [][]byte
	for i, m := range srv.got() {
		if m.to != "ann@example.com" {
			t.Errorf("%q went to %q", sent[i], m.to)
		}
		raws = append(raws, m.raw)
		r, err := read(m.raw)
		if err != nil {
			t.Errorf("%q: %v\n%s", sent[i], err, m.raw)
		}
		isAsMeant(t, sent[i], r)
	}
	for i, answer := range need.PythonScript(t, raws, "testdata/read.py") {
		var r reading
		if err := json.Unmarshal([]byte(answer), &r); err != nil {
			t.Fatal(err)
		}
		if len(r.Defects) > 0 {
			t.Errorf("%q: Python's reader finds %q\n%s", sent[i], r.Defects, raws[i])
		}
		r.Defects = nil
		for n, to := range r.To { // it keeps the spaces between encoded words of a name, which RFC 2047 section 6.2 drops
			if want := strings.ReplaceAll(hostile[sent[i]], `\`, "/"); strings.ReplaceAll(to[0], " ", "") == strings.ReplaceAll(want, " ", "") {
				r.To[n][0] = want
			}
		}
		isAsMeant(t, sent[i], r)
	}
}

// isAsMeant reports where a reading of the mail with a hostile text is not as it was meant.
func isAsMeant(t *testing.T, text string, got reading) {
	t.Helper()
	body := clean(strings.ReplaceAll(text+"\r\n.\r\n--boundary\n", "\r\n", "\n"))
	want := reading{
		Names: fields, Subject: hostile[text], ID: "<" + messageID(text, "desk@example.org") + ">", Kind: "multipart/alternative",
		To: [][2]string{{strings.ReplaceAll(hostile[text], `\`, "/"), "ann@example.com"}}, From: [][2]string{{"Survey Desk", "desk@example.org"}},
		Parts: [][2]string{{"text/plain", body}, {"text/html", "<p>" + body + "</p>"}},
	}
	for i := range got.Parts { // how a reader ends lines, and whether a text ends with one, is its own affair
		got.Parts[i][1] = strings.TrimRight(strings.ReplaceAll(got.Parts[i][1], "\r\n", "\n"), "\n")
	}
	got.Subject, got.ID = strings.TrimSpace(got.Subject), strings.TrimSpace(got.ID) // they begin on a line of their own when long
	for i := range want.Parts {
		want.Parts[i][1] = strings.TrimRight(want.Parts[i][1], "\n")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mail with %.60q (-want +got):\n%s", text, diff)
	}
}

// compose returns a mail as it is sent.
func compose(t testing.TB, o Options, m Message) ([]byte, error) {
	t.Helper()
	o.Host = "mail.example.com"
	if o.From == "" {
		o.From = "desk@example.org"
	}
	msg, err := newSender(t, o).compose(m)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes(), nil
}

func FuzzHeader(f *testing.F) {
	for text := range hostile {
		f.Add(text, text, text, "ann@example.com")
	}
	f.Add("run_1", "Ann", "Hello", "ann@example.com\r\nRCPT TO:<eve@example.net>")
	f.Add("run_1", "Ann", "Hello", "\"a b\"@example.com")
	f.Fuzz(func(t *testing.T, id, name, subject, to string) {
		raw, err := compose(t, Options{}, Message{ID: id, To: to, Name: name, Subject: subject, Text: "Hello", HTML: "<p>Hello</p>"})
		if err != nil {
			if !errors.Is(err, automation.ErrRefused) {
				t.Errorf("error %v, want one that refuses the recipient", err)
			}
			return
		}
		r, err := read(raw)
		if err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		if diff := cmp.Diff(fields, r.Names); diff != "" {
			t.Errorf("fields (-want +got):\n%s\n%s", diff, raw)
		}
		if len(r.To) != 1 || r.To[0][1] != to || len(r.From) != 1 || len(r.Parts) != 2 {
			t.Errorf("to %q, from %q, %d parts:\n%s", r.To, r.From, len(r.Parts), raw)
		}
		if want := line(subject); r.Subject != want {
			t.Errorf("subject %q, want %q", r.Subject, want)
		}
		header, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		for text := range bytes.SplitSeq(header, []byte("\r\n")) {
			if len(text) > 998 || bytes.ContainsAny(text, "\r\n\x00") || !utf8.Valid(text) || bytes.ContainsFunc(text, func(c rune) bool { return c > unicode.MaxASCII }) {
				t.Errorf("line %q is none of a header", text)
			}
		}
	})
}

func TestAddressesOutsideASCIIAreRefusedClearly(t *testing.T) {
	var srv server
	sender := newSender(t, srv.start(t, StartTLS))
	for to, says := range map[string]string{
		"zoë@example.com": "ASCII", "ann@exämple.com": "ASCII", "ann": "no e-mail address", "": "no e-mail address",
		"Ann <ann@example.com>": "no e-mail address", "ann@example.com>\r\nDATA": "no e-mail address", "ann@[127.0.0.1]": "no e-mail address",
		"ann@example.com,eve@example.net": "no e-mail address", strings.Repeat("a", 250) + "@example.com": "no e-mail address",
	} {
		err := sender.Send(t.Context(), Message{To: to, Subject: "Hello", Text: "Hello"})
		if !errors.Is(err, automation.ErrRefused) || !strings.Contains(err.Error(), says) {
			t.Errorf("to %.40q: error %v, want a refusal that says %q", to, err, says)
		}
	}
	if n := len(srv.got()); n > 0 {
		t.Errorf("%d mails were sent", n)
	}
}

func TestAnswersGoWhereTheHostSays(t *testing.T) {
	raw, err := compose(t, Options{ReplyTo: "Zoë \"Z\" <zoe@example.org>"}, toAnn())
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	list, err := m.Header.AddressList("Reply-To")
	if err != nil || len(list) != 1 || *list[0] != (mail.Address{Name: "Zoë Z", Address: "zoe@example.org"}) {
		t.Errorf("Reply-To is %q, error %v", m.Header["Reply-To"], err)
	}
}

// RFC 8058; RFC 5322 sections 2.1.1 and 2.2: a line has at most 998 characters, all ASCII.
func TestUnsubscribingTakesOneClick(t *testing.T) {
	msg := toAnn()
	msg.Unsubscribe = "https://example.org/u?t=1&x=%20"
	raw, err := compose(t, Options{}, msg)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	got := [2]string{m.Header.Get("List-Unsubscribe"), m.Header.Get("List-Unsubscribe-Post")}
	if want := [2]string{"<https://example.org/u?t=1&x=%20>", "List-Unsubscribe=One-Click"}; got != want {
		t.Errorf("fields %q, want %q", got, want)
	}
	msg.Unsubscribe = "https://example.org/u?t=" + strings.Repeat("a", longestAddress-len("https://example.org/u?t="))
	if raw, err = compose(t, Options{}, msg); err != nil || !bytes.Contains(raw, []byte("\r\nList-Unsubscribe: <"+msg.Unsubscribe+">\r\n")) {
		t.Errorf("the longest address: error %v in\n%s", err, raw)
	}
	for _, bad := range []string{
		"http://example.org/?t=canary", "mailto:canary@example.org", "https://example.org/canary>,<x", "https://canary b/",
		"https://example.org/canary\r\nBcc: x", "canary",
		"https://example.org/?n=canary Zoë", "https://example.org/?n=canaryë", "https://canaryë.example/",
		"https://example.org/{canary}", msg.Unsubscribe + "canary", "https://[canary",
	} {
		msg.Unsubscribe = bad
		raw, err := compose(t, Options{}, msg)
		if err == nil || errors.Is(err, automation.ErrRefused) {
			t.Errorf("%.200q: error %v, and %q", bad, err, raw)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("error %v shows the address, which stands for the person", err)
		}
	}
}

func TestFooterStandsInTheContent(t *testing.T) {
	for document, want := range map[string]string{
		"<body>x</BODY ></html>": "<body>x<p>a<br>\n&lt;b&gt;</p>\n</BODY ></html>", "x": "x<p>a<br>\n&lt;b&gt;</p>\n",
	} {
		if got := withFooter(document, "a\r\n<b>"); got != want {
			t.Errorf("%q with a footer: %q, want %q", document, got, want)
		}
	}
}

func TestPasswordDoesNotPrint(t *testing.T) {
	o := Options{Password: password}
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("options", "options", o, "password", o.Password)
	asJSON, err := json.Marshal(o.Password)
	if err != nil {
		t.Fatal(err)
	}
	all := out.String() + string(asJSON) + fmt.Sprintf("%v %+v %#v %s %q %x %d", o, o, o, o.Password, o.Password, o.Password, o.Password) + o.Password.String()
	if strings.Contains(all, password) || strings.Contains(all, fmt.Sprintf("%x", password)) || strings.Contains(all, base64.StdEncoding.EncodeToString([]byte(password))) {
		t.Errorf("it prints: %s", all)
	}
}
