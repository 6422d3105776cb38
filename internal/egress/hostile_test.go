package egress

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shortly is a timeout that a test expects to pass.
const shortly = 400 * time.Millisecond

// maxMemory is what sender and receiver together may allocate for one hostile answer.
const maxMemory = 4 << 20

func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestMalformedAnswerIsAFailure is ATTACKS 16, 17 and 19.
func TestMalformedAnswerIsAFailure(t *testing.T) {
	const line = "HTTP/1.1 200 OK\r\n"
	for name, test := range map[string]struct {
		serve   func(net.Conn)
		timeout time.Duration
		want    error
	}{
		"endless headers":          {repeat(line, "X-A: b\r\n"), patient, ErrProtocol},
		"endless distinct headers": {repeat(line, distinctHeaders()), patient, ErrProtocol},
		"endless header line":      {repeat(line+"X-A: ", strings.Repeat("a", 8192)), patient, ErrProtocol},
		"endless status line":      {repeat("HTTP/1.1 200 ", strings.Repeat("a", 8192)), patient, ErrProtocol},
		"1xx flood":                {repeat("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), patient, ErrProtocol},
		"two lengths":              {answer(line + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), patient, ErrProtocol},
		"negative length":          {answer(line + "Content-Length: -1\r\n\r\n"), patient, ErrProtocol},
		"huge length":              {answer(line + "Content-Length: 99999999999999999999\r\n\r\n"), patient, ErrProtocol},
		"unknown coding":           {answer(line + "Transfer-Encoding: gzip\r\n\r\n"), patient, ErrProtocol},
		"101":                      {answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), patient, ErrProtocol},
		"101 without upgrade":      {answer("HTTP/1.1 101 Switching Protocols\r\n\r\n"), patient, ErrProtocol},
		"status 999":               {answer("HTTP/1.1 999 What\r\nContent-Length: 2\r\n\r\nab"), patient, ErrProtocol},
		"status 600":               {answer("HTTP/1.1 600 What\r\n\r\n"), patient, ErrProtocol},
		"status 000":               {answer("HTTP/1.1 000 What\r\n\r\n"), patient, ErrProtocol},
		"status 0200":              {answer("HTTP/1.1 0200 OK\r\n\r\n"), patient, ErrProtocol},
		"status -20":               {answer("HTTP/1.1 -20 OK\r\n\r\n"), patient, ErrProtocol},
		"HTTP/0.9":                 {answer("<html>hello</html>"), patient, ErrProtocol},
		"HTTP/9":                   {answer("HTTP/9 200 OK\r\n\r\n"), patient, ErrProtocol},
		"HTTP/2 preface":           {answer("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00d"), patient, ErrProtocol},
		"TLS bytes":                {answer("\x15\x03\x01\x00\x02\x02\x16"), patient, ErrProtocol},
		"escape sequences":         {answer("\x1b[2J\x1b]0;owned\x07\r\n\r\n"), patient, ErrProtocol},
		"header without colon":     {answer(line + "nonsense\x1b[31m\r\n\r\n"), patient, ErrProtocol},
		"header with NUL":          {answer(line + "X: \x00\r\n\r\n"), patient, ErrProtocol},
		"folded header":            {answer(line + " X: a\r\n\r\n"), patient, ErrProtocol},
		"nothing":                  {answer(""), patient, ErrConnect},
		"half a status line":       {answer("HTTP/1.1 20"), patient, ErrProtocol},
		"half a header":            {answer(line + "X: a"), patient, ErrConnect},
		"1xx and nothing":          {answer("HTTP/1.1 100 Continue\r\n\r\n"), patient, ErrConnect},
		"silence":                  {func(c net.Conn) { io.Copy(io.Discard, c) }, shortly, ErrTimeout},
		"slow status line":         {drip("HTTP/1.1 200 ", "O"), shortly, ErrTimeout},
		"slow header":              {drip(line, "X: a\r\n"), shortly, ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			to := listen(t, "127.0.0.1", test.serve)
			c := newClient(t, Options{AllowNetworks: loopback})
			var err error
			used := allocated(func() {
				_, err = c.Post(t.Context(), Request{URL: "http://" + to.String(), Body: []byte("{}"), Timeout: test.timeout})
			})
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v; want %v", err, test.want)
			}
			mustBePresentable(t, err)
			if used > maxMemory {
				t.Errorf("%d bytes were allocated; want at most %d", used, maxMemory)
			}
		})
	}
}

func distinctHeaders() string {
	var b strings.Builder
	for i := range 20_000 {
		b.WriteString(strconv.FormatInt(int64(i), 36) + ":\r\n")
	}
	return b.String()
}

// mustBePresentable fails if err may not be shown to a customer or written to a log as it is: log injection through
// net/textproto's errors is CVE-2026-42507.
func mustBePresentable(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if strings.Contains(text, "127.0.0.1") {
		t.Errorf("error %q holds an address", text)
	}
	if len(text) > 1500 || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		t.Errorf("error %q (%d bytes) is not one short printable line", text, len(text))
	}
}

// TestBrokenBodyLeavesTheStatus is ATTACKS 17, 18 and 19: once a status line arrived, sending again would make a duplicate.
func TestBrokenBodyLeavesTheStatus(t *testing.T) {
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, test := range map[string]struct {
		serve   func(net.Conn)
		timeout time.Duration
		status  int
		body    string
		want    error
	}{
		"closed early":       {answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"), patient, 200, "abc", ErrConnect},
		"closed in a chunk":  {answer(chunked + "5\r\nab"), patient, 200, "ab", ErrConnect},
		"no last chunk":      {answer(chunked + "2\r\nab\r\n"), patient, 200, "ab", ErrConnect},
		"overflowing chunk":  {answer(chunked + "fffffffffffffffff\r\nab"), patient, 200, "", ErrProtocol},
		"chunk of nonsense":  {answer(chunked + "2\r\nab\r\n\x1b[2J\r\n"), patient, 200, "ab", ErrProtocol},
		"chunk too long":     {answer(chunked + "2\r\nabcd\r\n0\r\n\r\n"), patient, 200, "ab", ErrProtocol},
		"dripping":           {drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc", " "), shortly, 200, "abc", ErrTimeout},
		"dripping failure":   {drip("HTTP/1.1 503 Busy\r\nRetry-After: 9\r\nContent-Length: 100000\r\n\r\nabc", " "), shortly, 503, "abc", ErrTimeout},
		"whole until closed": {answer("HTTP/1.1 200 OK\r\n\r\nabc"), patient, 200, "abc", nil},
		"204 with a body":    {answer("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"), patient, 204, "", nil},
		"1xx first":          {answer("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 410 Gone\r\nContent-Length: 3\r\n\r\nabc"), patient, 410, "abc", nil},
	} {
		t.Run(name, func(t *testing.T) {
			to := listen(t, "127.0.0.1", test.serve)
			c := newClient(t, Options{AllowNetworks: loopback})
			got, err := c.Post(t.Context(), Request{URL: "http://" + to.String(), Body: []byte("{}"), Timeout: test.timeout})
			if err != nil || got.Status != test.status {
				t.Fatalf("got %d, %v; want %d", got.Status, err, test.status)
			}
			if !errors.Is(got.BodyErr, test.want) || !strings.HasPrefix(string(got.Body), test.body) {
				t.Errorf("got body %q, %v; want %q, %v", got.Body, got.BodyErr, test.body, test.want)
			}
			if got.BodyErr != nil {
				mustBePresentable(t, got.BodyErr)
			}
		})
	}
}

// TestHugeBodyIsCut is ATTACKS 20.
func TestHugeBodyIsCut(t *testing.T) {
	for name, first := range map[string]string{
		"10 GB":         "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n",
		"until closed":  "HTTP/1.1 200 OK\r\n\r\n",
		"not so zipped": "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			to := listen(t, "127.0.0.1", repeat(first, strings.Repeat("a", 64<<10)))
			c := newClient(t, Options{AllowNetworks: loopback})
			var got Response
			used := allocated(func() {
				var err error
				if got, err = c.Post(t.Context(), Request{URL: "http://" + to.String(), Body: []byte("{}"), Timeout: patient}); err != nil {
					t.Fatal(err)
				}
			})
			if len(got.Body) != maxBodyKept || !got.Truncated || got.BodyErr != nil {
				t.Errorf("got %d bytes, truncated %v, %v; want %d bytes, truncated", len(got.Body), got.Truncated, got.BodyErr, maxBodyKept)
			}
			if used > maxMemory {
				t.Errorf("%d bytes were allocated; want at most %d", used, maxMemory)
			}
		})
	}
}

func TestCompressedBodyIsKeptAsItCame(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(make([]byte, 10<<20))
	z.Close()
	to := listen(t, "127.0.0.1", answer(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", bomb.Len(), bomb.Bytes())))
	c := newClient(t, Options{AllowNetworks: loopback})
	got, err := c.Post(t.Context(), Request{URL: "http://" + to.String(), Body: []byte("{}"), Timeout: patient})
	if err != nil || !bytes.Equal(got.Body, bomb.Bytes()[:min(bomb.Len(), maxBodyKept)]) {
		t.Errorf("got %d bytes, %v; want the %d compressed ones", len(got.Body), err, bomb.Len())
	}
}

// counted is a body that knows how much of it was read.
type counted struct {
	left, read int
}

func (c *counted) Read(p []byte) (int, error) {
	n := min(len(p), c.left)
	c.left -= n
	c.read += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (*counted) Close() error { return nil }

func TestBodyIsReadToItsCaps(t *testing.T) {
	for size, want := range map[int]struct {
		kept, read int
		truncated  bool
	}{
		0:               {0, 0, false},
		1:               {1, 1, false},
		maxBodyKept - 1: {maxBodyKept - 1, maxBodyKept - 1, false},
		maxBodyKept:     {maxBodyKept, maxBodyKept, false},
		maxBodyKept + 1: {maxBodyKept, maxBodyKept + 1, true},
		maxBodyRead:     {maxBodyKept, maxBodyRead, true},
		maxBodyRead + 1: {maxBodyKept, maxBodyRead, true},
		1 << 30:         {maxBodyKept, maxBodyRead, true},
	} {
		body := &counted{left: size}
		got := read(t.Context(), &http.Response{StatusCode: 200, Body: body})
		if len(got.Body) != want.kept || got.Truncated != want.truncated || body.read != want.read || got.BodyErr != nil {
			t.Errorf("body of %d bytes: kept %d, read %d, truncated %v, %v; want %+v", size, len(got.Body), body.read, got.Truncated, got.BodyErr, want)
		}
	}
}

func TestModerateBodyKeepsTheConnection(t *testing.T) {
	dials := 0
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, maxBodyRead-1)) })}
	server.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			dials++ // one at a time: no two connections are open at once unless the test fails
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	c := newClient(t, Options{AllowNetworks: loopback})
	for range 3 {
		if _, err := c.Post(t.Context(), Request{URL: "http://" + l.Addr().String(), Body: []byte("{}"), Timeout: patient}); err != nil {
			t.Error(err)
		}
	}
	server.Close()
	<-served
	if dials != 1 {
		t.Errorf("three requests took %d connections; want 1", dials)
	}
}

func TestLargeHeaderIsCut(t *testing.T) {
	h := http.Header{"Retry-After": {"7"}, "A": {strings.Repeat("a", maxHeaderKept)}, "Set-Cookie": {"x=1", "y=2"}}
	for i := range 2000 {
		h.Set(fmt.Sprintf("B%04d", i), "0123456789")
	}
	got := capHeader(h)
	size := 0
	for name, values := range got {
		for _, v := range values {
			size += headerSize(name, v)
		}
	}
	if size > maxHeaderKept || size < maxHeaderKept-100 {
		t.Errorf("kept %d bytes; want nearly %d", size, maxHeaderKept)
	}
	if got.Get("Retry-After") != "7" || got.Get("B0000") == "" || got["A"] != nil {
		t.Errorf("kept Retry-After %q, B0000 %q and %d values of A", got.Get("Retry-After"), got.Get("B0000"), len(got["A"]))
	}
	small := http.Header{"A": {"1", "2"}}
	if got := capHeader(small); len(got["A"]) != 2 {
		t.Errorf("a small header became %v", got)
	}
}

// TestTLSAndPlainDoNotMix is ATTACKS 19: neither way is there a fallback.
func TestTLSAndPlainDoNotMix(t *testing.T) {
	ca := newAuthority(t)
	secure := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, nil)}})
	plain := listen(t, "127.0.0.1", func(conn net.Conn) {
		conn.Read(make([]byte, 1000))
		io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	c := newClient(t, Options{AllowNetworks: loopback, RootCAs: ca.pool})
	if got, err := c.Post(t.Context(), Request{URL: "http://" + secure, Timeout: patient}); err == nil && got.Status/100 == 2 {
		t.Errorf("http to a TLS port: got %d; want a failure", got.Status)
	}
	if _, err := c.Post(t.Context(), Request{URL: "https://" + plain.String(), Timeout: patient}); !errors.Is(err, ErrTLS) {
		t.Errorf("https to a plain port: got %v; want %v", err, ErrTLS)
	}
}
