package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// Every error of this package matches exactly one of these.
var (
	// ErrURL is a URL, or a header, that cannot be sent; it fails the same way every time.
	ErrURL = errors.New("unusable URL")

	// ErrAddress is a host whose every address the guard refuses; no packet was sent to any of them.
	ErrAddress = errors.New("blocked address")

	// ErrPort is a port that is not open to webhooks; no packet was sent to it.
	ErrPort = errors.New("blocked port")

	// ErrDNS is a host name that could not be resolved.
	ErrDNS = errors.New("unresolved host name")

	// ErrConnect is a connection that was refused, or that broke before a status line arrived.
	ErrConnect = errors.New("broken connection")

	// ErrTLS is a handshake that failed, or a certificate that does not prove the host.
	ErrTLS = errors.New("failed TLS handshake")

	// ErrTimeout is a request that took longer than its Timeout, or a connection that took longer than 10 s to open.
	ErrTimeout = errors.New("timeout")

	// ErrProtocol is an answer that is not HTTP/1.1, has more than 64 KiB of header or no final status from 200 to 599, or came
	// before its request.
	ErrProtocol = errors.New("malformed response")

	// ErrCanceled is a request that the caller's context ended.
	ErrCanceled = errors.New("canceled request")
)

// fault is an error whose text a customer may read. It keeps no cause: what lies below names addresses.
type fault struct {
	class  error
	detail string
}

func (f *fault) Error() string { return f.class.Error() + ": " + f.detail }
func (f *fault) Unwrap() error { return f.class }

// faultf makes a fault; a string from outside takes %q.
func faultf(class error, format string, args ...any) error {
	return &fault{class, fmt.Sprintf(format, args...)}
}

func blocked(host string) error {
	return faultf(ErrAddress, "host %q is not on the public Internet; use a host that is", host)
}

func leftover() error {
	return faultf(ErrProtocol, "something came before the request; send nothing after the end of an answer")
}

// classify turns an error of an exchange into a fault. ctx is the caller's: once it ended, whatever else went wrong may be
// its doing.
func classify(ctx context.Context, err error) error {
	var known *fault
	switch {
	case ctx.Err() != nil:
		return faultf(ErrCanceled, "the sender stopped before the receiver was done")
	case errors.As(err, &known):
		return known
	case isTimeout(err):
		return faultf(ErrTimeout, "the receiver took too long; answer first and work afterwards")
	case isAlert(err):
		return classifyTLS(err)
	case isBroken(err):
		return faultf(ErrConnect, "%s before the answer was complete", breakage(err))
	case strings.HasPrefix(err.Error(), "net/http: invalid header "):
		return faultf(ErrURL, "a header name or value cannot be sent: %s", quote(err))
	case strings.HasPrefix(err.Error(), "readLoopPeekFailLocked"): // net/http's words for what comes over an idle connection
		return leftover()
	}
	return faultf(ErrProtocol, "the answer is not usable HTTP/1.1: %s", quote(err))
}

// classifyDial turns an error of opening a connection to host, within ctx, into a fault.
func classifyDial(ctx context.Context, host string, err error) error {
	var known *fault
	var dns *net.DNSError
	switch {
	case errors.As(err, &known):
		return known
	case ctx.Err() != nil: // else a late resolver would be ErrDNS
		return faultf(ErrTimeout, "host %q took too long to accept a connection", host)
	case errors.As(err, &dns) && dns.IsNotFound:
		return faultf(ErrDNS, "host %q does not exist; check its spelling", host)
	case errors.As(err, &dns):
		return faultf(ErrDNS, "host %q could not be looked up now", host)
	case isTimeout(err):
		return faultf(ErrTimeout, "host %q took too long to accept a connection", host)
	}
	return faultf(ErrConnect, "host %q: %s", host, breakage(err))
}

// classifyTLS turns an error of a handshake into a fault.
func classifyTLS(err error) error {
	switch {
	case isTimeout(err):
		return faultf(ErrTimeout, "the receiver took too long to shake hands")
	case !isAlert(err) && isBroken(err):
		return faultf(ErrTLS, "%s during the handshake", breakage(err))
	}
	return faultf(ErrTLS, "%s", quote(err))
}

func isTimeout(err error) bool {
	var timed net.Error
	return errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timed) && timed.Timeout()
}

// isAlert reports whether crypto/tls ended the connection, or was told to by the peer.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") ||
		errors.As(err, new(tls.RecordHeaderError))
}

// isBroken reports whether the network, and not the peer's words, ended the exchange. One of net/http's errors for it
// is known by its text alone.
func isBroken(err error) bool {
	var op *net.OpError
	var errno syscall.Errno
	return errors.As(err, &op) || errors.As(err, &errno) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "server closed idle connection")
}

func breakage(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to it"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	return "the connection failed"
}

// quote returns err's text on one line, bounded, with nothing left that a terminal or a log would act on: net/http
// and net/textproto repeat the peer's bytes as they came.
func quote(err error) string {
	text := err.Error()
	return fmt.Sprintf("%q", text[:min(len(text), 200)])
}
