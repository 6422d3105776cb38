package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
)

// TestCheckRefuses: which texts are no push URL is tested where they are judged, in internal/pushurl; here are ports and
// literal addresses (ATTACKS 6 and 11).
func TestCheckRefuses(t *testing.T) {
	c := newClient(t, Options{})
	for class, urls := range map[error][]string{
		ErrURL:  {"", "ftp://host/", "http://user:pass@host/", "http://127.1/", "http://[fe80::1%25eth0]/", "http://host:0/"},
		ErrPort: {"http://host:22/", "http://host:25/", "https://host:6379/", "http://host:1/", "http://127.0.0.1:22/"},
		ErrAddress: {
			"http://127.0.0.1/", "http://10.0.0.1:8080/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://0.0.0.0/",
			"http://[fd00:ec2::254]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
			"http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/", "http://[0:0:0:0:0:0:0:1]/", "http://255.255.255.255/",
		},
	} {
		for _, u := range urls {
			if err := c.Check(u); !errors.Is(err, class) {
				t.Errorf("Check(%q): got %v; want %v", u, err, class)
			}
		}
	}
}

func TestCheckAccepts(t *testing.T) {
	c := newClient(t, Options{})
	for _, u := range []string{
		"https://example.com", "http://example.com:8080/a?b", "https://93.184.215.14/x", "https://[2606:4700:4700::1111]:8443/",
		"https://localhost/", // a name is judged by what it resolves to
	} {
		if err := c.Check(u); err != nil {
			t.Errorf("Check(%q): got %v; want nil", u, err)
		}
	}
}

func FuzzTargetIsNoBlockedLiteral(f *testing.F) {
	for _, s := range []string{"https://example.com:8443/a?b=c", "http://[::ffff:7f00:1]/", "http://127.0.0.1:80/", "http://[64:ff9b::7f00:1]:6379/"} {
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
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !(guard{}).reaches(addr) {
			t.Errorf("target(%q): accepted literal %s", raw, addr)
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
	// unusable URL: it does not begin with https://: write the whole URL with its scheme
}
