package egress

import "net/netip"

// nat64 embeds an IPv4 address in its last 32 bits (RFC 6052 section 2.1); the embedded one decides.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// block is one row of the address table.
type block struct {
	netip.Prefix
	open bool
}

func open(network string) block   { return block{netip.MustParsePrefix(network), true} }
func closed(network string) block { return block{netip.MustParsePrefix(network), false} }

// reach says for every address whether the public Internet can reach it; the longest matching row decides. It follows
// IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190): what they call globally reachable is
// open, what they call otherwise, not applicable or deprecated is closed. A row that only repeats the verdict of the
// row around it is left out.
var reach = [...]block{
	open("0.0.0.0/0"),
	closed("0.0.0.0/8"),        // this network, RFC 791 section 3.2
	closed("10.0.0.0/8"),       // private use, RFC 1918
	closed("100.64.0.0/10"),    // shared by carriers, RFC 6598; 100.100.100.200 is Alibaba Cloud's metadata
	closed("127.0.0.0/8"),      // loopback, RFC 1122 section 3.2.1.3
	closed("168.63.129.16/32"), // Azure's platform agent and metadata, a public address that never leaves the host's network
	closed("169.254.0.0/16"),   // link local, RFC 3927; 169.254.169.254 is the metadata of most clouds
	closed("172.16.0.0/12"),    // private use, RFC 1918
	closed("192.0.0.0/24"),     // IETF protocol assignments, RFC 6890 section 2.1; 192.0.0.192 is Oracle Cloud's metadata
	open("192.0.0.9/32"),       // Port Control Protocol anycast, RFC 7723
	open("192.0.0.10/32"),      // TURN anycast, RFC 8155
	closed("192.0.2.0/24"),     // documentation, RFC 5737
	closed("192.88.99.0/24"),   // 6to4 relay anycast, deprecated by RFC 7526; 6a44 relay, RFC 6751
	closed("192.168.0.0/16"),   // private use, RFC 1918
	closed("198.18.0.0/15"),    // benchmarking, RFC 2544
	closed("198.51.100.0/24"),  // documentation, RFC 5737
	closed("203.0.113.0/24"),   // documentation, RFC 5737
	closed("224.0.0.0/4"),      // multicast, RFC 5771
	closed("240.0.0.0/4"),      // reserved, RFC 1112 section 4; limited broadcast, RFC 8190

	// Closed by the first row: unspecified, loopback, link local, site local and multicast (RFC 4291), unique local
	// (RFC 4193; fd00:ec2::254 and fd20:ce::254 are metadata of AWS and Google), IPv4-compatible (RFC 4291),
	// IPv4-translated ::ffff:0:0:0/96 (RFC 2765), local NAT64 64:ff9b:1::/48 (RFC 8215), discard-only (RFC 6666),
	// dummy (RFC 9780) and segment routing (RFC 9602).
	closed("::/0"),
	open("2000::/3"),        // global unicast, RFC 4291 section 2.4
	closed("2001::/23"),     // IETF protocol assignments, RFC 2928; Teredo (RFC 4380), benchmarking (RFC 5180), ORCHID (RFC 4843)
	open("2001:1::1/128"),   // Port Control Protocol anycast, RFC 7723
	open("2001:1::2/128"),   // TURN anycast, RFC 8155
	open("2001:1::3/128"),   // DNS-SD service registration anycast, RFC 9665
	open("2001:3::/32"),     // AMT, RFC 7450
	open("2001:4:112::/48"), // AS112, RFC 7535
	open("2001:20::/28"),    // ORCHIDv2, RFC 7343
	open("2001:30::/28"),    // drone remote ID, RFC 9374
	closed("2001:db8::/32"), // documentation, RFC 3849
	closed("2002::/16"),     // 6to4, which embeds an IPv4 address, RFC 3056
	closed("3fff::/20"),     // documentation, RFC 9637
}
