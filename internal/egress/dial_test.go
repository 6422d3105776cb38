package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func always(addrs ...string) func(string, int) []string {
	return func(string, int) []string { return addrs }
}

// TestBlockedNameIsNeverCalled is ATTACKS 1 and 6: whatever a name resolves to, the verdict falls on the address.
func TestBlockedNameIsNeverCalled(t *testing.T) {
	bird := loopbackCanary(t)
	for _, addrs := range [][]string{
		{"127.0.0.1"},
		{"169.254.169.254"},
		{"168.63.129.16"},
		{"fd00:ec2::254"},
		{"::ffff:127.0.0.1"},
		{"64:ff9b::7f00:1"},
		{"::1", "127.0.0.1", "10.0.0.1"},
		{"0.0.0.0", "::"},
	} {
		c := newClient(t, Options{resolver: resolve(t, always(addrs...))})
		for _, scheme := range []string{"http", "https"} {
			_, err := c.Post(t.Context(), Request{URL: fmt.Sprintf("%s://hooks.example:%d/", scheme, bird.addr.Port), Timeout: patient})
			if !errors.Is(err, ErrAddress) {
				t.Errorf("%v: got %v; want %v", addrs, err, ErrAddress)
				continue
			}
			for _, a := range append(addrs, "127.0.0.1") {
				if strings.Contains(err.Error(), a) {
					t.Errorf("%v: error %q tells the customer what the name resolves to", addrs, err)
				}
			}
		}
	}
	bird.mustBeAlone(t)
}

// pair returns a receiver on an allowed address and a canary on a refused one, both on the same port.
func pair(t *testing.T) (guard, canary) {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.2:0")
		if err != nil {
			t.Skipf("127.0.0.2 cannot be listened on: %v", err)
		}
		bird, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", l.Addr().(*net.TCPAddr).Port))
		if err != nil {
			l.Close()
			continue
		}
		accept(t, l, answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
		return guard{networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}, newCanary(t, bird)
	}
	t.Fatal("no port is free on both 127.0.0.1 and 127.0.0.2")
	return guard{}, canary{}
}

// TestReboundNameIsBlocked is ATTACKS 2: the second answer, with a TTL of 0 like the first, is the refused address.
func TestReboundNameIsBlocked(t *testing.T) {
	g, bird := pair(t)
	rebind := func(_ string, before int) []string {
		return []string{[]string{"127.0.0.2", "127.0.0.1"}[min(before, 1)]}
	}
	c := newClient(t, Options{AllowNetworks: g.networks, resolver: resolve(t, rebind)})
	r := Request{URL: fmt.Sprintf("http://rebind.example:%d/", bird.addr.Port), Body: []byte("{}"), Timeout: patient}
	if got, err := c.Post(t.Context(), r); err != nil || got.Status != 200 {
		t.Fatalf("first Post: got %d, %v; want 200", got.Status, err)
	}
	if _, err := c.Post(t.Context(), r); !errors.Is(err, ErrAddress) {
		t.Errorf("second Post: got %v; want %v", err, ErrAddress)
	}
	bird.mustBeAlone(t)
}

// TestMixedNameIsReachedAtItsPublicAddressOnly is ATTACKS 3.
func TestMixedNameIsReachedAtItsPublicAddressOnly(t *testing.T) {
	g, bird := pair(t)
	mixed := []string{"127.0.0.1", "127.0.0.2"}
	for range 2 {
		c := newClient(t, Options{AllowNetworks: g.networks, resolver: resolve(t, always(mixed...))})
		got, err := c.Post(t.Context(), Request{URL: fmt.Sprintf("http://mixed.example:%d/", bird.addr.Port), Body: []byte("{}"), Timeout: patient})
		if err != nil || got.Status != 200 {
			t.Errorf("%v: got %d, %v; want 200", mixed, got.Status, err)
		}
		slices.Reverse(mixed)
	}
	bird.mustBeAlone(t)
}

func TestMixedNameWithItsPublicAddressDownIsNotBlocked(t *testing.T) {
	bird := loopbackCanary(t)
	allowed := []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")} // nobody listens there
	c := newClient(t, Options{AllowNetworks: allowed, resolver: resolve(t, always("127.0.0.1", "127.0.0.2"))})
	_, err := c.Post(t.Context(), Request{URL: fmt.Sprintf("http://mixed.example:%d/", bird.addr.Port), Timeout: patient})
	if !errors.Is(err, ErrConnect) {
		t.Errorf("got %v; want %v, to be retried", err, ErrConnect)
	}
	bird.mustBeAlone(t)
}

// TestDialBlocksNumericHosts is ATTACKS 5 without the check of the URL before it: the forms that a resolver itself
// takes for an address, under the C resolver where there is one and under Go's.
func TestDialBlocksNumericHosts(t *testing.T) {
	bird := loopbackCanary(t)
	unanswered := resolve(t, always())
	for name, r := range map[string]*net.Resolver{"system": {}, "go": unanswered} {
		for _, host := range []string{"127.1", "127.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "127.0.0.1", "::1", "::ffff:127.0.0.1", "::1%lo"} {
			d := dialer{resolver: r}
			conn, err := d.dial(t.Context(), "tcp", net.JoinHostPort(host, fmt.Sprint(bird.addr.Port)))
			if err == nil {
				conn.Close()
				t.Errorf("%s resolver: %s was connected to", name, host)
			}
			if name == "system" && host == "127.0.0.1" && !errors.Is(err, ErrAddress) {
				t.Errorf("%s: got %v; want %v", host, err, ErrAddress)
			}
		}
	}
	bird.mustBeAlone(t)
}

// TestDialBlocksPorts is ATTACKS 11 at the last door.
func TestDialBlocksPorts(t *testing.T) {
	d := dialer{guard: guard{networks: loopback}}
	for _, port := range []string{"22", "25", "6379", "ssh"} {
		if _, err := d.dial(t.Context(), "tcp", "127.0.0.1:"+port); !errors.Is(err, ErrPort) {
			t.Errorf("port %s: got %v; want %v", port, err, ErrPort)
		}
	}
}

// silent is a resolver whose server never answers.
func silent() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
}

func TestFailuresOfDialling(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	deaf := l.Addr().String()
	l.Close()
	broken := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("10.9.8.7:53 is down")
	}}
	for name, test := range map[string]struct {
		r        Request
		resolver *net.Resolver
		want     error
	}{
		"refused":         {Request{URL: "http://" + deaf, Timeout: patient}, nil, ErrConnect},
		"refused TLS":     {Request{URL: "https://" + deaf, Timeout: patient}, nil, ErrConnect},
		"no such host":    {Request{URL: "http://hooks.example/", Timeout: patient}, resolve(t, always()), ErrDNS},
		"resolver down":   {Request{URL: "http://hooks.example/", Timeout: patient}, broken, ErrDNS},
		"resolver silent": {Request{URL: "http://hooks.example/", Timeout: shortly}, silent(), ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{AllowNetworks: loopback, resolver: test.resolver})
			_, err := c.Post(t.Context(), test.r)
			if !errors.Is(err, test.want) || strings.Contains(err.Error(), "10.9.8.7") {
				t.Errorf("got %v; want %v without an address", err, test.want)
			}
		})
	}
}

// TestCloseEndsDialsLeftBehind abandons a handshake that the receiver never answers.
func TestCloseEndsDialsLeftBehind(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	to := listen(t, "127.0.0.1", func(conn net.Conn) {
		defer close(ended)
		conn.Read(make([]byte, 1))
		cancel()
		io.Copy(io.Discard, conn)
	})
	c := New(Options{AllowNetworks: loopback})
	if _, err := c.Post(ctx, Request{URL: "https://" + to.String(), Timeout: patient}); !errors.Is(err, ErrCanceled) {
		t.Errorf("got %v; want %v", err, ErrCanceled)
	}
	c.Close()
	mustEnd(t, ended)
}

func TestDialIsBoundByTheTimeoutOfItsRequest(t *testing.T) {
	if got := budgetOf(withBudget(t.Context(), shortly)); got != shortly {
		t.Errorf("budget is %v; want %v", got, shortly)
	}
	if got := budgetOf(withBudget(t.Context(), patient)); got != maxDial {
		t.Errorf("budget is %v; want %v", got, maxDial)
	}
	d := dialer{guard: guard{networks: loopback}, tls: &tls.Config{}}
	to := listen(t, "127.0.0.1", func(conn net.Conn) { io.Copy(io.Discard, conn) })
	if _, err := d.dialTLS(withBudget(t.Context(), shortly), "tcp", to.String()); !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v; want %v", err, ErrTimeout)
	}
	d.resolver = silent()
	if _, err := d.dial(withBudget(t.Context(), shortly), "tcp", "hooks.example:80"); !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v; want %v", err, ErrTimeout)
	}
}
