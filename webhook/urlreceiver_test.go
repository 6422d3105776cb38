package webhook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

const formType = "application/x-www-form-urlencoded"

// urls enables URL webhooks and returns what makes the path of one, with a query.
func (h *house) urls() func(name automation.CallName, query string) string {
	h.Helper()
	c, err := h.d.EnableURLWebhooks(h.Context(), account)
	if err != nil {
		h.Fatal(err)
	}
	return func(name automation.CallName, query string) string { return c.Path("/webhooks", name) + "?" + query }
}

// I8: each of the four names does what it says, by GET or POST, and answers as it is documented.
func TestURLWebhooksDoWhatTheyAreNamed(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		h := newHouse(t, st, webhook.ReceiverOptions{})
		at := h.urls()
		const updated = `{"type":"success","msg":"Respondent has been updated on the survey's mailing list"}`
		form := map[string]string{"Content-Type": formType}
		for i, c := range []call{
			{method: "GET", path: at("update-respondent", "id_survey=399793&id_respondent=12345&l4=SuperVIP&l7=9")},
			{path: at("update-respondent", ""), header: form, body: "id_survey=399793&id_respondent=12345&l4=SuperVIP&l7=9"},
			{path: at("update-respondent", "id_survey=399793&l4=SuperVIP"), header: form, body: "id_respondent=12345&l7=9"},
		} {
			got := h.send(c)
			if got.Status != 200 || got.Body != updated {
				t.Errorf("call %d is answered %d %s", i, got.Status, got.Body)
			}
			r := h.changes()[i]
			run, err := st.Get(t.Context(), account, r.Run)
			if err != nil || run.Status != runs.Succeeded || len(run.Attempts) != 1 || run.CreatedAt.IsZero() {
				t.Errorf("run is %+v, %v", run, err)
			}
			want := automation.Respondent{
				Run: r.Run, CalledAt: run.CreatedAt, Account: account, Survey: "399793", ID: "12345", Labels: map[string]string{"l4": "SuperVIP", "l7": "9"},
			}
			if diff := cmp.Diff(want, r); diff != "" {
				t.Errorf("call %d (-want +got):\n%s", i, diff)
			}
		}
		got := h.send(call{method: "GET", path: at("add-respondent", "id_survey=399793&email=ada@example.com&l1=a")})
		if got.Status != 200 || !strings.HasPrefix(got.Body, `{"type":"success","msg":"`) || h.changes()[3].Email != "ada@example.com" {
			t.Errorf("answered %d %s, %+v", got.Status, got.Body, h.changes()[3])
		}
		for _, c := range []call{
			{method: "GET", path: at("send-invitation", "id_survey=1&id_template=2&email=ada@example.com")},
			{method: "GET", path: at("send-invitation-to-token", "id_survey=1&id_template=2&token=tok")},
		} {
			if got := h.send(c); got.Status != 200 || !strings.HasPrefix(got.Body, `{"type":"success","msg":"`) {
				t.Errorf("answered %d %s", got.Status, got.Body)
			}
		}
		awaitCounts(t, st, runs.Counts{runs.Succeeded: 6})
		if n := len(h.invitations()); n != 2 {
			t.Errorf("%d invitations, want 2", n)
		}
	})
}

// urlHeaders returns the headers of an answer to a URL webhook; a 401 has a challenge (RFC 9110, section 15.5.2).
func urlHeaders(status int) map[string]string {
	return map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Content-Type": "application/json", "Set-Cookie": "",
		"Www-Authenticate": map[int]string{http.StatusUnauthorized: `URL realm="webhooks"`}[status],
	}
}

// I8, I9, ATTACKS 40: what is no proper call changes nothing, and is answered in the documented form.
func TestBadURLWebhooksChangeNothing(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{FailuresPerMinute: 1000})
	at := h.urls()
	good := at("update-respondent", "id_survey=1")
	parts := strings.Split(good, "/")
	key, auth := parts[3], parts[4]
	const ok = "id_survey=1&id_respondent=2"
	for name, tt := range map[string]struct {
		call   call
		status int
	}{
		"wrong key":           {call{method: "GET", path: strings.Replace(good, key, "thk_wrong", 1)}, 401},
		"wrong auth":          {call{method: "GET", path: strings.Replace(good, auth, "thk_wrong", 1)}, 401},
		"key and auth turned": {call{method: "GET", path: "/webhooks/" + account + "/" + auth + "/" + key + "/update-respondent?" + ok}, 401},
		"another account":     {call{method: "GET", path: strings.Replace(good, account, "acct_2", 1)}, 401},
		"no auth":             {call{method: "GET", path: "/webhooks/" + account + "/" + key + "/update-respondent?" + ok}, 401},
		"empty parts":         {call{method: "GET", path: "/webhooks/" + account + "/%20/%20/update-respondent?" + ok}, 401},
		"zero byte in path":   {call{method: "GET", path: strings.Replace(good, auth, "%00", 1)}, 401},
		"slash in path":       {call{method: "GET", path: "/webhooks/" + account + "/" + key + "%2F" + auth + "/x/update-respondent?" + ok}, 401},
		"unknown name":        {call{method: "GET", path: at("delete-everything", ok)}, 404},
		"unknown, wrong key":  {call{method: "GET", path: strings.Replace(at("delete-everything", ok), key, "thk_wrong", 1)}, 401},
		"no survey":           {call{method: "GET", path: at("update-respondent", "id_respondent=2")}, 422},
		"repeated":            {call{method: "GET", path: at("update-respondent", ok+"&id_survey=2")}, 422},
		"repeated, in form":   {call{path: at("update-respondent", ok), header: map[string]string{"Content-Type": formType}, body: "id_survey=1"}, 422},
		"zero byte":           {call{method: "GET", path: at("update-respondent", ok+"&l1=%00")}, 400},
		"no UTF-8":            {call{method: "GET", path: at("update-respondent", ok+"&l1=%ff%fe")}, 400},
		"semicolon":           {call{method: "GET", path: at("update-respondent", "id_survey=1;l1=2")}, 400},
		"10,000 parameters":   {call{method: "GET", path: at("update-respondent", ok+strings.Repeat("&x=", 10_000))}, 400},
		"multipart":           {call{path: at("update-respondent", ok), header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, body: "--x--"}, 415},
		"JSON":                {call{path: at("update-respondent", ok), header: map[string]string{"Content-Type": "application/json"}, body: "{}"}, 415},
		"gzip":                {call{path: at("update-respondent", ok), header: map[string]string{"Content-Type": formType, "Content-Encoding": "gzip"}, body: "l1=a"}, 415},
		"2 MB":                {call{path: at("update-respondent", ok), header: map[string]string{"Content-Type": formType}, body: "l1=" + strings.Repeat("a", 2<<20)}, 413},
		"HEAD":                {call{method: "HEAD", path: at("update-respondent", ok)}, 405},
		"OPTIONS":             {call{method: "OPTIONS", path: at("update-respondent", ok)}, 405},
		"DELETE":              {call{method: "DELETE", path: at("update-respondent", ok)}, 405},
		"prefetch":            {call{method: "GET", path: at("update-respondent", ok), header: map[string]string{"Sec-Purpose": "prefetch"}}, 405},
		"prefetch, old":       {call{method: "GET", path: at("update-respondent", ok), header: map[string]string{"X-Moz": "prefetch"}}, 405},
		"preview":             {call{method: "GET", path: at("update-respondent", ok), header: map[string]string{"Purpose": "preview"}}, 405},
	} {
		got := h.send(tt.call)
		var a struct{ Type, Msg string }
		err := json.Unmarshal([]byte(got.Body), &a)
		if got.Status != tt.status || tt.call.method != "HEAD" && (err != nil || a.Type != "error" || a.Msg == "") {
			t.Errorf("%s: answered %d %s, want %d", name, got.Status, got.Body, tt.status)
		}
		isAcceptable(t, name, got, formType)
		for header, want := range urlHeaders(got.Status) {
			if got.Header.Get(header) != want {
				t.Errorf("%s: header %s is %q", name, header, got.Header.Get(header))
			}
		}
	}
	if h.total() != 0 || len(h.changes()) != 0 {
		t.Errorf("%d runs, %d changes", h.total(), len(h.changes()))
	}
	if got := h.send(call{method: "GET", path: at("update-respondent", ok+"&a[]=1&__proto__=2")}); got.Status != 200 && got.Status != 422 {
		t.Errorf("unknown parameters: answered %d %s", got.Status, got.Body)
	}
}

// I8, ATTACKS 32: key and auth are in nothing that is logged or kept, whatever goes wrong, and print as stars.
func TestURLCredentialsAreNowhere(t *testing.T) {
	st := &shaky{Store: memory.New()}
	h := newHouse(t, st, webhook.ReceiverOptions{})
	c, err := h.d.EnableURLWebhooks(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	at := c.Path("/webhooks", "update-respondent")
	answers := ""
	call1 := func(path string) { answers += h.send(call{method: "GET", path: path}).Body }
	call1(at + "?id_survey=1")
	call1(at + "?id_survey=;")
	call1(at + "x?id_survey=1")
	call1(c.Path("/webhooks", "send-invitation") + "?id_survey=1&id_template=1&email=a@example.com")
	h.say(func(string) error { panic("at " + at[:5]) })
	call1(at + "?id_survey=1")
	h.say(func(string) error { return fmt.Errorf("survey 9: %w", automation.ErrRefused) })
	call1(at + "?id_survey=9")
	st.fail(errors.New("down"), nil)
	call1(at + "?id_survey=1")
	st.fail(nil, nil)
	page, err := st.List(t.Context(), runs.Filter{Account: account}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	kept := ""
	for _, r := range page.Runs {
		run, err := st.Get(t.Context(), account, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		kept += fmt.Sprintf("%+v %s", run, run.Message)
	}
	keys, err := h.d.Keys(t.Context(), account, c.Stored.Automation)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c.Key, c.Auth)
	for where, text := range map[string]string{
		"log": h.log.String(), "answers": answers, "runs": kept, "keys": fmt.Sprintf("%+v", keys), "JSON": string(encoded), "print": printed,
	} {
		if text == "" {
			t.Errorf("%s: is empty", where)
		}
		for _, canary := range []string{c.Key.Reveal(), c.Auth.Reveal(), c.Key.Reveal()[4:20], c.Auth.Reveal()[4:20]} {
			if strings.Contains(text, canary) {
				t.Errorf("%s: names the credentials", where)
			}
		}
	}
	if !strings.Contains(printed, "***") || len(page.Runs) < 4 {
		t.Errorf("printed %s, %d runs", printed, len(page.Runs))
	}
}

// I8: a change that the host refuses fails for good, one that it cannot make now is tried again, which may be after a later one;
// both are answered as errors.
func TestChangeThatFailsIsAnsweredAndTriedAgain(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	at := h.urls()
	path := at("update-respondent", "id_survey=9")
	h.say(func(string) error { return fmt.Errorf("survey 9 is not known: %w", automation.ErrRefused) })
	if got := h.send(call{method: "GET", path: path}); got.Status != 422 || got.Body != `{"type":"error","msg":"survey 9 is not known: refused"}` {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
	if r, err := h.st.Get(t.Context(), account, h.changes()[0].Run); err != nil || r.Status != runs.Failed || r.Attempts[0].Class != runs.ClassRefused {
		t.Errorf("run is %+v, %v", r, err)
	}
	h.say(func(string) error { return errors.New("connect 10.0.0.3: refused") })
	got := h.send(call{method: "GET", path: path})
	if got.Status != http.StatusServiceUnavailable || !strings.Contains(got.Body, "tried again") || strings.Contains(got.Body, "10.0.0.3") {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
	older := h.changes()[1]
	if r, err := h.st.Get(t.Context(), account, older.Run); err != nil || r.Status != runs.Scheduled || r.Attempts[0].Class != runs.ClassInviter {
		t.Errorf("run is %+v, %v", r, err)
	}
	h.say(nil)
	if got := h.send(call{method: "GET", path: path}); got.Status != http.StatusOK {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
	if _, err := h.d.Replay(t.Context(), runs.Filter{Account: account, IDs: []string{older.Run}}, webhook.ReplayOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, h.st, older.Run)
	if got := h.changes(); len(got) != 4 || !got[3].CalledAt.Equal(older.CalledAt) || !got[3].CalledAt.Before(got[2].CalledAt) {
		t.Errorf("a change that is tried again after a later one says that it was called at %v, and before at %v: %+v", got[len(got)-1].CalledAt, older.CalledAt, got)
	}
}
