package egress

import (
	"net/netip"
	"net/url"
	"strconv"

	"github.com/tenterhook/tenterhook/internal/pushurl"
)

// target reads a push URL and refuses what can be known to be wrong before its name is resolved.
func (g guard) target(raw string) (*url.URL, error) {
	u, err := pushurl.Parse(raw)
	if err != nil {
		return nil, faultf(ErrURL, "%v", err)
	}
	if err := g.checkPort(portOf(u)); err != nil {
		return nil, err
	}
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil && !g.reaches(addr) {
		return nil, blocked(host)
	}
	return u, nil
}

func portOf(u *url.URL) uint16 {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case err == nil:
		return uint16(port)
	case u.Scheme == "http":
		return 80
	}
	return 443
}
