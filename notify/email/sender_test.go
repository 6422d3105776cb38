package email

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/tenterhook/tenterhook/automation"
)

func toAnn() Message {
	return Message{ID: "run_1", To: "ann.canary@example.com", Name: "Ann Canary", Subject: "Hello", Text: "Hello Ann"}
}

func TestMailArrivesOverEachEncryption(t *testing.T) {
	for _, e := range []Encryption{StartTLS, ImplicitTLS, NoTLS} {
		for _, user := range []string{"", userName} {
			var srv server
			o := srv.start(t, e)
			if o.Username = user; user != "" {
				o.Password = password
			}
			if err := newSender(t, o).Send(t.Context(), toAnn()); err != nil {
				t.Errorf("encryption %d, user %q: %v", e, user, err)
				continue
			}
			got := srv.got()
			if len(got) != 1 {
				t.Fatalf("%d mails arrived, want 1", len(got))
			}
			m := got[0]
			if m.from != "desk@example.org" || m.to != "ann.canary@example.com" || m.user != user || m.encrypted != (e != NoTLS) {
				t.Errorf("encryption %d: from %q to %q by %q, encrypted: %v", e, m.from, m.to, m.user, m.encrypted)
			}
		}
	}
}

// Without encryption that was asked for, the server learns nothing.
func TestNothingIsSentWithoutTheEncryptionAskedFor(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"no STARTTLS":       func(*Options) {},
		"no TLS":            func(o *Options) { o.Encryption = ImplicitTLS },
		"unknown authority": nil,
		"another host":      nil,
	} {
		srv := server{on: func(step string) error { t.Errorf("%s: got as far as %s", name, step); return nil }}
		var o Options
		switch name {
		case "unknown authority":
			o = srv.start(t, StartTLS)
			o.Roots = nil
		case "another host":
			o = srv.start(t, StartTLS)
			o.Host = "localhost" // the certificate is for 127.0.0.1
		default:
			o = srv.start(t, NoTLS)
			o.Encryption = StartTLS
			change(&o)
		}
		o.Username, o.Password, o.Timeout = userName, password, 5*time.Second
		err := newSender(t, o).Send(t.Context(), toAnn())
		if err == nil || errors.Is(err, automation.ErrRefused) || strings.Contains(err.Error(), "anary") {
			t.Errorf("%s: error %v, want one that may go well later", name, err)
		}
	}
}

func TestPasswordIsNotSentInTheClearToOtherMachines(t *testing.T) {
	srv := scripted{answers: []string{"220 there", "250-there\r\n250 AUTH PLAIN LOGIN", "235 welcome"}}
	o := srv.start(t)
	o.Username, o.Password = userName, password
	w := wire{ctx: t.Context()}
	s := newSender(t, o)
	s.options.Host = "mail.example.com" // what it is called decides, wherever it is
	client, err := s.client((&redirected{port: o.Port, wire: &w}).dial)
	if err != nil {
		t.Fatal(err)
	}
	defer w.cut()
	if _, err := client.DialToSMTPClientWithContext(t.Context()); err == nil || !strings.Contains(err.Error(), "unencrypted") {
		t.Errorf("error %v, want one that says that the connection is not encrypted", err)
	}
}

// redirected dials loopback, whatever the address.
type redirected struct {
	port int
	wire *wire
}

func (r *redirected) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return r.wire.dial(ctx, network, net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)))
}

func TestWrongPasswordIsNoRefusalOfTheMail(t *testing.T) {
	var srv server
	o := srv.start(t, StartTLS)
	o.Username, o.Password = userName, "canary-of-another"
	err := newSender(t, o).Send(t.Context(), toAnn())
	if err == nil || errors.Is(err, automation.ErrRefused) || strings.Contains(err.Error(), "anary") || strings.Contains(err.Error(), userName+" ") {
		t.Errorf("error %v, want one that may go well later and tells no secret", err)
	}
	if !strings.Contains(fmt.Sprint(err), "password") {
		t.Errorf("error %q does not say what to check", err)
	}
}

// I5: what the server answers for good to the recipient or the message is final; the rest may go well later. No error names
// the recipient, as servers do.
func TestAnswersDecideWhetherTheMailIsRefused(t *testing.T) {
	for _, tt := range []struct {
		step    string
		code    int
		refused bool
		says    string
	}{
		{"RCPT", 550, true, "550 5.1.1 to the recipient"}, {"RCPT", 553, true, "553"}, {"RCPT", 450, false, "450 4.1.1 to the recipient"},
		{"RCPT", 421, false, "421"}, {"DATA", 554, true, "554 5.1.1 to the message"}, {"DATA", 451, false, "451 4.1.1 to the message"},
		{"DATA", 552, true, "552"}, {"MAIL", 550, false, "550 5.1.1 to the sender"}, {"MAIL", 451, false, "451"},
	} {
		srv := server{on: func(step string) error {
			if step != tt.step {
				return nil
			}
			return &smtp.SMTPError{Code: tt.code, EnhancedCode: smtp.EnhancedCode{tt.code / 100, 1, 1}, Message: "<ann.canary@example.com> Ann Canary: no"}
		}}
		err := newSender(t, srv.start(t, StartTLS)).Send(t.Context(), toAnn())
		if err == nil || errors.Is(err, automation.ErrRefused) != tt.refused || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%d at %s: error %v, want one that says %q, refused: %v", tt.code, tt.step, err, tt.says, tt.refused)
		}
		if strings.Contains(strings.ToLower(fmt.Sprintf("%+v", err)), "canary") {
			t.Errorf("%d at %s: the error names the recipient: %v", tt.code, tt.step, err)
		}
		if n := len(srv.got()); n > 0 {
			t.Errorf("%d at %s: %d mails were taken on", tt.code, tt.step, n)
		}
	}
}

const (
	greeting = "220 there"
	hello    = "250 there"
	fine     = "250 fine"
	goAhead  = "354 go ahead"
)

// A server that falls silent anywhere is left when the context or the time for a mail ends.
func TestSilentServerIsLeft(t *testing.T) {
	script := []string{greeting, hello, fine, fine, goAhead}
	for n := range len(script) + 1 {
		srv := scripted{answers: script[:n], silent: true}
		o := srv.start(t)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := newSender(t, o).Send(ctx, toAnn()); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, automation.ErrRefused) {
			t.Errorf("silent after %q: error %v, want context.DeadlineExceeded", script[:n], err)
		}
		cancel()
		o.Timeout = 50 * time.Millisecond
		if err := newSender(t, o).Send(t.Context(), toAnn()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("silent after %q: error %v, want context.DeadlineExceeded by Timeout", script[:n], err)
		}
	}
}

func TestNothingIsDialledUnderAContextThatHasEnded(t *testing.T) {
	srv := server{on: func(step string) error { t.Errorf("got as far as %s", step); return nil }}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newSender(t, srv.start(t, NoTLS)).Send(ctx, toAnn()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// A server that dies may have taken the mail on: it is sent again, and is the same mail to whoever reads both.
func TestServerThatDiesIsTriedAgainWithTheSameMessageID(t *testing.T) {
	for name, script := range map[string][]string{
		"at once":            {},
		"after hello":        {greeting, ""},
		"before the message": {greeting, hello, fine, fine, ""},
		"in the message":     {greeting, hello, fine, fine, goAhead, breakOff},
		"after the message":  {greeting, hello, fine, fine, goAhead, ""},
	} {
		srv := scripted{answers: script}
		m := toAnn()
		m.Text = strings.Repeat("All the words of a long message, which is more than one packet.\n", 20_000)
		err := newSender(t, srv.start(t)).Send(t.Context(), m)
		if err == nil || errors.Is(err, automation.ErrRefused) || strings.Contains(err.Error(), "canary") {
			t.Errorf("died %s: error %v, want one that may go well later", name, err)
		}
		if name != "after the message" {
			continue
		}
		var well server
		if err := newSender(t, well.start(t, NoTLS)).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		first, second := messageIDs(srv.messages[0]), messageIDs(string(well.got()[0].raw))
		if len(first) != 1 || len(second) != 1 || first[0] != second[0] || first[0] != "<run_1@example.org>" {
			t.Errorf("Message-IDs of two attempts: %q and %q", first, second)
		}
	}
}

var idField = regexp.MustCompile(`(?mi)^Message-ID: (.*?)\r?$`)

func messageIDs(raw string) (ids []string) {
	for _, m := range idField.FindAllStringSubmatch(raw, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

// Once the server has taken a mail on, nothing that follows makes it fail, or it would be sent twice.
func TestMailThatWasTakenOnIsSent(t *testing.T) {
	for _, last := range []string{"", "500 what?", "421 bye"} {
		srv := scripted{answers: []string{greeting, hello, fine, fine, goAhead, fine, last}}
		if err := newSender(t, srv.start(t)).Send(t.Context(), toAnn()); err != nil {
			t.Errorf("after QUIT was answered with %q: %v", last, err)
		}
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	good := Options{Host: "mail.example.com", From: "desk@example.org"}
	if _, err := NewSender(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Options){
		"Host":       func(o *Options) { o.Host = "" },
		"Encryption": func(o *Options) { o.Encryption = 3 },
		"Timeout":    func(o *Options) { o.Timeout = -1 },
		"Username":   func(o *Options) { o.Password = "x" },
		"port":       func(o *Options) { o.Port = 70000 },
		"From":       func(o *Options) { o.From = "desk" },
		"From: \"\"": func(o *Options) { o.From = "" },
		"From: \"d":  func(o *Options) { o.From = "d\u00e9sk@example.org" },
		"ReplyTo":    func(o *Options) { o.ReplyTo = "a@example.org, b@example.org" },
	} {
		o := good
		change(&o)
		if _, err := NewSender(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
}

func TestDefaultsAreAsDocumented(t *testing.T) {
	for e, port := range map[Encryption]int{StartTLS: 587, ImplicitTLS: 465, NoTLS: 25} {
		s := newSender(t, Options{Host: "mail.example.com", From: "desk@example.org", Encryption: e})
		if s.options.Port != port || s.options.Timeout != 20*time.Second {
			t.Errorf("encryption %d: port %d, timeout %v", e, s.options.Port, s.options.Timeout)
		}
	}
}
