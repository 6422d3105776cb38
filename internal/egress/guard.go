package egress

import (
	"context"
	"net/netip"
	"slices"
	"sync/atomic"
	"syscall"
)

// guard knows which addresses and ports may be reached.
type guard struct {
	networks []netip.Prefix
	ports    []uint16
}

// reaches reports whether a connection to addr may be opened: the longest matching row of reach decides, unless the
// host allows the address's network.
//
// An IPv4 address inside an IPv6 one is judged in its stead where routers or kernels do deliver to it: mapped
// (::ffff:0:0/96) and NAT64 (64:ff9b::/96). All other embedding forms are refused by their row. A NAT64 under a prefix
// of the network's own cannot be told from any other address; such a network has to keep its inside unreachable itself.
func (g guard) reaches(addr netip.Addr) bool {
	if !addr.IsValid() || addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	for _, n := range g.networks {
		if n.Contains(addr) {
			return true
		}
	}
	if nat64.Contains(addr) {
		b := addr.As16()
		addr = netip.AddrFrom4([4]byte(b[12:]))
	}
	return isPublic(addr)
}

func isPublic(addr netip.Addr) bool {
	best := block{}
	for _, b := range reach {
		if b.Contains(addr) && (!best.IsValid() || b.Bits() > best.Bits()) {
			best = b
		}
	}
	return best.open
}

// checkPort refuses the ports that the published rule closes: all below 1024 but 80 and 443, and those of internalPorts.
func (g guard) checkPort(port uint16) error {
	if port == 80 || port == 443 || slices.Contains(g.ports, port) {
		return nil
	}
	if port < 1024 {
		return faultf(ErrPort, "port %d is not open to webhooks; use 443, 80, or one from 1024 up", port)
	}
	for _, p := range internalPorts {
		if p.from <= port && port <= p.to {
			return faultf(ErrPort, "port %d is known for %s and not open to webhooks; use 443", port, p.service)
		}
	}
	return nil
}

// control refuses an address at the last moment before its connection is opened, when it is known for certain: the
// dialler calls it with the resolved address of each socket, before the first packet leaves. It notes in passed
// whether any address was let through.
func (g guard) control(passed *atomic.Bool) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !g.reaches(to.Addr()) {
			return ErrAddress
		}
		if err := g.checkPort(to.Port()); err != nil {
			return err
		}
		passed.Store(true)
		return nil
	}
}
