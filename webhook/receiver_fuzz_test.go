package webhook

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tenterhook/tenterhook/events"
)

// FuzzContent: whatever the body and its type, it is refused with a status of its own, or it is what every reader reads alike.
func FuzzContent(f *testing.F) {
	for _, contentType := range []string{jsonContent, formContent, "application/json; charset=utf-8", "multipart/form-data; boundary=x", "", ";"} {
		for _, body := range []string{`{"email":"ada@example.com"}`, `{"a":1,"a":2}`, "a=1&b=%zz", "\xef\xbb\xbf{}", "{\x00}\x00", "a=%00", ""} {
			f.Add(contentType, "", []byte(body))
		}
	}
	f.Add(jsonContent, "gzip", []byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, contentType, coding string, body []byte) {
		h := http.Header{"Content-Type": {contentType}}
		if coding != "" {
			h.Set("Content-Encoding", coding)
		}
		r, err := content(h, body)
		if err != nil {
			e, ok := errors.AsType[*refusal](err)
			if !ok || e.Status < 400 || e.Status > 499 || e.Detail == "" {
				t.Errorf("%q: refused with %v", body, err)
			}
			w := httptest.NewRecorder()
			e.write(w)
			return
		}
		if r.JSON != nil && events.CheckJSON(r.JSON) != nil {
			t.Errorf("%q is taken as JSON", r.JSON)
		}
		for name, list := range r.Values {
			for _, text := range append(list, name) {
				if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
					t.Errorf("%q is taken as a parameter", text)
				}
			}
		}
	})
}

// FuzzReceiverPath: no path reaches an automation that is not named by its last element, or beside "test".
func FuzzReceiverPath(f *testing.F) {
	for _, path := range []string{"/in/aut_1", "/in/aut_1/test", "/test", "/in/test/test", "", "/", "/in/aut_1/", "//test/"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		to := addresseeOf(path)
		want := "/" + to.id
		if to.test {
			want += "/test"
		}
		if len(to.id) > maxID || strings.Contains(to.id, "/") || to.id != "" && !strings.HasSuffix("/"+path, want) {
			t.Errorf("%q is for %+v", path, to)
		}
	})
}

// FuzzURLPath: what is read of the path of a URL webhook is what was escaped into it.
func FuzzURLPath(f *testing.F) {
	for _, path := range []string{"/webhooks/a/k/h/update-respondent", "/a/b/c", "/%2F/%00/%ff/x", "/a/b/c/%", "////", "a/b/c/d"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, ok := parseURLPath(path)
		if !ok {
			return
		}
		again := "/x/" + url.PathEscape(got.account) + "/" + url.PathEscape(got.key) + "/" + url.PathEscape(got.auth) + "/" + url.PathEscape(got.name)
		if back, ok := parseURLPath(again); !ok || back != got {
			t.Errorf("%q is %+v, and escaped again %+v", path, got, back)
		}
	})
}

// FuzzCredentials: no header or query makes the reading of credentials fail other than by a refusal, and none shows a key that
// the request does not have.
func FuzzCredentials(f *testing.F) {
	f.Add("thk_1", "", "")
	f.Add("", "Bearer thk_1", "a=b")
	f.Add("", "", "api_key=thk_1&api_key=;")
	f.Add("", "bearer", "api%5fkey=%zz")
	f.Fuzz(func(t *testing.T, key, authorization, query string) {
		r := &http.Request{Header: http.Header{"X-Api-Key": {key}, "Authorization": {authorization}}, URL: &url.URL{RawQuery: query}}
		c, err := credentials(r)
		if _, refused := errors.AsType[*refusal](err); err != nil && !refused {
			t.Errorf("failed: %v", err)
		}
		unescaped, _ := url.QueryUnescape(query)
		if err == nil && c.key != "" && !bytes.Contains([]byte(key+authorization+unescaped), []byte(c.key)) && !strings.Contains(query, "%") {
			t.Errorf("shows %q", c.key)
		}
	})
}
