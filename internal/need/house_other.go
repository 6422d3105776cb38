//go:build !unix

package need

import (
	"errors"
	"os/exec"
)

var errElsewhere = errors.New("this works on Unix only: name a server in TENTERHOOK_POSTGRES")

func house(*exec.Cmd) (folder string, err error) { return "", errElsewhere }

func detach(*exec.Cmd) error { return errElsewhere }
