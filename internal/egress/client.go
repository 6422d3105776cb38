// Package egress holds the only HTTP client of this module that may call strangers.
//
// A push URL is chosen by a customer, so both its address and its answer are hostile until shown otherwise. Three
// doors stand on the way out: [Client.Check] reads the URL and refuses what cannot be meant for the public Internet,
// the dialler judges the very address and port that a connection is about to be opened to (after the name was
// resolved, so that no DNS answer can slip past), and the reader of the response takes a bounded part of it.
//
// Errors name one of this package's sentinels and never carry a resolved address, a DNS answer or an unquoted word
// from outside, so that their text can be shown to the customer.
package egress

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

const (
	maxHeaderRead = 64 << 10 // of a response's header, 1xx answers before it included
	idleTimeout   = 30 * time.Second
)

// Client sends requests to hosts that nobody vouches for; it is safe for concurrent use.
//
// It speaks HTTP/1.1, verifies every certificate, follows no redirect, reads no proxy from the environment, and sends
// a request at most once.
type Client struct {
	guard     guard
	targets   targets
	transport *http.Transport
}

// New returns a Client; it starts no goroutine.
func New(o Options) *Client {
	o = o.withDefaults()
	c := &Client{guard: guard{networks: o.AllowNetworks, ports: o.AllowPorts}}
	d := dialer{
		guard:    c.guard,
		resolver: o.resolver,
		tls:      &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}},
	}
	c.transport = &http.Transport{
		DialContext:            d.dial,
		DialTLSContext:         d.dialTLS,
		Protocols:              new(http.Protocols),
		DisableCompression:     true,
		MaxIdleConns:           o.Idle,
		MaxIdleConnsPerHost:    o.Idle,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderRead,
	}
	c.transport.Protocols.SetHTTP1(true)
	return c
}

// Check reports, without resolving the host's name, why Post would refuse to send to rawURL: [ErrURL], [ErrPort], or
// [ErrAddress] for a literal address. It is for the moment a URL is saved; Post makes the same check and then judges
// the resolved address too.
func (c *Client) Check(rawURL string) error {
	_, err := c.guard.target(rawURL)
	return err
}

// Post sends r once and returns what came back, whatever its status.
//
// With a nil error a status line arrived and Response.Status (200 to 599) is the receiver's decision, even if the rest of
// the response broke off: see Response.BodyErr. A non-nil error matches exactly one sentinel of this package. When ctx
// ends before a status line arrived the error is [ErrCanceled] and says nothing about the receiver.
func (c *Client) Post(ctx context.Context, r Request) (Response, error) {
	u, err := c.target(r.URL)
	if err != nil {
		return Response{}, err
	}
	r = r.withDefaults()
	timed, cancel := context.WithTimeoutCause(ctx, r.Timeout, ErrTimeout)
	defer cancel()
	var watched turn
	resp, err := c.transport.RoundTrip(r.build(httptrace.WithClientTrace(timed, watched.trace()), u))
	if err == nil {
		defer resp.Body.Close()
	}
	if watched.early.Load() {
		err = leftover()
	}
	if err != nil {
		return Response{}, classify(ctx, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 599 {
		return Response{}, faultf(ErrProtocol, "status %d is none that ends a request; answer with 200 to 599", resp.StatusCode)
	}
	return read(ctx, resp), nil
}

func (c *Client) target(text string) (*url.URL, error) {
	if u, ok := c.targets.get(text); ok {
		return u, nil
	}
	u, err := c.guard.target(text)
	if err == nil {
		c.targets.put(text, u)
	}
	return u, err
}

// Close ends the idle connections and the dials that no Post waits for. Call it after the last Post has returned: soon
// after, no goroutine of the Client is left.
func (c *Client) Close() {
	c.transport.CloseIdleConnections()
}
