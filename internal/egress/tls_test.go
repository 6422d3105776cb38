package egress

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// authority is a certificate authority that a test trusts.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a := authority{key: newKey(t), pool: x509.NewCertPool()}
	a.cert = parse(t, create(t, template, template, a.key, a.key))
	a.pool.AddCert(a.cert)
	return a
}

// issue returns a certificate for 127.0.0.1 and hooks.example, changed by edit.
func (a authority) issue(t *testing.T, edit func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "hooks.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"hooks.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if edit != nil {
		edit(template)
	}
	key := newKey(t)
	return tls.Certificate{Certificate: [][]byte{create(t, template, a.cert, key, a.key)}, PrivateKey: key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func create(t *testing.T, template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func parse(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// serveTLS answers 200 on a TLS port and returns its address.
func serveTLS(t *testing.T, config *tls.Config) string {
	return listen(t, "127.0.0.1", func(conn net.Conn) {
		secure := tls.Server(conn, config)
		if _, err := readRequest(bufio.NewReader(secure)); err == nil {
			io.WriteString(secure, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			secure.CloseWrite()
		}
	}).String()
}

// TestUnprovenReceiverIsRefused is ATTACKS 23.
func TestUnprovenReceiverIsRefused(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	key := newKey(t)
	self := &x509.Certificate{SerialNumber: big.NewInt(3), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	good := ca.issue(t, nil)
	for name, test := range map[string]struct {
		cert   tls.Certificate
		config *tls.Config
		want   error
	}{
		"trusted":         {good, &tls.Config{}, nil},
		"trusted, TLS1.2": {good, &tls.Config{MaxVersion: tls.VersionTLS12}, nil},
		"TLS 1.1":         {good, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, ErrTLS},
		"TLS 1.0":         {good, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, ErrTLS},
		"client needed":   {good, &tls.Config{ClientAuth: tls.RequireAnyClientCert}, ErrTLS},
		"expired":         {ca.issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), &tls.Config{}, ErrTLS},
		"not yet valid":   {ca.issue(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }), &tls.Config{}, ErrTLS},
		"wrong host": {ca.issue(t, func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = []string{"other.example", "\x1b[2J"}, []net.IP{net.IPv4(127, 0, 0, 9)}
		}), &tls.Config{}, ErrTLS},
		"client's key use":  {ca.issue(t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), &tls.Config{}, ErrTLS},
		"unknown authority": {stranger.issue(t, nil), &tls.Config{}, ErrTLS},
		"self-signed":       {tls.Certificate{Certificate: [][]byte{create(t, self, self, key, key)}, PrivateKey: key}, &tls.Config{}, ErrTLS},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.Certificates = []tls.Certificate{test.cert}
			c := newClient(t, Options{AllowNetworks: loopback, RootCAs: ca.pool, resolver: resolve(t, always("127.0.0.1"))})
			to := serveTLS(t, test.config)
			_, port, _ := net.SplitHostPort(to)
			for _, host := range []string{"127.0.0.1", "hooks.example", "HOOKS.example."} {
				got, err := c.Post(t.Context(), Request{URL: fmt.Sprintf("https://%s:%s/", host, port), Body: []byte("{}"), Timeout: patient})
				if !errors.Is(err, test.want) {
					t.Errorf("%s: got %d, %v; want %v", host, got.Status, err, test.want)
				}
				if err != nil && host != "127.0.0.1" {
					mustBePresentable(t, err)
				}
			}
		})
	}
}

func TestHTTP2IsNotSpoken(t *testing.T) {
	ca := newAuthority(t)
	proto := ""
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { proto = r.Proto }))
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.issue(t, nil)}}
	server.StartTLS()
	defer server.Close()
	c := newClient(t, Options{AllowNetworks: loopback, RootCAs: ca.pool})
	got, err := c.Post(t.Context(), Request{URL: server.URL, Body: []byte("{}"), Timeout: patient})
	if err != nil || got.Status != 200 || proto != "HTTP/1.1" {
		t.Errorf("got %d by %s, %v; want 200 by HTTP/1.1", got.Status, proto, err)
	}
}

func TestHangUpDuringHandshakeIsATLSFailure(t *testing.T) {
	to := listen(t, "127.0.0.1", func(conn net.Conn) { conn.Read(make([]byte, 1000)) })
	c := newClient(t, Options{AllowNetworks: loopback})
	_, err := c.Post(t.Context(), Request{URL: "https://" + to.String(), Timeout: patient})
	if !errors.Is(err, ErrTLS) {
		t.Errorf("got %v; want %v", err, ErrTLS)
	}
}
