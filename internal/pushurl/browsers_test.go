package pushurl_test

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/internal/pushurl"
)

// TestHostIsTheOneBrowsersRead takes every URL of web-platform-tests: where both read it, the host and port are the
// same, and what browsers refuse is refused.
func TestHostIsTheOneBrowsersRead(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(need.Suites(t), "url", "urltestdata.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []json.RawMessage
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	accepted, refused := 0, 0
	for _, raw := range cases {
		var c struct {
			Input, Hostname, Port string
			Failure               bool
		}
		if json.Unmarshal(raw, &c) != nil {
			continue // a comment
		}
		u, err := pushurl.Parse(c.Input)
		switch {
		case err != nil:
			refused++
			continue
		case c.Failure && strings.Contains(u.Hostname(), "xn--"):
			continue // no label is decoded here, so a wrong one leads nowhere else
		case c.Failure:
			t.Errorf("%q is accepted; browsers refuse it", c.Input)
		case canonical(u.Hostname()) != strings.Trim(c.Hostname, "[]") || portOf(u.Scheme, u.Port()) != portOf(u.Scheme, c.Port):
			t.Errorf("%q: host %q, port %q; browsers read %q and %q", c.Input, u.Hostname(), u.Port(), c.Hostname, c.Port)
		}
		accepted++
	}
	if accepted < 50 || refused < 100 {
		t.Errorf("%d URLs were accepted and %d refused; the suite was not read well", accepted, refused)
	}
}

// canonical writes an IPv6 address as browsers do.
func canonical(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && !addr.Is4In6() {
		return addr.String()
	}
	return host
}

// portOf fills in the port of the scheme, which browsers leave out.
func portOf(scheme, port string) string {
	return cmp.Or(port, map[string]string{"http": "80", "https": "443"}[scheme])
}
