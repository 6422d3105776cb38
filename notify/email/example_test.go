package email_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/mail"

	"github.com/emersion/go-smtp"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/notify/email"
)

// The built-in inviter of a host, and a mail server that shows what it gets.
func ExampleNewInviter() {
	listener, stop := mailServer()
	defer stop()
	sender, err := email.NewSender(email.Options{
		Host: "127.0.0.1", Port: listener.Port,
		Encryption: email.NoTLS, // for this example; by default nothing is sent without STARTTLS
		From:       "Acme Surveys <surveys@example.com>",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	inviter, err := email.NewInviter(sender, email.InviterOptions{
		Link: func(_ context.Context, i automation.Invitation) (string, error) {
			return "https://example.com/s/" + i.Survey, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = inviter.Invite(context.Background(), automation.Invitation{
		Run: "run_1", Account: "acct_1", Survey: "42", Recipient: "ann@example.org", FirstName: "Ann",
		Template: automation.Template{Subject: "One question, [first]", Text: "Tell us: [SURVEY_LINK]"},
		Fields:   map[string]json.RawMessage{"first": json.RawMessage(`"Ann"`)},
	})
	fmt.Println(err)
	// Output:
	// To: "Ann" <ann@example.org>
	// Subject: One question, Ann
	// Message-ID: <run_1@example.com>
	// <nil>
}

// mailServer starts a server that prints some fields of each mail.
func mailServer() (address *net.TCPAddr, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return printer{}, nil }))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	return listener.Addr().(*net.TCPAddr), func() {
		_ = server.Close()
		_ = listener.Close()
		<-done
	}
}

type printer struct{}

func (printer) Mail(string, *smtp.MailOptions) error { return nil }
func (printer) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (printer) Reset()                               {}
func (printer) Logout() error                        { return nil }

func (printer) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	for _, name := range []string{"To", "Subject", "Message-ID"} {
		fmt.Printf("%s: %s\n", name, m.Header.Get(name))
	}
	return nil
}
