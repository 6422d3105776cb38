package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"

	"github.com/emersion/go-smtp"
)

// postOffice is an SMTP server on this machine.
type postOffice struct {
	port   int
	mails  chan letter
	server *smtp.Server
	done   chan error
}

// letter is a mail as a person reads it.
type letter struct{ to, subject, text string }

func openPostOffice(ctx context.Context) (*postOffice, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &postOffice{port: listener.Addr().(*net.TCPAddr).Port, mails: make(chan letter, 100), done: make(chan error, 1)}
	p.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{p}, nil }))
	p.server.Domain = "localhost"
	go func() { p.done <- p.server.Serve(listener) }()
	return p, nil
}

func (p *postOffice) close() error {
	err := p.server.Close()
	if end := <-p.done; !errors.Is(end, smtp.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// session is one connection to the post office.
type session struct{ office *postOffice }

func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Reset()                               {}
func (session) Logout() error                        { return nil }

func (s session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := readLetter(raw)
	if err != nil {
		return err
	}
	select {
	case s.office.mails <- l:
		return nil
	default:
		return errors.New("the mailbox is full")
	}
}

// readLetter reads a mail up to its first part, which is the plain text.
func readLetter(raw []byte) (l letter, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return l, err
	}
	l.to = m.Header.Get("To")
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return l, err
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	if err != nil {
		return l, err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	l.text = string(text)
	return l, err
}
