package egress

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// turn watches that an answer begins after its request has the connection. What a receiver sends beyond the end of an answer
// net/http takes for the next one, unless it has noticed before another request has that connection; where several customers push
// to one host, it would be the answer to somebody else's. What was not read yet by then cannot be told from an answer.
type turn struct {
	line  atomic.Pointer[line]
	early atomic.Bool // the answer had come before
}

// trace has t watch the request that it goes with. A connection that is out of step is of no more use.
func (t *turn) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			l := lineOf(got.Conn)
			l.heard.Store(false)
			t.line.Store(l)
		},
		GotFirstResponseByte: func() {
			if l := t.line.Load(); !l.heard.Load() {
				t.early.Store(true)
				l.Close()
			}
		},
	}
}

// line is a connection that knows whether anything has come over it since a request has it, below TLS.
type line struct {
	net.Conn
	heard atomic.Bool
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
