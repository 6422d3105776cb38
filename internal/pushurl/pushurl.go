// Package pushurl decides which URLs a run can be sent to. It judges the text alone: whether the address behind a name
// may be dialled is known, and checked, only when it is dialled. It also decodes what is percent-encoded in any text.
package pushurl

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// MaxLength is the longest push URL in bytes.
const MaxLength = 2048

// Parse reads a push URL: https or http, a host that every URL parser reads alike, an optional port, path and query, and
// nothing else. Scheme and host come back in lower case. The error says what is wrong with "it" and what to do, and
// repeats nothing that may be a password.
//
// It is narrower than RFC 3986 and the WHATWG URL standard on purpose: where parsers differ, a guard that reads a URL
// one way and a sender that reads it another are an opening.
func Parse(text string) (*url.URL, error) {
	if err := checkBytes(text); err != nil {
		return nil, err
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("it cannot be read as a URL: write https://host/path, and check port and percent-encoding")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("it does not begin with https://: write the whole URL with its scheme")
	case u.User != nil:
		return nil, errors.New("it holds a user name or password: send credentials in a header instead")
	case strings.Contains(text, "#"):
		return nil, errors.New("it has a fragment, which is never sent: remove # and what follows")
	case u.Hostname() == "":
		return nil, errors.New("it has no host: write https://host/path")
	}
	u.Host = strings.ToLower(u.Host)
	if err := checkPort(u); err != nil {
		return nil, err
	}
	if err := checkHost(u); err != nil {
		return nil, err
	}
	return u, nil
}

func checkBytes(text string) error {
	switch {
	case text == "":
		return errors.New("it is empty: give the https URL to send to")
	case len(text) > MaxLength:
		return fmt.Errorf("it has %d bytes: use at most %d", len(text), MaxLength)
	}
	for _, r := range text {
		if r <= ' ' || r >= 0x7f || strings.IndexByte("\\\"<>^`{|}", byte(r)) >= 0 {
			return fmt.Errorf("it holds %q: percent-encode it, or write the host in its ASCII (xn--) form", r)
		}
	}
	return nil
}

func checkPort(u *url.URL) error {
	port := u.Port()
	if strings.HasSuffix(u.Host, ":") {
		return errors.New("its port is empty: write a number after the colon, or leave both out")
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0 || port[0] == '0') {
		return fmt.Errorf("its port %q is not one of 1 to 65535: correct it", port)
	}
	return nil
}

func checkHost(u *url.URL) error {
	host := u.Hostname()
	if !strings.HasPrefix(u.Host, "[") {
		return checkName(host)
	}
	if addr, err := netip.ParseAddr(host); err != nil || addr.Zone() != "" || !addr.Is6() {
		return errors.New("its IPv6 address is not plain: write it in brackets and without a zone")
	}
	return nil
}

// checkName accepts a dotted-quad IPv4 address or a DNS name: letters, digits and hyphens (RFC 1123 section 2.1), and
// underscores, which live names hold too. A name may end in the root's dot.
func checkName(host string) error {
	name := strings.TrimSuffix(host, ".")
	if len(name) > 253 {
		return fmt.Errorf("its host has %d characters: a DNS name has at most 253", len(name))
	}
	var last string
	for last = range strings.SplitSeq(name, ".") {
		if !isLabel(last) {
			return fmt.Errorf("its host %q is not a DNS name: use letters, digits and hyphens, parted by dots", host)
		}
	}
	if !endsInNumber(last) {
		return nil
	}
	if addr, err := netip.ParseAddr(host); err != nil || addr.String() != host {
		return fmt.Errorf("its host %q looks like an IP address but is not in its usual form: write four decimal numbers", host)
	}
	return nil
}

// endsInNumber tells whether a host with this last label is read as an IPv4 address by some parsers (WHATWG URL,
// section 3.5, "ends in a number").
func endsInNumber(last string) bool {
	if hex, ok := strings.CutPrefix(last, "0x"); ok && strings.Trim(hex, "0123456789abcdef") == "" {
		return true
	}
	return strings.Trim(last, "0123456789") == ""
}

func isLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	return strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
