package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"time"

	smtp "github.com/wneessen/go-mail"

	"github.com/tenterhook/tenterhook/automation"
)

// Sender sends mail over one SMTP server. It may be used by many at once; each mail has a connection of its own. Make it with
// [NewSender].
type Sender struct {
	options     Options
	from, reply *mail.Address
}

// NewSender returns a sender, and reports options that cannot work. It does not connect.
func NewSender(o Options) (*Sender, error) {
	from, reply, err := o.check()
	if err != nil {
		return nil, fmt.Errorf("new mail sender: %w", err)
	}
	s := &Sender{options: o.withDefaults(), from: from, reply: reply}
	if _, err := s.client(nil); err != nil {
		return nil, fmt.Errorf("new mail sender: %w", err)
	}
	return s, nil
}

// Send sends a mail, and returns when the server has taken it on. An error that wraps [automation.ErrRefused] is final; after
// any other the mail may have been taken on nevertheless, and can be sent again under the same ID. It ends with ctx.
func (s *Sender) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return fmt.Errorf("send mail: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	if err := s.send(ctx, msg); err != nil && !msg.IsDelivered() {
		if ctx.Err() != nil {
			return fmt.Errorf("send mail: %w: %w", ctx.Err(), err)
		}
		return fmt.Errorf("send mail: %w", err)
	}
	return nil
}

func (s *Sender) send(ctx context.Context, msg *smtp.Msg) error {
	w := wire{ctx: ctx, implicit: s.options.Encryption == ImplicitTLS, config: s.tls()}
	defer w.cut()
	client, err := s.client(w.dial)
	if err != nil {
		return err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return inGreeting(err)
	}
	if err := client.SendWithSMTPClient(conn, msg); err != nil {
		return inMail(err)
	}
	if conn.UpdateDeadline(farewell) == nil {
		_ = conn.Quit() // the mail was taken on, whatever comes of this
	}
	return nil
}

const farewell = time.Second // for the server to answer QUIT

// client returns a client for one connection, made by dial.
func (s *Sender) client(dial smtp.DialContextFunc) (*smtp.Client, error) {
	o := s.options
	with := []smtp.Option{
		smtp.WithPort(o.Port), smtp.WithTLSConfig(s.tls()), smtp.WithTimeout(2 * o.Timeout), // the context ends first
		smtp.WithoutNoop(), smtp.WithoutRset(), smtp.WithoutSMTPUTF8(),
	}
	switch o.Encryption {
	case ImplicitTLS:
		with = append(with, smtp.WithSSL())
	case NoTLS:
		with = append(with, smtp.WithTLSPolicy(smtp.NoTLS))
	default:
		with = append(with, smtp.WithTLSPolicy(smtp.TLSMandatory))
	}
	if dial != nil {
		with = append(with, smtp.WithDialContextFunc(dial))
	}
	if o.Hello != "" {
		with = append(with, smtp.WithHELO(o.Hello))
	}
	if o.Username != "" {
		with = append(with, smtp.WithUsername(o.Username), smtp.WithPassword(string(o.Password)),
			smtp.WithOpportunisticSMTPAuth(smtp.SMTPAuthSCRAMSHA256, smtp.SMTPAuthPlain, smtp.SMTPAuthLogin))
	}
	return smtp.NewClient(o.Host, with...)
}

func (s *Sender) tls() *tls.Config {
	return &tls.Config{ServerName: s.options.Host, RootCAs: s.options.Roots, MinVersion: tls.VersionTLS12}
}

// wire is the connection of one mail, which breaks when its context ends: the client itself waits for deadlines alone.
type wire struct {
	ctx      context.Context
	implicit bool
	config   *tls.Config
	conn     net.Conn
	stop     func() bool
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.conn, w.stop = conn, context.AfterFunc(w.ctx, func() { conn.Close() })
	if !w.implicit {
		return conn, nil
	}
	encrypted := tls.Client(conn, w.config)
	return encrypted, encrypted.HandshakeContext(ctx)
}

// cut closes the connection, whatever state it is in.
func (w *wire) cut() {
	if w.conn != nil {
		w.stop()
		w.conn.Close()
	}
}

// inGreeting returns what went wrong before there was talk of a mail. An answer here is about the host, not the recipient.
func inGreeting(err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("the mail server answered %d before the mail was named: check its user name, password and rules for senders", answer.Code)
	}
	return fmt.Errorf("connect to the mail server: %w", err)
}

// inMail returns what went wrong with a mail.
func inMail(err error) error {
	var failed *smtp.SendError
	if !errors.As(err, &failed) {
		return errors.New("the mail was not sent")
	}
	part, code := parts[failed.Reason], failed.ErrorCode()
	if part == "" {
		part = "the mail"
	}
	if code == 0 {
		return fmt.Errorf("the connection to the mail server broke off at %s", part)
	}
	answer := fmt.Sprint(code)
	if more := failed.EnhancedStatusCode(); more != "" {
		answer += " " + more
	}
	if code < 500 || failed.Reason == smtp.ErrSMTPMailFrom {
		return fmt.Errorf("the mail server answered %s to %s", answer, part)
	}
	return fmt.Errorf("the mail server answered %s to %s: %w", answer, part, automation.ErrRefused)
}

// parts are what a mail is handed over in.
var parts = map[smtp.SendErrReason]string{
	smtp.ErrSMTPMailFrom: "the sender", smtp.ErrSMTPRcptTo: "the recipient", smtp.ErrSMTPData: "the message",
	smtp.ErrWriteContent: "the message", smtp.ErrSMTPDataClose: "the message",
}
