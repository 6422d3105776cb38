package email

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// Encryption is how the connection to the server is encrypted.
type Encryption int

// The ways of encryption.
const (
	StartTLS    Encryption = iota // begun by STARTTLS, without which nothing is sent (RFC 3207)
	ImplicitTLS                   // from the first byte on (RFC 8314)
	NoTLS                         // none: for a server on the same machine, and tests; a password is not sent to other machines
)

// Options configures a [Sender].
type Options struct {
	// Host is the server's name, which its certificate has to have too; there is no default.
	Host string
	// Port is the server's; default: 587, with ImplicitTLS 465, with NoTLS 25.
	Port int
	// Encryption is how the connection is encrypted; default: StartTLS.
	Encryption Encryption
	// Roots are the authorities that the server's certificate may be from; default: the machine's.
	Roots *x509.CertPool
	// Username and Password are shown to the server, by the best way that it offers of SCRAM, PLAIN and LOGIN; default:
	// none are.
	Username string
	Password Password
	// Hello is the name that this machine gives itself; default: its host name.
	Hello string
	// Timeout bounds the sending of one mail, from dialling on; default: 20 s.
	Timeout time.Duration

	// From is the sender, as name@example.com or Name <name@example.com>; there is no default.
	From string
	// ReplyTo is who gets the answers, in the same form; default: From.
	ReplyTo string
}

const defaultTimeout = 20 * time.Second

func (o Options) withDefaults() Options {
	ports := map[Encryption]int{StartTLS: 587, ImplicitTLS: 465, NoTLS: 25}
	o.Port = cmp.Or(o.Port, ports[o.Encryption])
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	return o
}

// check reports what cannot work, and returns From and ReplyTo.
func (o Options) check() (from, reply *mail.Address, err error) {
	switch {
	case o.Host == "":
		return nil, nil, errors.New("there is no Host: name the mail server")
	case o.Encryption < StartTLS || o.Encryption > NoTLS:
		return nil, nil, fmt.Errorf("option Encryption %d is unknown: use StartTLS, ImplicitTLS or NoTLS", o.Encryption)
	case o.Timeout < 0:
		return nil, nil, fmt.Errorf("option Timeout %v is negative: use a positive one", o.Timeout)
	case o.Username == "" && o.Password != "":
		return nil, nil, errors.New("there is a Password without a Username: set both or none")
	}
	if from, err = parse(o.From); err != nil {
		return nil, nil, fmt.Errorf("option From: %w", err)
	}
	if o.ReplyTo != "" {
		if reply, err = parse(o.ReplyTo); err != nil {
			return nil, nil, fmt.Errorf("option ReplyTo: %w", err)
		}
	}
	return from, reply, nil
}

// parse reads an address with or without a name.
func parse(text string) (*mail.Address, error) {
	a, err := mail.ParseAddress(text)
	if err == nil {
		err = checkAddress(a.Address)
	}
	if err != nil {
		return nil, fmt.Errorf("%.100q is no e-mail address that mail can be sent with: write it as name@example.com or Name <name@example.com>", text)
	}
	a.Name = person(a.Name)
	return a, nil
}

var (
	errForeign = errors.New("the address has characters other than ASCII, which this sender does not send to: use an address without")
	errAddress = errors.New("that is no e-mail address: write it as name@example.com")
)

// checkAddress reports an address that is not written in ASCII as name@example.com. What it says does not repeat the address.
func checkAddress(address string) error {
	if strings.ContainsFunc(address, func(c rune) bool { return c > 0x7f }) {
		return errForeign
	}
	a, err := mail.ParseAddress(address)
	if err != nil || a.Name != "" || a.Address != address || strings.ContainsAny(address, "[]") || len(address) > 254 {
		return errAddress
	}
	return nil
}
