package email

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	userName = "shop"
	password = "canary-of-a-password"
)

// server is a real SMTP server on loopback that keeps what it gets.
type server struct {
	// on is asked at each step, "MAIL", "RCPT" or "DATA", and may refuse.
	on func(step string) error

	mu    sync.Mutex
	mails []received
}

type received struct {
	from, to, user string
	encrypted      bool
	raw            []byte
}

// start serves with this encryption, and returns options for it.
func (s *server) start(t testing.TB, e Encryption) Options {
	t.Helper()
	certified := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	config := &tls.Config{Certificates: certified.TLS.Certificates}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := portOf(t, listener)
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	srv.Domain, srv.AllowInsecureAuth, srv.EnableSMTPUTF8, srv.ErrorLog = "mail.example.com", true, true, log.New(io.Discard, "", 0)
	switch e {
	case StartTLS:
		srv.TLSConfig = config
	case ImplicitTLS:
		listener = tls.NewListener(listener, config)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		_ = listener.Close() // Serve may not have begun
		<-done
	})
	return Options{Host: "127.0.0.1", Port: port, Encryption: e, Roots: roots, From: "Survey Desk <desk@example.org>", Hello: "client.example.org"}
}

func portOf(t testing.TB, l net.Listener) int {
	t.Helper()
	_, text, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// got returns the mails that were taken on.
func (s *server) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails
}

func (s *server) asked(step string) error {
	if s.on == nil {
		return nil
	}
	return s.on(step)
}

// session is one connection.
type session struct {
	server *server
	conn   *smtp.Conn
	mail   received
}

// AuthMechanisms offers PLAIN.
func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth takes the one password.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if user != userName || pass != password {
			return errors.New("no such user: " + user)
		}
		s.mail.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return s.server.asked("MAIL")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	return s.server.asked("RCPT")
}

func (s *session) Data(r io.Reader) (err error) {
	if s.mail.raw, err = io.ReadAll(r); err != nil {
		return err
	}
	if err := s.server.asked("DATA"); err != nil {
		return err
	}
	_, s.mail.encrypted = s.conn.TLSConnectionState()
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.mail)
	return nil
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// newSender returns a sender, or fails the test.
func newSender(t testing.TB, o Options) *Sender {
	t.Helper()
	s, err := NewSender(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
