package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// errUsage marks a command line that cannot be followed.
var errUsage = errors.New("see -help")

const usage = `Usage: quickstart [-events FILE] [-keep DIR] [-serve]

Publishes the sample of every standard event type to two automations and shows
what becomes of the runs: contact.* events are sent whole, and some variables of
the responses to survey sv_214 under their data labels.

`

// settings are what the command line says.
type settings struct {
	events string
	keep   string
	serve  bool
}

func parse(args []string, stdout io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are returned
	flags.StringVar(&s.events, "events", "", "publish the events of `FILE`, one JSON object a line, instead of the samples; - is the standard input")
	flags.StringVar(&s.keep, "keep", "", "keep the store in the folder `DIR`")
	flags.BoolVar(&s.serve, "serve", false, "go on until Ctrl-C")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
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

// place is where the store is.
type place struct {
	file      string
	temporary string // the folder to remove, if any
}

// place makes the folder for the store.
func (s settings) place() (place, error) {
	if s.keep == "" {
		dir, err := os.MkdirTemp("", "quickstart-")
		if err != nil {
			return place{}, fmt.Errorf("make temporary folder: %w: see that %q exists and may be written", err, os.TempDir())
		}
		return place{file: filepath.Join(dir, "quickstart.db"), temporary: dir}, nil
	}
	p := place{file: filepath.Join(s.keep, "quickstart.db")}
	if _, err := os.Lstat(p.file); err == nil {
		return p, fmt.Errorf("keep store: %q exists, and its automations call a receiver that is gone: name another folder, or remove it", p.file)
	}
	if err := os.MkdirAll(s.keep, 0o700); err != nil { // the store holds signing secrets and messages
		return p, fmt.Errorf("keep store: %w", err)
	}
	return p, nil
}

// fate says what becomes of the store.
func (p place) fate() string {
	if p.temporary != "" {
		return "removed at the end; -keep DIR keeps it"
	}
	return "kept"
}

func (p place) leave() error {
	if p.temporary == "" {
		return nil
	}
	return os.RemoveAll(p.temporary)
}
