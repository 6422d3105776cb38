package egress

import (
	"crypto/x509"
	"net"
	"net/netip"
	"slices"
)

// Options configures a Client; the zero value is ready for the public Internet.
type Options struct {
	// AllowNetworks are networks that the host may reach although IANA's registries call them not globally reachable,
	// such as 127.0.0.0/8 in a test; write IPv4 networks in dotted form. It is the host's decision and must never come
	// from a customer. An address with a zone is never allowed. default: none
	AllowNetworks []netip.Prefix

	// AllowPorts are ports that may be reached beyond the published rule: 80 and 443, and from 1024 up those on which
	// no well-known internal service listens. default: none
	AllowPorts []uint16

	// Idle is how many idle connections are kept, to one host and in all; fewer than the number of concurrent calls of
	// Post means a new connection for many requests. default: 128
	Idle int

	// RootCAs are the certificate authorities that are trusted, for hosts with a private one. default: the system's
	RootCAs *x509.CertPool

	resolver *net.Resolver // tests answer DNS queries themselves
}

func (o Options) withDefaults() Options {
	if o.Idle <= 0 {
		o.Idle = 128
	}
	o.AllowNetworks = slices.Clone(o.AllowNetworks)
	o.AllowPorts = slices.Clone(o.AllowPorts)
	return o
}
