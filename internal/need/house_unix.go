//go:build unix

package need

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// house makes a folder for cmd to work in, and cmd run in a session of its own, where no Ctrl-C and no signal to this process's
// group reaches it. PostgreSQL refuses to run as root, for whom cmd runs in the name of an ordinary user, who owns the folder.
//
// The folder is in /tmp: a socket's path must be short, and the place that TMPDIR names may be closed to that user.
func house(cmd *exec.Cmd) (folder string, err error) {
	if err = detach(cmd); err != nil {
		return "", err
	}
	if folder, err = os.MkdirTemp("/tmp", "tenterhook-"); err != nil {
		return "", err
	}
	if c := cmd.SysProcAttr.Credential; c != nil {
		if err := os.Chown(folder, int(c.Uid), int(c.Gid)); err != nil {
			return "", errors.Join(err, os.Remove(folder))
		}
	}
	return folder, nil
}

// detach has cmd run in a session of its own, and not as root.
func detach(cmd *exec.Cmd) (err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential, err = ordinary()
	}
	return err
}

// ordinary returns a user who is not root.
func ordinary() (*syscall.Credential, error) {
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errUID, errGID)
}
