package egress

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const maxURL = 4 << 10 // bytes; a URL is shorter

// target reads a push URL and refuses what can be known to be wrong before its name is resolved.
func (g guard) target(raw string) (*url.URL, error) {
	if err := checkText(raw); err != nil {
		return nil, err
	}
	u, err := url.Parse(raw)
	if err != nil {
		// The parser's words may repeat a password, so they are not passed on.
		return nil, faultf(ErrURL, "the URL is malformed; write https://host/path")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, faultf(ErrURL, "scheme %q is not https or http; write https://host/path", u.Scheme)
	case u.Opaque != "" || u.Host == "":
		return nil, faultf(ErrURL, "the URL has no host; write https://host/path")
	case u.User != nil:
		return nil, faultf(ErrURL, "the URL holds a user name or password; send credentials in a header")
	}
	addr, err := parseHost(u)
	if err != nil {
		return nil, err
	}
	port, err := parsePort(u)
	if err != nil {
		return nil, err
	}
	if err := g.checkPort(port); err != nil {
		return nil, err
	}
	if addr.IsValid() && !g.reaches(addr) {
		return nil, blocked(u.Hostname())
	}
	return u, nil
}

// checkText refuses bytes that parsers disagree about: what net/url repairs or skips, another reader takes for the end
// of the host.
func checkText(raw string) error {
	if len(raw) >= maxURL {
		return faultf(ErrURL, "the URL has %d bytes; use fewer than %d", len(raw), maxURL)
	}
	for _, r := range raw {
		switch {
		case r == '#':
			return faultf(ErrURL, "the URL has a fragment, which is never sent; remove it from the # on")
		case r <= ' ' || r >= 0x7f || r == '\\':
			return faultf(ErrURL, "the URL holds %q; percent-encode it, or write the host in its xn-- form", r)
		}
	}
	return nil
}

// parseHost returns the address if the host is a literal one, the zero Addr if it is a DNS name, and ErrURL for all
// that a resolver may take for an address although it is not written as one (127.1, 0x7f000001, 0177.0.0.1).
func parseHost(u *url.URL) (netip.Addr, error) {
	host := u.Hostname()
	addr, err := netip.ParseAddr(host)
	switch bracketed := strings.HasPrefix(u.Host, "["); {
	case err == nil && addr.Zone() != "":
		return netip.Addr{}, faultf(ErrURL, "host %q has a zone, which means nothing to others; remove it", host)
	case err == nil && addr.Is4() != bracketed:
		return addr, nil
	case bracketed || !isName(host):
		return netip.Addr{}, faultf(ErrURL, "host %q is neither a DNS name nor an IP address; check its spelling", host)
	}
	return netip.Addr{}, nil
}

func parsePort(u *url.URL) (uint16, error) {
	switch {
	case strings.HasSuffix(u.Host, ":"):
		return 0, faultf(ErrURL, "the URL has a colon but no port after its host; remove the colon")
	case u.Port() != "":
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return 0, faultf(ErrURL, "port %q is not one of 1 to 65535", u.Port())
		}
		return uint16(port), nil
	case u.Scheme == "http":
		return 80, nil
	}
	return 443, nil
}

// isName reports whether host is a DNS name of letters, digits and hyphens (RFC 1123 section 2.1), or underscores,
// which live names hold too, and whose last label cannot be read as a number.
func isName(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if len(host) > 253 {
		return false
	}
	var last string
	for last = range strings.SplitSeq(host, ".") {
		if !isLabel(last) {
			return false
		}
	}
	return !isNumber(last)
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_':
		default:
			return false
		}
	}
	return true
}

// isNumber follows the "ends in a number" rule of the WHATWG URL standard, section 3.5.
func isNumber(label string) bool {
	digits := "0123456789"
	if rest, ok := strings.CutPrefix(strings.ToLower(label), "0x"); ok {
		label, digits = strings.ToLower(rest), "0123456789abcdef"
	}
	return strings.Trim(label, digits) == ""
}
