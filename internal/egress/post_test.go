package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRequestArrivesAsGiven(t *testing.T) {
	type arrived struct {
		Method, URI, Host, Body string
		Length                  int64
		Coding                  []string
		Header                  http.Header
	}
	var got arrived
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = arrived{r.Method, r.RequestURI, r.Host, string(body), r.ContentLength, r.TransferEncoding, r.Header}
		w.Header()["Date"] = nil
		w.Header().Set("X-Answer", "yes")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "thanks")
	}))
	defer server.Close()
	c := newClient(t, Options{AllowNetworks: loopback})
	for _, body := range []string{`{"a":1,"a":1e308}`, ""} {
		header := http.Header{"User-Agent": {"Tenterhook"}, "Webhook-Id": {"run_1"}}
		response, err := c.Post(t.Context(), Request{URL: server.URL + "/a%2Fb?q=%20", Header: header, Body: []byte(body), Timeout: patient})
		if err != nil {
			t.Fatal(err)
		}
		header.Set("Content-Length", fmt.Sprint(len(body)))
		want := arrived{"POST", "/a%2Fb?q=%20", strings.TrimPrefix(server.URL, "http://"), body, int64(len(body)), nil, header}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
		wantResponse := Response{Status: 202, Body: []byte("thanks"), Header: http.Header{
			"X-Answer": {"yes"}, "Content-Length": {"6"}, "Content-Type": {"text/plain; charset=utf-8"},
		}}
		if diff := cmp.Diff(wantResponse, response); diff != "" {
			t.Errorf("response (-want +got):\n%s", diff)
		}
	}
}

// TestKilledConnectionNeverRepeatsARequest answers one request and ends the kept-alive connection in the middle of the
// next. net/http would send that one again if it took it for repeatable, which an idempotency key makes it.
func TestKilledConnectionNeverRepeatsARequest(t *testing.T) {
	for name, linger := range map[string]int{"closed": -1, "reset": 0} {
		for _, body := range []string{"{}", ""} {
			t.Run(fmt.Sprintf("%s with %d bytes", name, len(body)), func(t *testing.T) {
				var requests atomic.Int64
				to := listen(t, "127.0.0.1", func(conn net.Conn) {
					conn.(*net.TCPConn).SetLinger(linger)
					for r := bufio.NewReader(conn); ; {
						if _, err := readRequest(r); err != nil || requests.Add(1) > 1 {
							return
						}
						io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
					}
				})
				c := newClient(t, Options{AllowNetworks: loopback})
				r := Request{
					URL: "http://" + to.String(), Body: []byte(body), Timeout: patient,
					Header: http.Header{"Idempotency-Key": {"a"}, "X-Idempotency-Key": {"a"}},
				}
				if got, err := c.Post(t.Context(), r); err != nil || got.Status != 204 {
					t.Fatalf("first Post: got %d, %v; want 204", got.Status, err)
				}
				if _, err := c.Post(t.Context(), r); !errors.Is(err, ErrConnect) {
					t.Errorf("second Post: got %v; want %v", err, ErrConnect)
				}
				if got := requests.Load(); got != 2 {
					t.Errorf("the receiver saw %d requests of 2 calls", got)
				}
				if len(r.Header) != 2 || r.Header.Get("Idempotency-Key") != "a" {
					t.Errorf("the caller's header became %v", r.Header)
				}
			})
		}
	}
}

// TestRedirectIsNotFollowed is O8 and ATTACKS 9.
func TestRedirectIsNotFollowed(t *testing.T) {
	bird := loopbackCanary(t)
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for _, location := range []string{"http://" + bird.addr.String(), "http://169.254.169.254/", "http://[::1", "%zz", "", "\x1b[31m"} {
			to := listen(t, "127.0.0.1", answer(fmt.Sprintf("HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", status, location)))
			c := newClient(t, Options{AllowNetworks: loopback})
			got, err := c.Post(t.Context(), Request{URL: "http://" + to.String(), Body: []byte("{}"), Timeout: patient})
			if location == "\x1b[31m" && errors.Is(err, ErrProtocol) {
				continue // not a header value; refusing the answer is as good
			}
			if err != nil || got.Status != status || got.Header.Get("Location") != location {
				t.Errorf("%d to %q: got %d, %q, %v", status, location, got.Status, got.Header.Get("Location"), err)
			}
		}
	}
	bird.mustBeAlone(t)
}

// TestProxyOfTheEnvironmentIsIgnored is ATTACKS 10. TestMain has named a proxy that is not there, and net/http would
// use one for this name, though not for a loopback address.
func TestProxyOfTheEnvironmentIsIgnored(t *testing.T) {
	to := listen(t, "127.0.0.1", answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	c := newClient(t, Options{AllowNetworks: loopback, resolver: resolve(t, always("127.0.0.1"))})
	got, err := c.Post(t.Context(), Request{URL: fmt.Sprintf("http://hooks.example:%d/", to.Port), Body: []byte("{}"), Timeout: patient})
	if err != nil || got.Status != 200 {
		t.Errorf("got %d, %v; want 200", got.Status, err)
	}
}

// TestIdleConnectionsServeTheNextRound sends twice as many requests at once as net/http keeps connections for by itself.
func TestIdleConnectionsServeTheNextRound(t *testing.T) {
	const atOnce, rounds = 4, 3
	var connections atomic.Int64
	var arrived sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived.Done()
		arrived.Wait() // so that each request of a round needs a connection of its own
		w.WriteHeader(http.StatusNoContent)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := newClient(t, Options{AllowNetworks: loopback, Idle: atOnce})
	for range rounds {
		arrived.Add(atOnce)
		var posts sync.WaitGroup
		for range atOnce {
			posts.Go(func() {
				if _, err := c.Post(t.Context(), Request{URL: server.URL, Body: []byte("{}"), Timeout: patient}); err != nil {
					t.Error(err)
				}
			})
		}
		posts.Wait()
	}
	if got := connections.Load(); got != atOnce {
		t.Errorf("%d rounds of %d requests took %d connections; want %d", rounds, atOnce, got, atOnce)
	}
}

func TestCanceledCallSaysNothingOfTheReceiver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	to := listen(t, "127.0.0.1", func(conn net.Conn) {
		readRequest(bufio.NewReader(conn))
		cancel()
		io.Copy(io.Discard, conn)
	})
	c := newClient(t, Options{AllowNetworks: loopback})
	if _, err := c.Post(ctx, Request{URL: "http://" + to.String(), Timeout: patient}); !errors.Is(err, ErrCanceled) {
		t.Errorf("got %v; want %v", err, ErrCanceled)
	}
}

// endless is a body whose first read ends the call.
type endless struct{ end context.CancelFunc }

func (e endless) Read([]byte) (int, error) {
	e.end()
	return 0, context.Canceled
}

func (endless) Close() error { return nil }

func TestStatusStandsWhenTheCallIsCanceledInTheBody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	got := read(ctx, &http.Response{StatusCode: 200, Body: endless{cancel}})
	if got.Status != 200 || !errors.Is(got.BodyErr, ErrCanceled) {
		t.Errorf("got %d, body %v; want 200, %v", got.Status, got.BodyErr, ErrCanceled)
	}
}

func TestCloseEndsIdleConnections(t *testing.T) {
	ended := make(chan struct{})
	to := listen(t, "127.0.0.1", func(conn net.Conn) {
		defer close(ended)
		readRequest(bufio.NewReader(conn))
		io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		io.Copy(io.Discard, conn)
	})
	c := New(Options{AllowNetworks: loopback})
	if _, err := c.Post(t.Context(), Request{URL: "http://" + to.String(), Body: []byte("{}"), Timeout: patient}); err != nil {
		t.Error(err)
	}
	c.Close()
	mustEnd(t, ended)
}

// TestConnectionClosedWhileIdleIsBroken knows net/http's error, which only a race brings about, by its text.
func TestConnectionClosedWhileIdleIsBroken(t *testing.T) {
	if err := classify(t.Context(), errors.New("http: server closed idle connection")); !errors.Is(err, ErrConnect) {
		t.Errorf("got %v; want %v", err, ErrConnect)
	}
}

func TestInvalidHeaderIsRefusedBeforeDialling(t *testing.T) {
	bird := loopbackCanary(t)
	c := newClient(t, Options{AllowNetworks: loopback})
	for _, h := range []http.Header{{"X": {"a\r\nY: b"}}, {"X Y": {"a"}}, {"X": {"\x00"}}, {"": {"a"}}} {
		_, err := c.Post(t.Context(), Request{URL: "http://" + bird.addr.String(), Header: h, Timeout: patient})
		if !errors.Is(err, ErrURL) {
			t.Errorf("header %q: got %v; want %v", h, err, ErrURL)
		}
	}
	bird.mustBeAlone(t)
}

func ExampleClient_Post() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "got %d bytes", r.ContentLength)
	}))
	defer receiver.Close()

	c := New(Options{AllowNetworks: loopback})
	defer c.Close()
	response, err := c.Post(context.Background(), Request{URL: receiver.URL, Body: []byte(`{"type":"contact.tag.added"}`)})
	fmt.Printf("%d %s %v\n", response.Status, response.Body, err)
	// Output: 200 got 28 bytes <nil>
}
