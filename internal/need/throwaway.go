package need

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const startTimeout = time.Minute

//go:embed throwaway.sh
var throwawayScript string

// throwaway is the PostgreSQL server of this process.
//
// It must not outlive the process, however that ends, and a test package's TestMain is not ours. So a shell keeps the server, and
// ends it when its standard input does: the kernel closes the other end, lifeline, in every case. It is a variable because the
// collector would close a file that nothing refers to.
var throwaway keeper

type keeper struct {
	once     sync.Once
	lifeline *os.File
	folder   string
	err      error
}

// start returns the server's DSN; the first call starts the server, with the programs in bin.
func (k *keeper) start(bin string) (string, error) {
	k.once.Do(func() {
		if err := k.keep(throwawayScript, bin); err != nil {
			k.err = fmt.Errorf("start PostgreSQL: %w", err)
		}
	})
	query := url.Values{"host": {k.folder}, "port": {"5432"}}
	return "postgres://tenterhook@/postgres?" + query.Encode(), k.err
}

// keep has a shell run a script with one argument and its folder.
func (k *keeper) keep(script, argument string) error {
	shell := exec.Command("/bin/sh", "-c", script, "keeper", argument)
	folder, err := house(shell)
	if err != nil {
		return err
	}
	k.folder = folder
	shell.Args, shell.Dir, shell.Env = append(shell.Args, folder), folder, []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	stdin, lifeline, err := os.Pipe()
	if err != nil {
		return errors.Join(err, os.Remove(folder))
	}
	k.lifeline = lifeline
	defer stdin.Close()
	answer, stdout, err := os.Pipe()
	if err != nil {
		return errors.Join(err, os.Remove(folder))
	}
	defer answer.Close()
	shell.Stdin, shell.Stdout, shell.Stderr = stdin, stdout, stdout
	err = shell.Start()
	stdout.Close()
	if err != nil {
		return errors.Join(err, os.Remove(folder))
	}
	return k.hear(answer) // from here on the shell removes the folder
}

// hear waits until the shell has said how it went.
func (k *keeper) hear(answer *os.File) error {
	if err := answer.SetReadDeadline(time.Now().Add(startTimeout)); err != nil {
		return err
	}
	said, err := io.ReadAll(answer)
	if text := strings.TrimSpace(string(said)); err != nil || text != "ready" {
		return errors.Join(fmt.Errorf("it said %q", text), err, k.lifeline.Close())
	}
	return nil
}
