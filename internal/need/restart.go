package need

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"
)

// Server is a PostgreSQL server of a test's own, which ends with it, with an empty database.
type Server struct {
	DSN    string // of the database
	bin    string
	folder string
}

// PostgresServer starts a server that the test may do anything to, whatever TENTERHOOK_POSTGRES names. The need is called postgres.
func PostgresServer(t testing.TB) *Server {
	t.Helper()
	bin, err := holding(postgresFolders(), "initdb", "pg_ctl", "postgres", "psql")
	if err != nil {
		lack(t, "postgres", err.Error())
	}
	k := &keeper{}
	dsn, err := k.start(bin)
	if err != nil {
		lack(t, "postgres", err.Error())
	}
	t.Cleanup(func() {
		if err := k.lifeline.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Server{DSN: dsn, bin: bin, folder: k.folder}
}

// Restart ends the server without letting it finish anything, as a crash does, and starts it again. It returns when the server
// takes connections.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	restart := exec.CommandContext(t.Context(), filepath.Join(s.bin, "pg_ctl"), "restart", "--wait", "--mode=immediate",
		"--pgdata="+filepath.Join(s.folder, "data"), "--log="+filepath.Join(s.folder, "log"))
	restart.Dir = s.folder
	if err := detach(restart); err != nil {
		t.Fatal(err)
	}
	if out, err := restart.CombinedOutput(); err != nil {
		t.Fatalf("restart PostgreSQL: %v: %q", err, bytes.TrimSpace(out))
	}
}
