package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/notify/email"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

const (
	account = "acct_1"
	survey  = "sv_42"
	delay   = 500 * time.Millisecond // of the invitations; a customer would choose days
)

// host is a service with Tenterhook inside.
type host struct {
	*webhook.Dispatcher
	store  *sqlite.Store
	post   *postOffice
	people directory
	folder string
	url    string // of its HTTP server
	server *http.Server
	stop   context.CancelFunc
	done   []chan error
}

// open starts everything; what it started, close ends.
func open(ctx context.Context, s settings) (_ *host, err error) {
	h := &host{stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.folder, err = os.MkdirTemp("", "incoming-"); err != nil {
		return nil, fmt.Errorf("make temporary folder: %w: see that %q exists and may be written", err, os.TempDir())
	}
	if h.store, err = sqlite.Open(ctx, filepath.Join(h.folder, "tenterhook.db")); err != nil {
		return nil, err
	}
	if h.people, err = openDirectory(ctx, s, filepath.Join(h.folder, "service.db")); err != nil {
		return nil, err
	}
	if h.post, err = openPostOffice(ctx); err != nil {
		return nil, err
	}
	inviter, err := h.inviter()
	if err != nil {
		return nil, err
	}
	h.Dispatcher, err = webhook.NewDispatcher(h.store, webhook.Options{
		Inviter: inviter, Respondents: h.people, Variables: variables,
		Log: slog.New(slog.DiscardHandler), // the show prints what it has to
	})
	if err != nil {
		return nil, err
	}
	return h, h.start(ctx)
}

// inviter sends invitations by e-mail, over a mail server on this machine.
func (h *host) inviter() (webhook.Inviter, error) {
	sender, err := email.NewSender(email.Options{
		Host: "127.0.0.1", Port: h.post.port, Encryption: email.NoTLS, From: "Acme Surveys <surveys@example.com>",
	})
	if err != nil {
		return nil, err
	}
	return email.NewInviter(sender, email.InviterOptions{
		Link: func(_ context.Context, i automation.Invitation) (string, error) {
			if i.Survey != survey {
				return "", fmt.Errorf("%w: there is no survey %q", automation.ErrRefused, i.Survey)
			}
			return "https://surveys.example.com/" + i.Survey, nil // with a token of the respondent's, in a real service
		},
	})
}

// start runs the dispatcher and the HTTP server.
func (h *host) start(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/in/", webhook.NewReceiver(h.Dispatcher, webhook.ReceiverOptions{}))
	mux.Handle("/webhooks/", webhook.NewURLReceiver(h.Dispatcher, webhook.ReceiverOptions{}))
	h.url = "http://" + listener.Addr().String()
	h.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ctx, h.stop = context.WithCancel(ctx)
	for _, serve := range []func() error{
		func() error { return h.Run(ctx) },
		func() error {
			if err := h.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		},
	} {
		done := make(chan error, 1)
		h.done = append(h.done, done)
		go func() { done <- serve() }()
	}
	return nil
}

// close takes no more requests, waits for the attempts under way, then closes what they need.
func (h *host) close() error {
	var errs []error
	if h.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		errs = append(errs, h.server.Shutdown(ctx))
	}
	h.stop()
	for _, done := range h.done {
		errs = append(errs, <-done)
	}
	if h.post != nil {
		errs = append(errs, h.post.close())
	}
	if h.people != nil {
		errs = append(errs, h.people.close())
	}
	if h.store != nil {
		errs = append(errs, h.store.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(h.folder))...)
}

// variables are those of the service's surveys: here one, which the customer's automation fills in.
func variables(context.Context, string, string) ([]labels.Variable, error) {
	return []labels.Variable{{ID: "total", Kind: labels.Background, Name: "Order total"}}, nil
}

// customers returns the automation that a customer has made: who ordered for more than 20 is asked how it was.
func customers(secret signature.Secret) automation.Automation {
	return automation.Automation{
		Account: account, Name: "Ask after an order",
		Trigger: automation.Trigger{
			Survey: survey,
			Filter: &automation.Condition{Field: "total", Op: automation.Greater, Value: json.Number("20")},
			Incoming: &automation.Incoming{
				Fields: []automation.Field{
					{Name: "contact.email", Type: automation.TypeEmail, Required: true},
					{Name: "contact.first_name", Type: automation.TypeText},
					{Name: "total", Type: automation.TypeNumber, Required: true, Variable: "total"},
				},
				Secrets: automation.Secrets{secret},
			},
		},
		Actions: []automation.Action{{Delay: delay, Invite: &automation.Invite{
			Recipient: "contact.email", FirstName: "contact.first_name",
			Template: automation.Template{
				Subject: "[contact.first_name], how was it?",
				Text:    "Dear [contact.first_name],\n\nyou ordered for [total]. Tell us how it was:\n[SURVEY_LINK]\n",
			},
		}}},
	}
}
