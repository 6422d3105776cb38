package need

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
)

// receiverVariable makes a test binary the receiver of another.
const receiverVariable = "TENTERHOOK_TEST_RECEIVER"

func init() {
	if os.Getenv(receiverVariable) != "" {
		receive()
	}
}

// Receiver starts a process that answers 204 to every request until the test ends, and returns its URL. For a measurement it
// is a process of its own, as receivers are: within the sender's it would share its garbage collection.
func Receiver(t testing.TB) (url string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), receiverVariable+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	lines := Talk(t, cmd)
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	return Line(t, lines)
}

// receive is what that process does: it says where it is, and lives as long as its input is open.
func receive() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Printf("http://%s\n", l.Addr())
	_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	os.Exit(1)
}
