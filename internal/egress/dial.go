package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

const maxDial = 10 * time.Second

// dialer opens connections to addresses that the guard lets through.
type dialer struct {
	guard    guard
	resolver *net.Resolver
	tls      *tls.Config
}

// dial connects to one of the addresses that address's host resolves to. A refused address is never connected to, and
// the others are still tried: a name that has a private and a public address is reached at the public one. Only a name
// that has nothing but refused addresses is ErrAddress.
func (d dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return d.connect(ctx, network, address)
}

// dialTLS is dial with a handshake, done here so that its errors can be told from those of the exchange that follows.
func (d dialer) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	raw, err := d.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	config := d.tls.Clone()
	config.ServerName, _, _ = net.SplitHostPort(address) // connect has read it
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, classifyTLS(err)
	}
	return conn, nil
}

func (d dialer) connect(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, faultf(ErrURL, "address %q has no port", address)
	}
	var passed atomic.Bool
	nd := net.Dialer{Resolver: d.resolver, ControlContext: d.guard.control(&passed)}
	conn, err := nd.DialContext(ctx, network, address)
	switch {
	case err == nil:
		return &line{Conn: conn}, nil
	case errors.Is(err, ErrAddress) && !passed.Load():
		return nil, blocked(host)
	}
	return nil, classifyDial(ctx, host, err)
}

// bound gives a dial its end. net/http detaches a dial from the request that began it, so that another request can
// use the connection; without a bound of its own it would outlast that request's timeout.
func bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, budgetOf(ctx))
}

type budgetKey struct{}

// withBudget tells the dials that ctx leads to how long they may take; values stay when net/http detaches them.
func withBudget(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, budgetKey{}, d)
}

func budgetOf(ctx context.Context) time.Duration {
	if d, ok := ctx.Value(budgetKey{}).(time.Duration); ok {
		return min(d, maxDial)
	}
	return maxDial
}
