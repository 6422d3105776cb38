package egress

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain names a proxy, before net/http reads the environment for the first and only time; nobody listens there.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		os.Setenv(name, "http://127.0.0.1:1")
		os.Setenv(strings.ToLower(name), "http://127.0.0.1:1")
	}
	goleak.VerifyTestMain(m)
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// patient is a timeout that a test does not expect to pass.
const patient = 30 * time.Second

// mustEnd fails if ended stays open, rather than to wait for a bound that would close it in the end.
func mustEnd(t *testing.T, ended <-chan struct{}) {
	t.Helper()
	select {
	case <-ended:
	case <-time.After(maxDial / 2):
		t.Error("a connection outlived Close")
	}
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

// listen serves every connection to a free port of ip with serve, and waits at the end of the test until all are done.
func listen(t *testing.T, ip string, serve func(net.Conn)) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l, serve)
	return l.Addr().(*net.TCPAddr)
}

func accept(t *testing.T, l net.Listener, serve func(net.Conn)) {
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		open.Wait()
	})
}

// answer reads one request and writes text, byte for byte, then closes.
func answer(text string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := readRequest(bufio.NewReader(conn)); err == nil {
			io.WriteString(conn, text)
		}
	}
}

// repeat reads one request, writes first, and then again and again until the sender has enough.
func repeat(first, again string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := readRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		_, err := io.WriteString(conn, first)
		for chunk := []byte(again); err == nil; {
			_, err = conn.Write(chunk)
		}
	}
}

// drip reads one request, writes first at once, and then one byte each 10 ms until the sender has enough.
func drip(first, again string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := readRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		_, err := io.WriteString(conn, first)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for i := 0; err == nil; i++ {
			<-tick.C
			_, err = conn.Write([]byte{again[i%len(again)]})
		}
	}
}

func readRequest(r *bufio.Reader) (*http.Request, error) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(req.Body)
	req.Body = io.NopCloser(strings.NewReader(string(body)))
	return req, err
}

// canary is a receiver that nobody may connect to.
type canary struct {
	addr    *net.TCPAddr
	callers chan string
}

func newCanary(t *testing.T, l net.Listener) canary {
	c := canary{l.Addr().(*net.TCPAddr), make(chan string, 100)}
	accept(t, l, func(conn net.Conn) { c.callers <- conn.RemoteAddr().String() })
	return c
}

func loopbackCanary(t *testing.T) canary {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newCanary(t, l)
}

// mustBeAlone fails if anybody connected before now: it calls the canary itself, and as many calls as were made must
// have been its own.
func (c canary) mustBeAlone(t *testing.T) {
	t.Helper()
	conn, err := net.Dial("tcp", c.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if caller := <-c.callers; caller != conn.LocalAddr().String() {
		t.Errorf("%s connected to the canary; nobody may", caller)
	}
}

// resolve returns a resolver that asks lookup, which is told the name and how many times it was asked for before, for
// the addresses of every name.
func resolve(t *testing.T, lookup func(name string, before int) []string) *net.Resolver {
	var mu sync.Mutex
	asked := map[string]int{}
	var open sync.WaitGroup
	t.Cleanup(open.Wait)
	answers := func(name string, ipv6 bool) []netip.Addr {
		mu.Lock()
		defer mu.Unlock()
		key := name
		if ipv6 {
			key += " AAAA"
		}
		var found []netip.Addr
		for _, s := range lookup(name, asked[key]) {
			if a := netip.MustParseAddr(s); a.Is6() == ipv6 {
				found = append(found, a)
			}
		}
		asked[key]++
		return found
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		open.Go(func() {
			defer server.Close()
			for serveDNS(server, answers) == nil {
			}
		})
		return client, nil
	}}
}

// serveDNS answers one query in the TCP framing of RFC 1035 section 4.2.2.
func serveDNS(conn io.ReadWriter, answers func(name string, ipv6 bool) []netip.Addr) error {
	var size uint16
	if err := binary.Read(conn, binary.BigEndian, &size); err != nil {
		return err
	}
	query := make([]byte, size)
	if _, err := io.ReadFull(conn, query); err != nil {
		return err
	}
	const header = 12
	var labels []string
	end := header
	for query[end] != 0 {
		n := int(query[end])
		labels = append(labels, string(query[end+1:end+1+n]))
		end += 1 + n
	}
	end += 1 + 4 // root label, type, class
	kind := query[end-4 : end-2]
	found := answers(strings.Join(labels, "."), kind[1] == 28)

	reply := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, byte(len(found)), 0, 0, 0, 0}, query[header:end]...)
	for _, a := range found {
		data := a.AsSlice()
		reply = append(reply, 0xc0, header, 0, kind[1], 0, 1, 0, 0, 0, 0, 0, byte(len(data))) // TTL 0
		reply = append(reply, data...)
	}
	_, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
	return err
}
