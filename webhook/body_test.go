package webhook_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

// dial opens a connection to a house and says what is to be said.
func (h *house) dial(text string) (net.Conn, *bufio.Reader) {
	h.Helper()
	c, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		h.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

func (h *house) answered(from *bufio.Reader, want int) http.Header {
	h.Helper()
	resp, err := http.ReadResponse(from, nil)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != want || !strings.Contains(string(body), fmt.Sprintf(`"status":%d`, want)) && want != 202 {
		h.Errorf("answered %d %s, want %d", resp.StatusCode, body, want)
	}
	return resp.Header
}

// ATTACKS 39: a body is bounded, whatever its length is said to be, and a slow one is not waited for.
func TestBodiesAreBounded(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{MaxBody: 1000, BodyTimeout: 200 * time.Millisecond})
	a, key := h.open(inviting())
	head := "POST /in/" + a.ID + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key + "\r\nContent-Type: application/json\r\n"
	fits := `{"email":"ada@example.com","name":"` + strings.Repeat("n", 1000-37) + `"}`
	if len(fits) != 1000 {
		t.Fatal(len(fits))
	}
	chunk := func(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }
	for name, tt := range map[string]struct {
		text string
		want int
	}{
		"as long as may be":               {head + "Content-Length: 1000\r\n\r\n" + fits, 202},
		"as long as may be, open":         {head + "Transfer-Encoding: chunked\r\n\r\n" + chunk(fits) + "0\r\n\r\n", 202},
		"a byte over":                     {head + "Content-Length: 1001\r\n\r\n" + fits + " ", 413},
		"a byte over, nothing of it sent": {head + "Content-Length: 1001\r\n\r\n", 413},
		"a terabyte":                      {head + "Content-Length: 1099511627776\r\n\r\n", 413},
		"a byte over, in chunks":          {head + "Transfer-Encoding: chunked\r\n\r\n" + chunk(fits) + chunk(" ") + "0\r\n\r\n", 413},
		"chunks without end":              {head + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk("          "), 10_000), 413},
		"slow":                            {head + "Content-Length: 1000\r\n\r\n{", 408},
		"slow, in chunks":                 {head + "Transfer-Encoding: chunked\r\n\r\n" + chunk("{"), 408},
		"a broken chunk":                  {head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
		"slow, nobody's":                  {strings.Replace(head, key, "", 1) + "Content-Length: 1000\r\n\r\n{", 408},
	} {
		t.Run(name, func(t *testing.T) {
			h := *h
			h.T = t
			_, from := h.dial(tt.text)
			header := h.answered(from, tt.want)
			if tt.want != 202 && header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers are %v", header)
			}
		})
	}
	c, from := h.dial(head + "Content-Length: 1000\r\n\r\n{")
	if err := c.(*net.TCPConn).CloseWrite(); err != nil { // it ends before its end
		t.Fatal(err)
	}
	h.answered(from, 400)
}

// ATTACKS 39: a slow body is not waited for where nobody reads it either: a server reads on before it answers.
func TestUnreadBodiesAreNotWaitedFor(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{BodyTimeout: 200 * time.Millisecond})
	a, key := h.open(inviting())
	in, right, wrong := "/in/"+a.ID, "X-API-Key: "+key, "X-API-Key: thk_wrong"
	const slow, chunked = "Content-Length: 1000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
	for name, tt := range map[string]struct {
		line, header, rest string
		want               int
	}{
		"wrong key":             {"POST " + in, wrong, slow, 401},
		"wrong key, in chunks":  {"POST " + in, wrong, chunked, 401},
		"a method without use":  {"PUT " + in, right, slow, 405},
		"a query":               {"GET " + in + "?email=ada@example.com", right, slow, 202},
		"wrong URL credentials": {"POST /webhooks/acct_1/k/a/add-respondent", right, slow, 401},
		"no URL credentials":    {"POST /webhooks/acct_1", right, slow, 401},
	} {
		t.Run(name, func(t *testing.T) {
			c, from := h.dial(tt.line + " HTTP/1.1\r\nHost: x\r\n" + tt.header + "\r\n" + tt.rest)
			if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(from, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != tt.want || !resp.Close {
				t.Errorf("answered %d, and the connection's end is %v; want %d, and its end", resp.StatusCode, resp.Close, tt.want)
			}
		})
	}
}

// ATTACKS 39: bodies of one account take no more memory than they may, and those over it are told to come again.
func TestMemoryOfBodiesIsBounded(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{MaxBody: 1000, MaxMemory: 5000})
	a, key := h.open(inviting())
	head := "POST /in/" + a.ID + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nX-API-Key: " + key + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
	var open []net.Conn
	var readers []*bufio.Reader
	for range 2 {
		c, from := h.dial(head)
		if line, err := from.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") { // it is being read
			t.Fatal(line, err)
		}
		_, _ = from.ReadString('\n')
		open, readers = append(open, c), append(readers, from)
	}
	_, from := h.dial(head)
	if header := h.answered(from, 503); header.Get("Retry-After") != "1" {
		t.Errorf("headers are %v", header)
	}
	_, from = h.dial("POST /in/" + a.ID + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key + "\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n" + `{"email":"ada@example.com"}`)
	h.answered(from, 202) // a small one has room
	for i, c := range open {
		if _, err := io.WriteString(c, `{"email":"ada@example.com"}`+strings.Repeat(" ", 1000-27)); err != nil {
			t.Fatal(err)
		}
		h.answered(readers[i], 202)
	}
	_, from = h.dial(head)
	if line, err := from.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Errorf("what was read is not given back: %s, %v", line, err)
	}
}

// ATTACKS 39: what a body becomes counts too. One that becomes a lot is taken alone, and leaves others their half.
func TestMemoryOfValuesIsBounded(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{MaxBody: 1000, MaxMemory: 4000})
	a, key := h.open(inviting())
	many := func(length int) call {
		body := `{"email":"ada@example.com","n":[0` + strings.Repeat(",0", (length-35)/2) + "]}"
		return jsonCall("/in/"+a.ID, key, body)
	}
	if got := h.send(many(999)); got.Status != 202 {
		t.Errorf("alone it is answered %d %s", got.Status, got.Body)
	}
	head := "POST /in/" + a.ID + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nX-API-Key: " + key + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
	_, from := h.dial(head)
	if line, err := from.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatal(line, err)
	}
	if got := h.send(many(999)); got.Status != 503 || got.Header.Get("Retry-After") != "1" {
		t.Errorf("beside another it is answered %d %s, %v", got.Status, got.Body, got.Header)
	}
	if got := h.send(jsonCall("/in/"+a.ID, key, someone)); got.Status != 202 {
		t.Errorf("a small one beside it is answered %d %s", got.Status, got.Body)
	}
}

// ATTACKS 39: who fills the memory with bodies that do not come keeps others out as little as can be: strangers nobody who has a
// key, an account no other. All together have no more than there is.
func TestSlowBodiesShutOutNobodyElse(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{MaxBody: 1000, MaxMemory: 4000})
	a, key := h.open(inviting())
	other := inviting()
	other.Account = "acct_2"
	b, otherKey := h.open(other)
	head := func(id, key, length string) string {
		return "POST /in/" + id + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nX-API-Key: " + key + "\r\nContent-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n"
	}
	stall := func(id, key string) {
		_, from := h.dial(head(id, key, "1000"))
		if line, err := from.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatal(line, err)
		}
	}
	refused := func(id, key, length string) {
		t.Helper()
		_, from := h.dial(head(id, key, length))
		h.answered(from, 503)
	}
	stall("aut_nobodys", "")
	stall(a.ID, "")
	refused(a.ID, "", "1")
	stall(a.ID, key)
	if got := h.send(jsonCall("/in/"+b.ID, otherKey, someone)); got.Status != 202 {
		t.Errorf("another account is answered %d %s", got.Status, got.Body)
	}
	stall(b.ID, otherKey)
	refused(a.ID, key, "1")
}

// ATTACKS 39: a connection is as good after a request as before it, however long it is idle.
func TestReadDeadlineEndsWithTheBody(t *testing.T) {
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{BodyTimeout: 30 * time.Millisecond})
	a, key := h.open(inviting())
	text := "POST /in/" + a.ID + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key + "\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n" + `{"email":"ada@example.com"}`
	c, from := h.dial(text)
	h.answered(from, 202)
	<-time.After(100 * time.Millisecond)
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	h.answered(from, 202)
}
