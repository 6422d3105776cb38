package egress

import (
	"encoding/csv"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/internal/need"
)

// row is one address block of a special-purpose registry.
type row struct {
	netip.Prefix
	name      string
	reachable bool
}

func registry(t *testing.T, file string) []row {
	t.Helper()
	f, err := os.Open(filepath.Join(need.Suites(t), "iana", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, r := range records[1:] {
		for block := range strings.SplitSeq(r[0], ",") {
			prefix := netip.MustParsePrefix(strings.Fields(block)[0])
			rows = append(rows, row{prefix, r[1], r[8] == "True"})
		}
	}
	return rows
}

// TestGuardAgreesWithIANARegistries asks for the first, middle and last address of every row, wherever no narrower row
// of the registry has the say.
func TestGuardAgreesWithIANARegistries(t *testing.T) {
	embedding := map[string]bool{"::ffff:0.0.0.0/96": true, "64:ff9b::/96": true} // see FuzzEmbeddedIPv4IsJudgedInstead
	for file, least := range map[string]int{"iana-ipv4-special-registry.csv": 26, "iana-ipv6-special-registry.csv": 25} {
		rows := registry(t, file)
		if len(rows) < least {
			t.Errorf("%s has %d rows; want at least %d", file, len(rows), least)
		}
		for _, r := range rows {
			if embedding[r.Prefix.String()] {
				continue
			}
			asked := 0
			for _, addr := range []netip.Addr{r.Addr(), middle(r.Prefix), last(r.Prefix)} {
				if narrowest(rows, addr) != r.Prefix {
					continue
				}
				asked++
				if got := (guard{}).reaches(addr); got != r.reachable {
					t.Errorf("%s (%s, %s): reaches is %v; the registry says %v", addr, r.Prefix, r.name, got, r.reachable)
				}
			}
			if asked == 0 {
				t.Errorf("%s (%s): no address was asked for", r.Prefix, r.name)
			}
		}
	}
}

func narrowest(rows []row, addr netip.Addr) (found netip.Prefix) {
	for _, r := range rows {
		if r.Contains(addr) && (!found.IsValid() || r.Bits() > found.Bits()) {
			found = r.Prefix
		}
	}
	return found
}

// middle sets the first bit of p's host part, last sets all of them.
func middle(p netip.Prefix) netip.Addr { return fill(p, p.Bits()+1) }
func last(p netip.Prefix) netip.Addr   { return fill(p, p.Addr().BitLen()) }

func fill(p netip.Prefix, to int) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < min(to, p.Addr().BitLen()); bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

func TestGuardVerdicts(t *testing.T) {
	for addr, want := range map[string]bool{
		"1.1.1.1":                true,
		"9.255.255.255":          true,
		"11.0.0.0":               true,
		"100.63.255.255":         true,
		"128.0.0.1":              true,
		"172.15.255.255":         true,
		"172.32.0.0":             true,
		"192.0.1.1":              true,
		"192.88.98.1":            true,
		"223.255.255.255":        true,
		"2001:200::1":            true,
		"2606:4700:4700::1111":   true,
		"3fff:1000::1":           true,
		"127.0.0.1":              false,
		"169.254.169.254":        false, // metadata: AWS, Google, Azure
		"169.254.170.2":          false, // metadata: AWS containers
		"168.63.129.16":          false, // metadata: Azure
		"100.100.100.200":        false, // metadata: Alibaba Cloud
		"192.0.0.192":            false, // metadata: Oracle Cloud
		"fd00:ec2::254":          false, // metadata: AWS
		"fd20:ce::254":           false, // metadata: Google
		"fe80::1":                false,
		"fec0::1":                false,
		"ff02::1":                false,
		"224.0.0.1":              false,
		"255.255.255.255":        false,
		"::":                     false,
		"::1":                    false,
		"4000::1":                false,
		"::127.0.0.1":            false,
		"::8.8.8.8":              false,
		"::ffff:0:127.0.0.1":     false,
		"::ffff:0:8.8.8.8":       false,
		"::ffff:127.0.0.1":       false,
		"::ffff:8.8.8.8":         true,
		"64:ff9b::7f00:1":        false,
		"64:ff9b::8.8.8.8":       true,
		"64:ff9b:1::8.8.8.8":     false,
		"2002:7f00:1::":          false,
		"2002:808:808::1":        false,
		"2001:0:808:808::1":      false,
		"fe80::1%eth0":           false,
		"2606:4700:4700::1%eth0": false,
		"::ffff:8.8.8.8%eth0":    false,
	} {
		if got := (guard{}).reaches(netip.MustParseAddr(addr)); got != want {
			t.Errorf("reaches(%s) is %v; want %v", addr, got, want)
		}
	}
	if (guard{}).reaches(netip.Addr{}) {
		t.Error("the zero address is reached; it must not be")
	}
}

func TestAllowedNetworkIsReachedInEveryForm(t *testing.T) {
	g := guard{networks: loopback}
	for addr, want := range map[string]bool{
		"127.0.0.1":        true,
		"::ffff:127.0.0.1": true,
		"::1":              false,
		"10.0.0.1":         false,
		"64:ff9b::7f00:1":  false, // RFC 6052 section 3.1: no such translation
	} {
		if got := g.reaches(netip.MustParseAddr(addr)); got != want {
			t.Errorf("with 127.0.0.0/8 allowed, reaches(%s) is %v; want %v", addr, got, want)
		}
	}
	everywhere := guard{networks: []netip.Prefix{netip.MustParsePrefix("::/0")}}
	if everywhere.reaches(netip.MustParseAddr("fe80::1%eth0")) {
		t.Error("an address with a zone is reached; it must not be")
	}
}

func FuzzEmbeddedIPv4IsJudgedInstead(f *testing.F) {
	for _, s := range []string{"127.0.0.1", "8.8.8.8", "10.0.0.1", "192.0.0.9", "168.63.129.16", "fe80::1", "2001:db8::1"} {
		f.Add(netip.MustParseAddr(s).AsSlice(), "eth0")
	}
	f.Fuzz(func(t *testing.T, b []byte, zone string) {
		addr, _ := netip.AddrFromSlice(b)
		g := guard{}
		open := g.reaches(addr)
		if ip := net.IP(addr.AsSlice()); open && !(ip.IsGlobalUnicast() && !ip.IsPrivate()) {
			t.Errorf("%s is reached; it is not global unicast", addr)
		}
		if zoned := addr.WithZone(zone); zoned.Zone() != "" && g.reaches(zoned) {
			t.Errorf("%s is reached; it has a zone", zoned)
		}
		if !addr.Is4() {
			return
		}
		for prefix, follows := range map[string]bool{
			"::ffff:0.0.0.0":   true,
			"64:ff9b::":        true,
			"::":               false,
			"::ffff:0:0.0.0.0": false,
			"64:ff9b:1::":      false,
		} {
			in := netip.MustParseAddr(prefix).As16()
			copy(in[12:], b)
			if got, want := g.reaches(netip.AddrFrom16(in)), open && follows; got != want {
				t.Errorf("%s: reaches is %v; want %v", netip.AddrFrom16(in), got, want)
			}
		}
		sixToFour := [16]byte{0x20, 0x02, b[0], b[1], b[2], b[3]}
		if g.reaches(netip.AddrFrom16(sixToFour)) {
			t.Errorf("%s is reached; 6to4 must not be", netip.AddrFrom16(sixToFour))
		}
	})
}

func TestPublishedPortRule(t *testing.T) {
	g := guard{ports: []uint16{22, 5432}}
	for port, want := range map[uint16]error{
		80: nil, 443: nil, 1024: nil, 3000: nil, 8080: nil, 8443: nil, 8888: nil, 65535: nil,
		22: nil, 5432: nil, // allowed by the host
		0: ErrPort, 25: ErrPort, 1023: ErrPort, 2375: ErrPort, 2380: ErrPort, 3306: ErrPort, 6010: ErrPort, 6379: ErrPort,
		9200: ErrPort, 10250: ErrPort, 11211: ErrPort, 27018: ErrPort,
	} {
		if err := g.checkPort(port); !errors.Is(err, want) {
			t.Errorf("port %d: got %v; want %v", port, err, want)
		}
	}
}

func TestInternalPortsAreNeverGivenOutByChance(t *testing.T) {
	for _, p := range internalPorts {
		if p.from < 1024 || p.to >= 32768 || p.from > p.to || p.service == "" {
			t.Errorf("row %+v: want a named range within 1024 to 32767", p)
		}
	}
}
