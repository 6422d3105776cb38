package pushurl_test

import (
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/internal/pushurl"
)

func TestPlainURLsAreRead(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com":                      "https://example.com",
		"https://example.com/hook?a=1&b=%20":       "https://example.com/hook?a=1&b=%20",
		"HTTPS://Example.COM:8443/Hook":            "https://example.com:8443/Hook",
		"http://192.0.2.1:80/":                     "http://192.0.2.1:80/",
		"https://[2001:DB8::1]:443/x":              "https://[2001:db8::1]:443/x",
		"https://xn--bcher-kva.example/":           "https://xn--bcher-kva.example/",
		"https://example.com./x":                   "https://example.com./x",
		"https://hooks.example/[ID_SURVEY]?l=[L1]": "https://hooks.example/[ID_SURVEY]?l=[L1]",
	} {
		u, err := pushurl.Parse(in)
		if err != nil {
			t.Errorf("Parse(%q): %v", in, err)
			continue
		}
		if got := u.String(); got != want {
			t.Errorf("Parse(%q) = %q, want %q", in, got, want)
		}
	}
}

// ATTACKS 4, 5, 7, 8: what parsers read differently, or what no run may be sent to, is refused as text.
func TestDoubtfulURLsAreRefused(t *testing.T) {
	for _, in := range []string{
		"", "example.com", "//example.com/", "/hook", "https:example.com/", "https:///hook", "https://", "https://:443/",
		"ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "unix:///var/run/x", "javascript:alert(1)",
		"https://user:pass@example.com/", "https://user@example.com/", "https://@example.com/", "https://a@b@example.com/",
		"https://example.com/#x", "https://example.com/#", "https://example.com/\r\nX: y", "https://example.com/\t",
		"https://example.com/\x00", "https://example.com\\@evil.example/", " https://example.com/", "https://exa mple.com/",
		"https://example.com:0/", "https://example.com:65536/", "https://example.com:/", "https://example.com:080/",
		"https://example.com:99999999999999999999/", "https://example.com:8a/", "https://example.com:-1/",
		"http://[::1%25lo]/", "http://[fe80::1%25eth0]/", "http://[127.0.0.1]/", "http://[::1/", "http://::1/",
		"http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/", "http://127.0.0.1./",
		"http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://foo.0x7f/", "http://foo.1/",
		"https://exa%6dple.com/", "https://-a.example/", "https://a..example/", "https://.example/", "https://a_b.example/",
		"https://example.com/%zz", "https://" + strings.Repeat("a", 64) + ".example/",
		"https://" + strings.Repeat("a.", 130) + "example/", "https://example.com/" + strings.Repeat("a", 4096),
	} {
		if u, err := pushurl.Parse(in); err == nil {
			t.Errorf("Parse(%q) = %q, want a refusal", in, u)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("https://example.com:8443/hook?x=[L1]")
	f.Add("http://[::1%25lo]/")
	f.Fuzz(func(t *testing.T, in string) {
		u, err := pushurl.Parse(in)
		if err != nil {
			return
		}
		again, err := pushurl.Parse(u.String())
		if err != nil || again.String() != u.String() {
			t.Errorf("Parse(%q) = %q, which reads again as %v, %v", in, u, again, err)
		}
		if u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			t.Errorf("Parse(%q) let %#v through", in, u)
		}
	})
}
