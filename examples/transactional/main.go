// Command transactional shows events that exist exactly if the host's own transaction commits: a shop writes an order, publishes
// "shop.order.placed" and takes the goods from the stock, all in one transaction. When the stock does not suffice, order and event
// are rolled back together.
//
//	go run ./examples/transactional
//	go run ./examples/transactional -postgres postgres://user:password@localhost/shop
//
// The customer's receiver verifies what arrives. The exit status is 0 if every order that was committed arrived and none that was
// rolled back, 2 if the command line is wrong, else 1.
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
		fmt.Fprintf(os.Stderr, "transactional: %v\n", err)
	}
	os.Exit(exitStatus(err))
}

// run is the command. It ends early, and in order, when ctx ends or a person presses Ctrl-C.
func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	dsn, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	db, err := openDatabase(ctx, dsn)
	if err != nil {
		return err
	}
	s, err := open(ctx, db)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.show(ctx, stdout)
}

// errUsage marks a command line that cannot be followed.
var errUsage = errors.New("see -help")

// parse returns the DSN of a PostgreSQL database, or none for a file.
func parse(args []string, stdout io.Writer) (dsn string, err error) {
	flags := flag.NewFlagSet("transactional", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are returned
	flags.StringVar(&dsn, "postgres", "", "use the PostgreSQL database that `DSN` names, in schemas that are removed at the end, instead of a file")
	err = flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Usage: transactional [-postgres DSN]\n\nPlaces orders and publishes their events in one transaction each, and shows what arrives.")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return "", err
	case err != nil:
		return "", fmt.Errorf("%w: %w", err, errUsage)
	case flags.NArg() > 0:
		return "", fmt.Errorf("argument %q has no meaning: %w", flags.Arg(0), errUsage)
	}
	return dsn, nil
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
