// Command quickstart shows Tenterhook at work in one process: a service that gives a customer two automations, and the
// customer's receiver, which is out of order at first. It needs no server, no account and no flag:
//
//	go run ./examples/quickstart
//
// It publishes the samples of the standard event types, or the events of a file, shows the runs on their way, the
// attempts of those that were retried, and a replay. Its exit status is 0 if every run succeeded and the receiver
// verified each of them, 2 if the command line is wrong, else 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // who does not read the output must not keep the command from removing what it made
	err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout)
	complain(os.Stderr, err)
	os.Exit(exitStatus(err))
}

// run is the command. It ends early, and in order, when ctx ends or a person presses Ctrl-C.
func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) (err error) {
	began := time.Now()
	s, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	evs, err := s.load(stdin) // before anything is made: a bad line leaves no trace
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for the drain

	place, err := s.place()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.leave()) }()
	h, err := open(ctx, place.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.show(ctx, evs, stdout); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nStore: %s (%s). Receiver: %s. It took %.1f s.\n",
		printable(place.file), place.fate(), h.receiver.url, time.Since(began).Seconds())
	if s.serve {
		if _, err := fmt.Fprintln(stdout, "Dispatcher and receiver go on until Ctrl-C."); err != nil {
			return err // nobody would know
		}
		<-ctx.Done()
	}
	return nil
}

// complain prints an error, which may quote what came from outside.
func complain(stderr io.Writer, err error) {
	if err == nil {
		return
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, "quickstart:", printable(line))
	}
}

func exitStatus(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return 2
	}
	return 1
}
