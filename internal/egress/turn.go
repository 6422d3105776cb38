package egress

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// turn watches that an answer begins after its request. What a receiver sends beyond the end of an answer net/http takes for the
// next one, unless it has noticed before another request has that connection; where several customers push to one host, it would
// be the answer to somebody else's. What comes once the request has begun to be sent cannot be told from an answer.
type turn struct {
	line  atomic.Pointer[line]
	early atomic.Bool // the answer had come before
}

// trace has t watch the request that it goes with. A connection that is out of step is of no more use.
func (t *turn) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			l := lineOf(got.Conn)
			l.sent.Store(false)
			t.line.Store(l)
		},
		GotFirstResponseByte: func() {
			if l := t.line.Load(); !l.sent.Load() || !l.heard.Load() {
				t.early.Store(true)
				l.Close()
			}
		},
	}
}

// line is a connection that knows, below TLS, whether its request has begun to be sent, and whether anything has come over it since.
type line struct {
	net.Conn
	sent, heard atomic.Bool
}

// Write implements [net.Conn].
func (l *line) Write(p []byte) (int, error) {
	if !l.sent.Load() {
		l.heard.Store(false)
		l.sent.Store(true)
	}
	return l.Conn.Write(p)
}

// Read implements [net.Conn].
func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 {
		l.heard.Store(true)
	}
	return n, err
}

// lineOf returns the line of a connection that a dialer has opened.
func lineOf(conn net.Conn) *line {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	return conn.(*line)
}
