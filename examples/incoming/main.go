// Command incoming shows a service whose customer has data come in from elsewhere and people invited to a survey. It needs no
// server, no account and no flag:
//
//	go run ./examples/incoming
//
// It sends requests to an incoming automation as others would, JSON and a form with an API key and JSON that is signed, shows
// the runs that come of them, and prints the invitations that reach its own mail server. Then it calls a URL webhook as a
// browser does, and shows what that changed in the directory of respondents. Its exit status is 0 if everything came as it
// should, 2 if the command line is wrong, else 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // who does not read the output must not keep the command from removing what it made
	err := run(context.Background(), os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "incoming:", err)
	}
	os.Exit(exitStatus(err))
}

var errUsage = errors.New("see -help")

func exitStatus(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return 2
	}
	return 1
}

// settings are what the command line says.
type settings struct {
	serve  bool
	memory bool
}

func parse(args []string, stdout io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("incoming", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are returned
	flags.BoolVar(&s.serve, "serve", false, "go on until Ctrl-C, for requests of your own")
	flags.BoolVar(&s.memory, "memory", false, "keep the directory of respondents in memory instead of SQLite")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Usage: incoming [-memory] [-serve]")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w: %w", err, errUsage)
	case flags.NArg() > 0:
		return s, fmt.Errorf("argument %q has no meaning: %w", flags.Arg(0), errUsage)
	}
	return s, nil
}

// run is the command. It ends early, and in order, when ctx ends or a person presses Ctrl-C.
func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	s, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	h, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.show(ctx, stdout); err != nil {
		return err
	}
	if s.serve {
		if _, err := fmt.Fprintln(stdout, "\nThe service goes on until Ctrl-C."); err != nil {
			return err // nobody would know
		}
		<-ctx.Done()
	}
	return nil
}
