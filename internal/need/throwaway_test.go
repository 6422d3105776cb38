package need

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const endVariable = "TENTERHOOK_TEST_END" // how the process is to end

// endWithServer starts a server, tells where it is, and ends the process.
func endWithServer(how string) {
	s, err := findServer(postgresFolders())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Println(s.dsn)
	switch how {
	case "exit":
		os.Exit(0)
	case "panic":
		panic("as it was told to")
	default:
		_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
	}
}

func TestServerEndsWithItsProcess(t *testing.T) {
	ownServer(t)
	for _, how := range []string{"exit", "panic", "kill"} {
		t.Run(how, func(t *testing.T) { wantGone(t, serverOf(t, how)) })
	}
}

// wantGone waits until a server's folder is removed, which comes after its end.
func wantGone(t *testing.T, folder string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("the server's folder %q is still there", folder)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// serverOf returns the folder of the server of a process that has ended.
func serverOf(t *testing.T, how string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), program)
	process.Env = append(os.Environ(), endVariable+"="+how)
	stdin, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the process did not tell its server: %v", err)
	}
	if how == "kill" {
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	if err := process.Wait(); (err == nil) != (how == "exit") {
		t.Fatalf("the process that was to end with %q ended with %v", how, err)
	}
	dsn, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return dsn.Query().Get("host")
}

func TestServerThatDoesNotStartSaysWhyAndLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("servers are started on Unix only")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "initdb"), []byte("#!/bin/sh\necho no room on the device\nexit 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Dir(bin), bin, filepath.Join(bin, "initdb")} {
		if err := os.Chmod(name, 0o755); err != nil { // for the user in whose name it runs
			t.Fatal(err)
		}
	}
	var k keeper
	if dsn, err := k.start(bin); err == nil || !strings.Contains(err.Error(), "no room on the device") {
		t.Errorf("server at %q, error %v; want the reason", dsn, err)
	}
	wantGone(t, k.folder)
}
