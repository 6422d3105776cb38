package pushurl_test

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/internal/pushurl"
)

func TestPlainURLsAreRead(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com":                          "https://example.com",
		"https://example.com?":                         "https://example.com?",
		"https://example.com/hook?a=1&b=%20":           "https://example.com/hook?a=1&b=%20",
		"https://example.com//a/../b%2Fc?":             "https://example.com//a/../b%2Fc?",
		"HTTPS://Example.COM:8443/Hook":                "https://example.com:8443/Hook",
		"http://192.0.2.1:80/":                         "http://192.0.2.1:80/",
		"https://[2001:DB8::1]:443/x":                  "https://[2001:db8::1]:443/x",
		"https://[::ffff:192.0.2.1]/":                  "https://[::ffff:192.0.2.1]/",
		"https://xn--bcher-kva.example/":               "https://xn--bcher-kva.example/",
		"https://a_b.example/":                         "https://a_b.example/",
		"https://_hooks.example/":                      "https://_hooks.example/",
		"https://1.example/":                           "https://1.example/",
		"https://0x7f.example/":                        "https://0x7f.example/",
		"https://localhost/":                           "https://localhost/",
		"https://example.com./x":                       "https://example.com./x",
		"https://hooks.example/[ID_SURVEY]?l=[L1]":     "https://hooks.example/[ID_SURVEY]?l=[L1]",
		"https://" + strings.Repeat("a.", 126) + "b./": "https://" + strings.Repeat("a.", 126) + "b./",
		"https://h/" + strings.Repeat("a", pushurl.MaxLength-len("https://h/")): "https://h/" + strings.Repeat("a", pushurl.MaxLength-len("https://h/")),
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
	for complaint, urls := range map[string][]string{
		"is empty": {""},
		"does not begin with https://": {
			"/", "/hook", "//example.com/", "example.com", "h:80", "localhost:8080/", "unix:/run/x.sock", "unix:///run/x",
			"file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "ws://example.com/", "javascript:alert(1)",
		},
		"has no host": {
			"http:", "http:/h/", "http:h/", "https:example.com/", "http://", "https:///", "https:///hook", "https://:443/",
		},
		"user name or password": {
			"https://user:pass@example.com/", "https://user@example.com/", "https://@example.com/", "https://:@example.com/",
			"https://a@b@example.com/",
		},
		"has a fragment": {"https://example.com/#x", "https://example.com/#", "https://example.com#@h/"},
		"it holds": {
			"https://example.com/\r\nX: y", "https://example.com/\t", "https://exa\tmple.com/", "https://example.com/\x00", "https://example.com/\x7f",
			"https://example.com\\@evil.example/", "https://example.com/\\x", "https://example.com/\xff", "https://example.com/é",
			" https://example.com/", "https://exa mple.com/", "https://example.com/ x", "https://example.com/<x>", "https://example.com/{x}",
			"https://bücher.example/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://１２７.0.0.1/",
		},
		"its port": {
			"https://example.com:0/", "https://example.com:65536/", "https://example.com:/", "https://example.com:080/",
			"https://example.com:99999999999999999999/",
		},
		"IPv6 address is not plain": {"http://[::1%25lo]/", "http://[fe80::1%25eth0]/"},
		"looks like an IP address": {
			"http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0X7F000001/", "http://0177.0.0.1/", "http://0/",
			"http://0x/", "http://0x7f.1/", "http://127.0.0.1./", "http://127.0.0.01/", "http://1.2.3.4.5/", "http://256.1.1.1/",
			"http://foo.0x7f/", "http://foo.0xA/", "http://foo.1/", "http://foo.1./",
		},
		"not a DNS name": {
			"https://-a.example/", "https://a-/", "https://a..example/", "https://.example/", "https://./", "https://example.com../",
			"https://a,b/", "https://a*b/", "https://a;b/", "https://" + strings.Repeat("a", 64) + ".example/",
		},
		"has 254 characters": {"https://" + strings.Repeat("a.", 126) + "bc/"},
		"has 2049 bytes":     {"https://h/" + strings.Repeat("a", pushurl.MaxLength+1-len("https://h/"))},
		"cannot be read": {
			"127.0.0.1:80", "https://example.com:8a/", "https://example.com:-1/", "https://example.com:+80/", "https://example.com:80:80/",
			"http://[::1/", "http://::1/", "http://[fe80::1%eth0]/", "http://[::1]a/", "https://exa%6dple.com/", "http://%31%32%37.0.0.1/",
			"https://example.com/%zz",
		},
		"": {"http://[]/", "http://[127.0.0.1]/", "http://[localhost]/"}, // whose complaint it is depends on the version of Go
	} {
		for _, in := range urls {
			if u, err := pushurl.Parse(in); err == nil || !strings.Contains(err.Error(), complaint) {
				t.Errorf("Parse(%.60q) = %v, %v; want a refusal that says %q", in, u, err, complaint)
			}
		}
	}
}

func TestRefusalRepeatsNoPassword(t *testing.T) {
	for _, in := range []string{
		"http://user:s3cret@host/", "http://user:s3cret", "http://user:s3cret%@host/", "http://user:s3cret @host/", "http://user:s3cret@host:0/",
	} {
		if _, err := pushurl.Parse(in); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Parse(%q): got %v; want an error without the password", in, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, in := range []string{
		"https://example.com:8443/hook?x=[L1]", "http://[::1%25lo]/", "http://[::ffff:7f00:1]/", "http://0x7f.1/", "http://a@b/", "HTTP://h", "http://h:/",
	} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		u, err := pushurl.Parse(in)
		if err != nil {
			return
		}
		again, err := url.Parse(u.String())
		if err != nil || again.Host != u.Host || again.User != nil || again.Fragment != "" {
			t.Errorf("Parse(%q): net/url reads %q as %+v, %v", in, u, again, err)
		}
		if again, err := pushurl.Parse(u.String()); err != nil || again.String() != u.String() {
			t.Errorf("Parse(%q) = %q, which reads again as %v, %v", in, u, again, err)
		}
		host := u.Hostname()
		if _, err := netip.ParseAddr(host); err != nil && strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" || host == "" {
			t.Errorf("Parse(%q) let host %q through", in, host)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pushurl.Parse("https://hooks.example.com:8443/v1/inbox/4f2a91?source=tenterhook"); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleParse() {
	for _, text := range []string{"HTTPS://Hooks.Example/in?id=[ID_SURVEY]", "https://me:secret@hooks.example/", "http://0x7f.1/"} {
		fmt.Println(pushurl.Parse(text))
	}
	// Output:
	// https://hooks.example/in?id=[ID_SURVEY] <nil>
	// <nil> it holds a user name or password: send credentials in a header instead
	// <nil> its host "0x7f.1" looks like an IP address but is not in its usual form: write four decimal numbers
}
