package need

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Talk starts a program and returns what reads from its output; what it says of errors is seen with the test's.
func Talk(t testing.TB, cmd *exec.Cmd) *bufio.Reader {
	t.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(out)
}

// Line returns the next line that such a program prints, without its end.
func Line(t testing.TB, lines *bufio.Reader) string {
	t.Helper()
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("the process said %q: %v", line, err)
	}
	return strings.TrimSpace(line)
}
