package webhook_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

// I1, I5: what comes in as JSON, form or query, with the key in any of its places, becomes an invitation.
func TestRequestsInviteWhomTheyName(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		h := newHouse(t, st, webhook.ReceiverOptions{})
		a := inviting()
		a.Trigger.Incoming.QueryKey = true
		a, key := h.open(a)
		for name, c := range map[string]call{
			"json":       jsonCall("/in/"+a.ID, key, `{"email":"ada@example.com"}`),
			"form":       {path: "/in/" + a.ID, header: map[string]string{"Authorization": "bearer " + key, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}, body: "email=ada%40example.com"},
			"query":      {method: "GET", path: "/in/" + a.ID + "?email=ada%40example.com", header: map[string]string{"X-API-Key": key}},
			"query post": {path: "/in/" + a.ID + "?email=ada%40example.com", header: map[string]string{"X-API-Key": key}},
			"query key":  {method: "GET", path: "/in/" + a.ID + "?email=ada%40example.com&api_key=" + key},
			"vendor":     {path: "/in/" + a.ID, header: map[string]string{"X-API-Key": key, "Content-Type": "application/vnd.crm+json"}, body: `{"email":"ada@example.com"}`},
		} {
			got := h.send(c)
			ids := got.runs(t)
			if len(ids) != 1 {
				t.Fatalf("%s: %d runs", name, len(ids))
			}
			r := awaitEnd(t, st, ids[0])
			if r.Status != runs.Succeeded || r.Respondent.Email != "ada@example.com" || r.Automation != a.ID {
				t.Errorf("%s: run is %+v", name, r)
			}
			for header, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "application/json"} {
				if got.Header.Get(header) != want {
					t.Errorf("%s: header %s is %q, want %q", name, header, got.Header.Get(header), want)
				}
			}
		}
		for _, i := range h.invitations() {
			if i.Recipient != "ada@example.com" || i.Survey != "sur_1" || i.Account != account || !strings.HasPrefix(i.Run, "run_") {
				t.Errorf("invited %+v", i)
			}
		}
		if n := len(h.invitations()); n != 6 {
			t.Errorf("%d invitations, want 6", n)
		}
	})
}

const canary = "canary@example.com"

// badRequest is one that cannot be taken, and its answer.
type badRequest struct {
	call   call
	status int
	says   string
}

func badRequests(path, key string) map[string]badRequest {
	with := func(header ...string) map[string]string {
		all := map[string]string{"X-Api-Key": key}
		for i := 0; i < len(header); i += 2 {
			all[header[i]] = header[i+1]
		}
		return all
	}
	return map[string]badRequest{
		"no content type":     {call{path: path, header: with(), body: `{"email":"` + canary + `"}`}, 415, "Content-Type"},
		"empty content type":  {call{path: path, header: with("Content-Type", ""), body: `{}`}, 415, "malformed"},
		"broken content type": {call{path: path, header: with("Content-Type", "application/json; charset"), body: `{}`}, 415, "malformed"},
		"multipart":           {call{path: path, header: with("Content-Type", "multipart/form-data; boundary=x"), body: "--x--"}, 415, "not taken"},
		"plain text":          {call{path: path, header: with("Content-Type", "text/plain"), body: `{"email":"` + canary + `"}`}, 415, "not taken"},
		"xml":                 {call{path: path, header: with("Content-Type", "application/xml"), body: `<a/>`}, 415, "not taken"},
		"charset":             {call{path: path, header: with("Content-Type", "application/json; charset=utf-16"), body: `{}`}, 415, "charset"},
		"latin form":          {call{path: path, header: with("Content-Type", formType+"; charset=iso-8859-1"), body: `email=x`}, 415, "charset"},
		"gzip":                {call{path: path, header: with("Content-Type", "application/json", "Content-Encoding", "gzip"), body: "\x1f\x8b"}, 415, "compressed"},
		"empty":               {jsonCall(path, key, ""), 400, "empty"},
		"no JSON":             {jsonCall(path, key, `{"email":"`+canary), 400, "is not JSON"},
		"two texts":           {jsonCall(path, key, `{} {}`), 400, "is not JSON"},
		"byte order mark":     {jsonCall(path, key, "\xef\xbb\xbf{}"), 400, "byte order mark"},
		"UTF-16":              {jsonCall(path, key, "{\x00}\x00"), 400, "UTF-16"},
		"UTF-16 with mark":    {jsonCall(path, key, "\xff\xfe{\x00}\x00"), 400, "UTF-16"},
		"UTF-16, big":         {jsonCall(path, key, "\x00{\x00}"), 400, "UTF-16"},
		"Latin-1":             {jsonCall(path, key, "{\"email\":\"caf\xe9\"}"), 400, "UTF-8"},
		"20 MB":               {jsonCall(path, key, strings.Repeat(" ", 20<<20)), 413, "1048576 bytes"},
		"deep":                {jsonCall(path, key, strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)), 400, "deeper than 100"},
		"key twice":           {jsonCall(path, key, `{"email":"`+canary+`","email":"b@example.com"}`), 422, `"/email"`},
		"half a pair":         {jsonCall(path, key, `{"email":"\ud83d"}`), 422, `"/email"`},
		"missing field":       {jsonCall(path, key, `{}`), 422, `"/email"`},
		"no object":           {jsonCall(path, key, `[]`), 422, `"pointer":""`},
		"semicolon":           {call{path: path, header: with("Content-Type", formType), body: "email=a;name=b"}, 400, "malformed"},
		"bad escape":          {call{path: path, header: with("Content-Type", formType), body: "email=%zz"}, 400, "malformed"},
		"zero byte":           {call{path: path, header: with("Content-Type", formType), body: "email=%00"}, 400, "zero byte"},
		"form not UTF-8":      {call{path: path, header: with("Content-Type", formType), body: "email=%ff"}, 400, "UTF-8"},
		"10,000 parameters":   {call{path: path, header: with("Content-Type", formType), body: strings.Repeat("a=1&", 10_000)}, 400, "more than 1000"},
		"HEAD":                {call{method: "HEAD", path: path + "?email=a@example.com", header: with()}, 405, ""},
		"PUT":                 {call{method: "PUT", path: path, header: with("Content-Type", "application/json"), body: `{}`}, 405, "POST"},
		"OPTIONS":             {call{method: "OPTIONS", path: path, header: with()}, 405, "POST"},
		"prefetch":            {call{method: "GET", path: path + "?email=a@example.com", header: with("Sec-Purpose", "prefetch;prerender")}, 405, "prefetch"},
		"two ids":             {call{path: path, header: with("Content-Type", "application/json", "Idempotency-Key", "a b"), body: `{"email":"a@example.com"}`}, 400, "Idempotency-Key"},
		"long id":             {call{path: path, header: with("Content-Type", "application/json", "Idempotency-Key", strings.Repeat("a", 256)), body: `{"email":"a@example.com"}`}, 400, "Idempotency-Key"},
	}
}

// I9, ATTACKS 42: whatever cannot be taken has its own clear answer, creates nothing and repeats nothing.
func TestBadRequestsAreAnsweredClearly(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a, key := h.open(inviting())
	for name, tt := range badRequests("/in/"+a.ID, key) {
		got := h.send(tt.call)
		if got.Status != tt.status || !strings.Contains(got.Body, tt.says) {
			t.Errorf("%s: answered %d %s, want %d and %q", name, got.Status, got.Body, tt.status, tt.says)
		}
		if got.Header.Get("Content-Type") != "application/problem+json" || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers are %v", name, got.Header)
		}
		if strings.Contains(got.Body, "canary") {
			t.Errorf("%s: the answer repeats the request: %s", name, got.Body)
		}
		if got.Status == 405 && got.Header.Get("Allow") != "GET, POST" {
			t.Errorf("%s: Allow is %q", name, got.Header.Get("Allow"))
		}
		isAcceptable(t, name, got, "application/json, "+formType)
		var problem struct {
			Title  string
			Status int
			Detail string
		}
		if err := json.Unmarshal([]byte(got.Body), &problem); tt.call.method != "HEAD" && (err != nil || problem.Status != got.Status || problem.Title == "" || problem.Detail == "") {
			t.Errorf("%s: is no problem: %s, %v", name, got.Body, err)
		}
	}
	if h.total() != 0 || strings.Contains(h.log.String(), "canary") || strings.Contains(h.log.String(), key) {
		t.Errorf("%d runs were made, or the log repeats a request:\n%s", h.total(), h.log)
	}
}

// isAcceptable reports a 415 that does not say what would be taken instead: another coding where the body is compressed (RFC 9110,
// section 12.5.3), else another type, and no coding then (RFC 7694, section 3).
func isAcceptable(t *testing.T, name string, got reply, types string) {
	t.Helper()
	want := [2]string{}
	switch {
	case got.Status == http.StatusUnsupportedMediaType && strings.Contains(name, "gzip"):
		want[1] = "identity"
	case got.Status == http.StatusUnsupportedMediaType:
		want[0] = types
	}
	if is := [2]string{got.Header.Get("Accept"), got.Header.Get("Accept-Encoding")}; is != want {
		t.Errorf("%s: Accept and Accept-Encoding are %q, want %q", name, is, want)
	}
}

// I5, O5: a disabled automation takes nothing from those who may send, and is no different from others to the rest.
func TestDisabledAutomationRefusesThoseWithAKey(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a := inviting()
	a.Disabled = &automation.Disabled{}
	a, key := h.open(a)
	body := `{"email":"ada@example.com"}`
	if got := h.send(jsonCall("/in/"+a.ID, key, body)); got.Status != http.StatusConflict || h.total() != 0 {
		t.Errorf("answered %d %s, %d runs", got.Status, got.Body, h.total())
	}
	if got := h.send(jsonCall("/in/"+a.ID, "thk_wrong", body)); got.Status != http.StatusUnauthorized {
		t.Errorf("with a wrong key answered %d %s", got.Status, got.Body)
	}
	a.RecordDisabled = true
	a = save(t, h.d, a)
	id := h.send(jsonCall("/in/"+a.ID, key, body)).runs(t)[0]
	if len(h.invitations()) != 0 {
		t.Error("a disabled automation invited")
	}
	a.Disabled = nil
	save(t, h.d, a)
	if r := awaitEnd(t, h.st, id); r.Status != runs.Succeeded || len(h.invitations()) != 1 {
		t.Errorf("run is %s, %d invitations", r.Status, len(h.invitations()))
	}
}

// I6: a test request tells what each field became, is remembered with its key, and invites nobody.
func TestTestRequestIsAnsweredAndRemembered(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		h := newHouse(t, st, webhook.ReceiverOptions{})
		a := inviting()
		a.Disabled = &automation.Disabled{}
		a, key := h.open(a)
		for body, want := range map[string]struct {
			status int
			passes bool
			says   string
		}{
			`{"email":"ada@example.com","score":9007199254740993}`: {200, true, `"value":9007199254740993`},
			`{"name":"Ada"}`: {422, false, `"pointer":"/email"`},
			`{`:              {400, false, `is not JSON`},
		} {
			got := h.send(jsonCall("/in/"+a.ID+"/test", key, body))
			var answer webhook.Tested
			if err := json.Unmarshal([]byte(got.Body), &answer); err != nil || got.Status != want.status || answer.Passes != want.passes || !strings.Contains(got.Body, want.says) {
				t.Errorf("%s: answered %d %s: %v", body, got.Status, got.Body, err)
			}
			keys, err := h.d.Keys(t.Context(), account, a.ID)
			if err != nil || len(keys) != 1 {
				t.Fatalf("%d keys, %v", len(keys), err)
			}
			if keys[0].TestedAt.IsZero() || cmp.Diff(got.Body, string(keys[0].Test)) != "" {
				t.Errorf("%s: remembered at %v %s, answered %s", body, keys[0].TestedAt, keys[0].Test, got.Body)
			}
		}
		if h.total() != 0 || len(h.invitations()) != 0 {
			t.Errorf("%d runs, %d invitations", h.total(), len(h.invitations()))
		}
	})
}

// ATTACKS 42: an unusual, correct query or form is read as the URL standard says.
func TestParametersKeepTheirText(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a, key := h.open(inviting())
	text := "Zażółć & 100% + ; = \u2028 👩‍👩‍👧"
	form := url.Values{"email": {"ada@example.com"}, "name": {text}}.Encode()
	id := h.send(call{path: "/in/" + a.ID, header: map[string]string{"X-Api-Key": key, "Content-Type": "application/x-www-form-urlencoded"}, body: form}).runs(t)[0]
	awaitEnd(t, h.st, id)
	if got := h.invitations()[0].FirstName; got != text {
		t.Errorf("the name is %q, want %q", got, text)
	}
}
