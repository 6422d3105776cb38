package email

import (
	"bufio"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// scripted is a server that answers by a script, and breaks off or falls silent where that ends.
type scripted struct {
	answers []string // the greeting first; "" reads a message up to its end, or breaks off in the middle of it
	silent  bool     // it keeps the connection open at the end, and says no more

	mu       sync.Mutex
	messages []string // as far as they came
}

// start serves any number of connections, and returns options for it.
func (s *scripted) start(t testing.TB) Options {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		wg.Wait()
	})
	return Options{Host: "127.0.0.1", Port: portOf(t, listener), Encryption: NoTLS, From: "desk@example.org"}
}

const breakOff = "break off in the middle of a message"

func (s *scripted) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i, answer := range s.answers {
		if answer == breakOff {
			part := make([]byte, 300)
			_, _ = in.Read(part)
			return
		}
		if i > 0 && strings.HasPrefix(s.answers[i-1], "354") {
			message, err := textproto.NewReader(in).ReadDotBytes()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.messages = append(s.messages, string(message))
			s.mu.Unlock()
		} else if i > 0 {
			if _, err := in.ReadString('\n'); err != nil {
				return
			}
		}
		if answer == "" {
			return
		}
		if _, err := conn.Write([]byte(answer + "\r\n")); err != nil {
			return
		}
	}
	if s.silent {
		_, _ = in.WriteTo(discard{}) // until the client leaves
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
