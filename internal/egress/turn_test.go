package egress

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"strings"
	"testing"
)

// TestLeftoversAreNoAnswer has a second request take the connection while net/http, which goes on reading once the connection is
// idle, has not met yet what came after the first answer.
func TestLeftoversAreNoAnswer(t *testing.T) {
	const gone = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
	ca := newAuthority(t)
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, nil)}}
	for name, first := range map[string]string{
		"without a body":     "HTTP/1.1 204 No Content\r\n\r\n",
		"with a body":        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"with a longer body": "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat("a", 9000),
		"in chunks":          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
	} {
		for scheme, wrap := range map[string]func(net.Conn) net.Conn{
			"http":  func(conn net.Conn) net.Conn { return conn },
			"https": func(conn net.Conn) net.Conn { return tls.Server(conn, server) },
		} {
			t.Run(name+" over "+scheme, func(t *testing.T) {
				ended := make(chan struct{}, 2)
				to := listen(t, "127.0.0.1", func(conn net.Conn) {
					conn = wrap(conn)
					if _, err := readRequest(bufio.NewReader(conn)); err == nil {
						io.WriteString(conn, first+gone)
					}
					io.Copy(io.Discard, conn)
					ended <- struct{}{}
				})
				c := newClient(t, Options{AllowNetworks: loopback, RootCAs: ca.pool})
				r := Request{URL: scheme + "://" + to.String(), Body: []byte("{}"), Timeout: patient}
				second, sent := make(chan error, 1), make(chan struct{})
				idle := &httptrace.ClientTrace{PutIdleConn: func(error) {
					go func() {
						_, err := c.Post(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
							WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) },
						}), r)
						second <- err
					}()
					<-sent
				}}
				if got, err := c.Post(httptrace.WithClientTrace(t.Context(), idle), r); err != nil || got.Status/100 != 2 {
					t.Errorf("first Post: got %d, %v", got.Status, err)
				}
				err := <-second
				if !errors.Is(err, ErrProtocol) {
					t.Fatalf("second Post: got %v; want %v", err, ErrProtocol)
				}
				mustBePresentable(t, err)
				mustEnd(t, ended)
			})
		}
	}
}

// TestAnswerBeforeItsRequestIsNone has the receiver answer while the request is written and not sent yet.
func TestAnswerBeforeItsRequestIsNone(t *testing.T) {
	ready, met := make(chan struct{}), make(chan struct{})
	to := listen(t, "127.0.0.1", func(conn net.Conn) {
		<-ready
		io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		io.Copy(io.Discard, conn)
	})
	c := newClient(t, Options{AllowNetworks: loopback})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteHeaders:         func() { close(ready); <-met },
		GotFirstResponseByte: func() { close(met) },
	})
	got, err := c.Post(ctx, Request{URL: "http://" + to.String(), Body: []byte("{}"), Timeout: patient})
	if !errors.Is(err, ErrProtocol) {
		t.Errorf("got %d, %v; want %v", got.Status, err, ErrProtocol)
	}
}

// TestLeftoversAreNamed has a second request take the connection just before net/http closes it for what came after the first
// answer.
func TestLeftoversAreNamed(t *testing.T) {
	ended := make(chan struct{}, 1)
	to := listen(t, "127.0.0.1", func(conn net.Conn) {
		readRequest(bufio.NewReader(conn))
		io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\nok")
		io.Copy(io.Discard, conn)
		ended <- struct{}{}
	})
	c := newClient(t, Options{AllowNetworks: loopback})
	r := Request{URL: "http://" + to.String(), Body: []byte("{}"), Timeout: patient}
	second, taken := make(chan error, 1), make(chan struct{})
	idle := &httptrace.ClientTrace{PutIdleConn: func(error) {
		go func() {
			_, err := c.Post(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
				close(taken)
				mustEnd(t, ended)
			}}), r)
			second <- err
		}()
		<-taken
	}}
	if _, err := c.Post(httptrace.WithClientTrace(t.Context(), idle), r); err != nil {
		t.Error(err)
	}
	if err := <-second; !errors.Is(err, ErrProtocol) || !strings.Contains(err.Error(), "send nothing after the end of an answer") {
		t.Errorf("second Post: got %v; want %v, and what to do", err, ErrProtocol)
	}
}
