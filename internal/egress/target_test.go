package egress

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
)

// TestCheckRefuses goes through the ways to write a URL that leads elsewhere than it seems (ATTACKS 4 to 8 and 11).
func TestCheckRefuses(t *testing.T) {
	c := newClient(t, Options{})
	for class, urls := range map[error][]string{
		ErrURL: {
			"", "/", "//host/", "host", "host:80", "http:", "http:/host/", "http:host/", "http:///host", "http://", "https:///",
			"file:///etc/passwd", "gopher://host/", "unix:/run/x.sock", "ftp://host/", "javascript:alert(1)", "ws://host/",
			"http://user:pass@host/", "http://user@host/", "http://@host/", "http://:@host/",
			"http://host/#frag", "http://host/#", "http://host\\@other/", "http://host/\\x", "http://host/ x", " http://host/",
			"http://ho\tst/", "http://host/\r\nX: y", "http://host/\x00", "http://host/\x7f", "http://host/ä", "http://münchen.example/",
			"http://host:0/", "http://host:65536/", "http://host:-1/", "http://host:+80/", "http://host:8o/", "http://host:/", "http://host:80:80/",
			"http://host/" + strings.Repeat("a", 4096), "http://host/%zz",
			"http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/", "http://0x/",
			"http://0x7f.1/", "http://127.0.0.1./", "http://127.0.0.01/", "http://1.2.3.4.5/", "http://256.0.0.1/", "http://host.0xA/", "http://host.1/",
			"http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://%31%32%37.0.0.1/", "http://１２７.0.0.1/",
			"http://[::1%25lo]/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[127.0.0.1]/", "http://[::1/", "http://::1/",
			"http://[localhost]/", "http://[]/", "http://-host/", "http://host-/", "http://ho..st/", "http://.host/", "http://./", "http://ho st/",
			"http://host,other/", "http://ho*st/", "http://" + strings.Repeat("a", 64) + "/", "http://" + strings.Repeat("a.", 127) + "example/",
		},
		ErrPort: {"http://host:22/", "http://host:25/", "https://host:6379/", "http://host:1/", "http://127.0.0.1:22/"},
		ErrAddress: {
			"http://127.0.0.1/", "http://10.0.0.1:8080/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://0.0.0.0/",
			"http://[fd00:ec2::254]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
			"http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/", "http://[0:0:0:0:0:0:0:1]/", "http://255.255.255.255/",
		},
	} {
		for _, u := range urls {
			if err := c.Check(u); !errors.Is(err, class) {
				t.Errorf("Check(%.60q): got %v; want %v", u, err, class)
			}
		}
	}
}

func TestCheckAccepts(t *testing.T) {
	c := newClient(t, Options{})
	for _, u := range []string{
		"https://example.com", "HTTPS://EXAMPLE.COM/", "http://example.com:8080/a/b?c=d%20e&f=[L1]", "https://example.com./",
		"https://xn--mnchen-3ya.example/", "https://a_b.example/", "https://1.example/", "https://93.184.215.14/x",
		"https://[2606:4700:4700::1111]:8443/", "https://localhost/", "https://0x7f.example/", "https://example.com//a/../b?",
	} {
		if err := c.Check(u); err != nil {
			t.Errorf("Check(%q): got %v; want nil", u, err)
		}
	}
}

func TestErrorRepeatsNoPassword(t *testing.T) {
	c := newClient(t, Options{})
	for _, u := range []string{"http://user:s3cret@host/", "http://user:s3cret", "http://user:s3cret%@host/", "http://user:s3cret @host/"} {
		if err := c.Check(u); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Check(%q): got %v; want an error without the password", u, err)
		}
	}
}

// TestHostIsTheOneBrowsersRead takes every URL of web-platform-tests: where both read it, the host and port are the
// same, and what browsers refuse is refused.
func TestHostIsTheOneBrowsersRead(t *testing.T) {
	data, err := os.ReadFile(suite(t, "url", "urltestdata.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []json.RawMessage
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	everywhere := guard{networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
	accepted, refused := 0, 0
	for _, raw := range cases {
		var c struct {
			Input, Hostname, Port string
			Failure               bool
		}
		if json.Unmarshal(raw, &c) != nil {
			continue // a comment
		}
		u, err := everywhere.target(c.Input)
		switch {
		case err != nil:
			refused++
			continue
		case c.Failure && strings.Contains(strings.ToLower(u.Hostname()), "xn--"):
			continue // no label is decoded here, so a wrong one leads nowhere else
		case c.Failure:
			t.Errorf("%q is accepted; browsers refuse it", c.Input)
		case canonical(u.Hostname()) != strings.Trim(c.Hostname, "[]") || !samePort(u, c.Port):
			t.Errorf("%q: host %q, port %q; browsers read %q and %q", c.Input, u.Hostname(), u.Port(), c.Hostname, c.Port)
		}
		accepted++
	}
	if accepted < 50 || refused < 100 {
		t.Errorf("%d URLs were accepted and %d refused; the suite was not read well", accepted, refused)
	}
}

func canonical(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && !addr.Is4In6() {
		return addr.String()
	}
	return strings.ToLower(host)
}

// samePort compares with a browser's port, which is empty for the scheme's own.
func samePort(u *url.URL, browsers string) bool {
	ours, _ := parsePort(u)
	theirs, _ := parsePort(&url.URL{Scheme: u.Scheme, Host: strings.TrimSuffix("h:"+browsers, ":")})
	return ours == theirs
}

func FuzzTargetIsReadOneWay(f *testing.F) {
	for _, s := range []string{
		"https://example.com:8443/a?b=c", "http://[::ffff:7f00:1]/", "http://0x7f.1/", "http://a@b/", "HTTP://h", "http://h:/", "http://[fe80::1%25lo]/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := guard{}.target(raw)
		if err != nil {
			if !errors.Is(err, ErrURL) && !errors.Is(err, ErrPort) && !errors.Is(err, ErrAddress) {
				t.Fatalf("target(%q): got %v; want ErrURL, ErrPort or ErrAddress", raw, err)
			}
			return
		}
		host := u.Hostname()
		if addr, err := netip.ParseAddr(host); err == nil {
			if !(guard{}).reaches(addr) {
				t.Errorf("target(%q): accepted literal %s", raw, addr)
			}
		} else if strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			t.Errorf("target(%q): accepted host %q", raw, host)
		}
		again, err := url.Parse(u.String())
		if err != nil || again.Host != u.Host || again.User != nil || again.Fragment != "" {
			t.Errorf("target(%q): %q is read as %+v, %v the second time", raw, u, again, err)
		}
	})
}

func ExampleClient_Check() {
	c := New(Options{})
	defer c.Close()
	for _, u := range []string{"https://example.com/hook", "http://169.254.169.254/", "https://example.com:6379/", "ftp://example.com/"} {
		fmt.Println(c.Check(u))
	}
	// Output:
	// <nil>
	// blocked address: host "169.254.169.254" is not on the public Internet; use a host that is
	// blocked port: port 6379 is known for Redis and not open to webhooks; use 443
	// unusable URL: scheme "ftp" is not https or http; write https://host/path
}
